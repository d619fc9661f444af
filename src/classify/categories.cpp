#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <clipclap/categories.h>
#include <clipclap/error.h>

#include "base/utf8.h"
#include "classify/word_file.h"

namespace clipclap {
namespace {

// Where names stand, for messages: "line 3" of a file, "unit 2, category 1" of a set.
struct Places {
  std::vector<std::string> units{};
  std::vector<std::vector<std::string>> categories{};  ///< of each unit
};

[[noreturn]] void refuse(const std::string& place, const std::string& message,
                         const std::string& origin) {
  throw Error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", place, message), origin);
}

void require_words(const std::string& text, std::string_view what, const std::string& place,
                   const std::string& origin) {
  if (find_invalid_utf8(text)) refuse(place, fmt::format("{} is not UTF-8", what), origin);
  if (classify::trim(text).empty()) refuse(place, fmt::format("{} is empty", what), origin);
}

// Names that have been, and where.
class NamesSeen {
 public:
  explicit NamesSeen(std::string_view kind) : kind_(kind) {}

  void add(const std::string& name, const std::string& place, const std::string& origin) {
    require_words(name, fmt::format("the name of a {}", kind_), place, origin);
    const auto [earlier, is_new] = places_.emplace(name, place);
    if (is_new) return;
    refuse(place,
           fmt::format("{0} \"{1}\" is already at {2}; give each {0} a name of its own", kind_,
                       name, earlier->second),
           origin);
  }

 private:
  std::string_view kind_;
  std::unordered_map<std::string, std::string> places_;
};

void require_prompts(const Category& category, const std::string& place,
                     const std::string& origin) {
  if (category.prompts.empty()) {
    refuse(place,
           fmt::format("category \"{}\" has no prompt; write what tells it below it, one a line",
                       category.name),
           origin);
  }
  for (const auto& prompt : category.prompts) {
    require_words(prompt, fmt::format("a prompt of category \"{}\"", category.name), place, origin);
  }
}

void require_categories(const CategoryUnit& unit, const std::string& place,
                        const std::string& origin) {
  if (unit.categories.size() > 1) return;
  refuse(place,
         unit.categories.empty()
             ? fmt::format("unit \"{}\" has no category; write at least two, (NAME) each, below it",
                           unit.name)
             : fmt::format("unit \"{}\" has only one category, which would always score 1; give it "
                           "a second one, such as (something else)",
                           unit.name),
         origin);
}

void check(const CategorySet& set, const Places& places, const std::string& origin) {
  if (set.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "holds no unit; write [UNIT], below it (CATEGORY), below it a prompt a line",
                origin);
  }
  NamesSeen units("unit");
  for (std::size_t i = 0; i < set.units.size(); ++i) {
    const auto& unit = set.units[i];
    units.add(unit.name, places.units[i], origin);
    require_categories(unit, places.units[i], origin);
    NamesSeen categories("category");
    for (std::size_t j = 0; j < unit.categories.size(); ++j) {
      const auto& place = places.categories[i][j];
      categories.add(unit.categories[j].name, place, origin);
      require_prompts(unit.categories[j], place, origin);
    }
  }
}

// The index of the bracket that closes the one at the front.
std::optional<std::size_t> find_closing(std::string_view text, char open, char close) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == open) ++depth;
    if (text[i] == close && --depth == 0) return i;
  }
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string path) : path_(std::move(path)) {}

  void take(const classify::WordLine& line) {
    const auto place = fmt::format("line {}", line.number);
    switch (line.text.front()) {
      case '[':
        return begin_unit(name_in(line.text, ']', place), place);
      case '(':
        return begin_category(name_in(line.text, ')', place), place);
      default:
        return add_prompt(line.text, place);
    }
  }

  CategorySet finish() && {
    check(set_, places_, path_);
    return std::move(set_);
  }

 private:
  std::string name_in(std::string_view text, char close, const std::string& place) const {
    const auto end = find_closing(text, text.front(), close);
    if (!end) {
      refuse(place, fmt::format("{} lacks its closing {}", text, close), path_);
    }
    if (*end + 1 < text.size()) {
      refuse(
          place,
          fmt::format("behind the closing {} stands \"{}\"; a line that begins with {} is a name "
                      "in brackets and nothing else, so begin a prompt with another character",
                      close, classify::trim(text.substr(*end + 1)), text.front()),
          path_);
    }
    return std::string(classify::trim(text.substr(1, *end - 1)));
  }

  void begin_unit(std::string name, const std::string& place) {
    set_.units.push_back({std::move(name), {}});
    places_.units.push_back(place);
    places_.categories.emplace_back();
  }

  void begin_category(std::string name, const std::string& place) {
    if (set_.units.empty()) {
      refuse(place, fmt::format("category \"{}\" is in no unit; write [UNIT] above it", name),
             path_);
    }
    set_.units.back().categories.push_back({std::move(name), {}});
    places_.categories.back().push_back(place);
  }

  void add_prompt(const std::string& text, const std::string& place) {
    if (set_.units.empty() || set_.units.back().categories.empty()) {
      refuse(place,
             fmt::format("prompt \"{}\" is in no category; write {} above it", text,
                         set_.units.empty() ? "[UNIT] and (CATEGORY)" : "(CATEGORY)"),
             path_);
    }
    set_.units.back().categories.back().prompts.push_back(text);
  }

  std::string path_;
  CategorySet set_;
  Places places_;
};

}  // namespace

void CategorySet::validate() const {
  Places places;
  for (const auto& unit : units) {
    const auto place = fmt::format("unit {}", places.units.size() + 1);
    places.units.push_back(place);
    auto& below = places.categories.emplace_back();
    while (below.size() < unit.categories.size()) {
      below.push_back(fmt::format("{}, category {}", place, below.size() + 1));
    }
  }
  check(*this, places, {});
}

CategorySet read_categories(const std::string& path) {
  Parser parser(path);
  for (const auto& line : classify::read_word_lines(path)) parser.take(line);
  return std::move(parser).finish();
}

}  // namespace clipclap
