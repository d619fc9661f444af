#include "text/regex/pattern_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "text/unicode/code_points.h"

namespace clipclap::text {

char32_t PatternReader::next() {
  if (at_end()) fail("it ends too early");
  return next_code_point(pattern_, offset_);
}

bool PatternReader::starts_with(std::string_view text) const { return rest().starts_with(text); }

bool PatternReader::accept(std::string_view text) {
  if (!starts_with(text)) return false;
  offset_ += text.size();
  return true;
}

std::optional<unsigned> PatternReader::accept_number(unsigned base, std::size_t most) {
  const auto digit_value = [](char c) -> unsigned {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return 99;
  };
  constexpr unsigned kEnough = 0x7FFFFFF;  // beyond every count and code point
  unsigned value = 0;
  std::size_t count = 0;
  for (; !at_end() && count < most && digit_value(pattern_[offset_]) < base; ++count, ++offset_) {
    value = std::min(value * base + digit_value(pattern_[offset_]), kEnough);
  }
  if (count == 0) return std::nullopt;
  return value;
}

std::optional<std::pair<unsigned, std::optional<unsigned>>> PatternReader::accept_interval() {
  const std::size_t begin = offset_;
  const auto least = accept_number(10, 10);
  std::optional<unsigned> most = least;
  if (accept(",")) most = accept_number(10, 10);
  if ((!least && !most) || !accept("}")) {
    offset_ = begin;
    return std::nullopt;
  }
  return std::pair{least.value_or(0), most};
}

std::optional<unsigned> PatternReader::accept_back_reference(unsigned groups) {
  if (at_end() || pattern_[offset_] < '1' || pattern_[offset_] > '9') return std::nullopt;
  const std::size_t begin = offset_;
  const auto number = accept_number(10, 10);
  if (number && (*number < 10 || *number <= groups)) return number;
  offset_ = begin;
  return std::nullopt;
}

std::string PatternReader::read_name(char end) {
  std::string name;
  while (true) {
    if (at_end()) fail("a group's name is not closed");
    const char c = pattern_[offset_++];
    if (c == end) break;
    name.push_back(c);
  }
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  if (name.empty() || !is_plain) unsupported("a group's name of other than letters and digits");
  return name;
}

void PatternReader::fail(std::string_view what) const {
  throw Error(ErrorCode::kInvalidData,
              fmt::format("the regular expression \"{}\" is wrong: {}", shorten(pattern_), what));
}

void PatternReader::unsupported(std::string_view what) const {
  throw Error(ErrorCode::kUnsupported,
              fmt::format("the regular expression \"{}\" holds {}, which is not supported",
                          shorten(pattern_), what));
}

std::optional<SetEscape> read_set_escape(PatternReader& reader) {
  struct Row {
    std::string_view letter, property;
    bool negated;
  };
  constexpr Row kLetters[] = {{"s", "space", false},  {"S", "space", true}, {"d", "digit", false},
                              {"D", "digit", true},   {"w", "word", false}, {"W", "word", true},
                              {"h", "xdigit", false}, {"H", "xdigit", true}};
  for (const auto& row : kLetters) {
    if (reader.accept(row.letter)) return SetEscape{std::string(row.property), row.negated};
  }
  const bool positive = reader.accept("p{");
  if (!positive && !reader.accept("P{")) return std::nullopt;
  const bool circumflex = reader.accept("^");
  const std::size_t length = reader.rest().find('}');
  if (length == std::string_view::npos) reader.fail("a property's name is not closed");
  const std::string name = normalize_property_name(reader.rest().substr(0, length));
  if (!is_known_property(name)) reader.fail(fmt::format("there is no property \"{}\"", name));
  reader.skip(length + 1);
  return SetEscape{name, positive == circumflex};
}

namespace {

char32_t checked(PatternReader& reader, unsigned code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    reader.fail("an escape stands for no character");
  }
  return code_point;
}

/// "\xE4\xBD\xA0": bytes above 0x7F are those of UTF-8.
char32_t read_bytes(PatternReader& reader, unsigned first) {
  std::string bytes(1, static_cast<char>(first));
  while (bytes.size() < utf8_length(bytes.front())) {
    if (!reader.accept("\\x")) reader.fail("a character's bytes are not complete");
    const auto byte = reader.accept_number(16, 2);
    if (!byte) reader.fail("a character's bytes are not complete");
    bytes.push_back(static_cast<char>(*byte));
  }
  std::size_t offset = 0;
  const auto c = decode_utf8(bytes, offset);
  if (!c) reader.fail("a character's bytes are not UTF-8");
  return *c;
}

std::vector<char32_t> read_hexadecimal(PatternReader& reader) {
  std::vector<char32_t> result;
  if (!reader.accept("{")) {
    const unsigned value = reader.accept_number(16, 2).value_or(0);
    result.push_back(value < 0x80 ? checked(reader, value) : read_bytes(reader, value));
    return result;
  }
  while (!reader.accept("}")) {
    while (reader.accept(" ") || reader.accept("\n")) {
    }
    if (reader.accept("}")) break;
    const auto value = reader.accept_number(16, 8);
    if (!value) reader.fail("a number in \"\\x{}\" is wrong");
    result.push_back(checked(reader, *value));
  }
  if (result.empty()) reader.fail("\"\\x{}\" is empty");
  return result;
}

char32_t read_control(PatternReader& reader) {
  const char32_t c = reader.next();
  return c == '?' ? 0x7F : c & 0x9F;
}

}  // namespace

std::vector<char32_t> read_code_points(PatternReader& reader) {
  constexpr std::pair<std::string_view, char32_t> kLetters[] = {
      {"t", '\t'}, {"n", '\n'}, {"r", '\r'}, {"f", '\f'}, {"v", '\v'}, {"a", '\a'}, {"e", 0x1B}};
  for (const auto& [letter, c] : kLetters) {
    if (reader.accept(letter)) return {c};
  }
  if (reader.accept("x")) return read_hexadecimal(reader);
  if (reader.accept("u")) {
    const std::string_view digits = reader.rest();
    const auto value = reader.accept_number(16, 4);
    if (!value || digits.size() - reader.rest().size() != 4) reader.fail("\\u needs four digits");
    return {checked(reader, *value)};
  }
  if (reader.accept("o{")) {
    const auto value = reader.accept_number(8, 11);
    if (!value || !reader.accept("}")) reader.fail("a number in \"\\o{}\" is wrong");
    return {checked(reader, *value)};
  }
  if (reader.accept("c") || reader.accept("C-")) return {read_control(reader)};
  if (reader.accept("M-")) reader.unsupported("a meta character");
  if (reader.starts_with("8") || reader.starts_with("9")) reader.fail("there is no such group");
  if (const auto octal = reader.accept_number(8, 3)) return {checked(reader, *octal)};
  return {reader.next()};
}

namespace {

class ClassReader {
 public:
  explicit ClassReader(PatternReader& reader) : reader_(reader) {}

  CharacterClass read(int depth) {
    constexpr int kMaximumDepth = 32;
    if (depth > kMaximumDepth) reader_.unsupported("classes nested this deeply");
    CharacterClass result;
    result.negated = reader_.accept("^");
    result.operands.emplace_back();
    // A "]" right at the beginning stands for itself where another one follows.
    if (reader_.accept("]")) {
      if (reader_.rest().find(']') == std::string_view::npos) reader_.fail("a class is empty");
      add_from(result.operands.back(), ']');
    }
    while (!reader_.accept("]")) {
      if (reader_.at_end()) reader_.fail("a class is not closed");
      if (reader_.accept("&&")) {
        result.operands.emplace_back();
        continue;
      }
      read_item(result.operands.back(), depth);
    }
    return result;
  }

 private:
  using Item = CharacterClass::Item;

  void read_item(std::vector<Item>& items, int depth) {
    if (read_posix_bracket(items)) return;
    if (reader_.accept("[")) {
      Item item;
      item.kind = Item::Kind::kClass;
      item.nested = std::make_unique<CharacterClass>(read(depth + 1));
      items.push_back(std::move(item));
      return;
    }
    if (!reader_.accept("\\")) return add_from(items, reader_.next());
    if (const auto set = read_set_escape(reader_)) {
      add_property(items, set->property, set->negated);
      if (reader_.starts_with("-") && !reader_.starts_with("-]")) {
        reader_.fail("a range cannot begin with a set");
      }
      return;
    }
    const auto code_points = read_class_code_points();
    for (std::size_t i = 0; i + 1 < code_points.size(); ++i) add_range(items, code_points[i]);
    add_from(items, code_points.back());
  }

  std::vector<char32_t> read_class_code_points() {
    if (reader_.accept("b")) return {'\b'};
    return read_code_points(reader_);
  }

  bool read_posix_bracket(std::vector<Item>& items) {
    if (!reader_.starts_with("[:")) return false;
    const std::string_view rest = reader_.rest().substr(2);
    const std::size_t length = rest.find(":]");
    constexpr std::size_t kLongestName = 20;
    if (length > kLongestName) return false;  // npos too
    const bool negated = rest.starts_with('^');
    const std::string_view name = rest.substr(negated ? 1 : 0, length - (negated ? 1 : 0));
    constexpr std::string_view kNames[] = {"alnum", "alpha", "ascii", "blank", "cntrl",
                                           "digit", "graph", "lower", "print", "punct",
                                           "space", "upper", "word",  "xdigit"};
    if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) return false;
    reader_.skip(2 + length + 2);
    add_property(items, name == "punct" ? "posixpunct" : std::string(name), negated);
    return true;
  }

  static void add_property(std::vector<Item>& items, std::string property, bool negated) {
    Item item;
    item.kind = Item::Kind::kProperty;
    item.property = std::move(property);
    item.negated = negated;
    items.push_back(std::move(item));
  }

  static void add_range(std::vector<Item>& items, char32_t first, char32_t last) {
    Item item;
    item.first = first;
    item.last = last;
    items.push_back(std::move(item));
  }
  static void add_range(std::vector<Item>& items, char32_t c) { add_range(items, c, c); }

  /// Adds a character, or the range that it begins.
  void add_from(std::vector<Item>& items, char32_t first) {
    const bool is_range = reader_.starts_with("-") && !reader_.starts_with("-]") &&
                          !reader_.starts_with("-[") && !reader_.starts_with("-&&");
    if (!is_range) return add_range(items, first);
    reader_.accept("-");
    char32_t last = 0;
    if (reader_.accept("\\")) {
      if (read_set_escape(reader_)) reader_.fail("a range cannot end with a set");
      last = read_class_code_points().front();
    } else {
      last = reader_.next();
    }
    if (last < first) reader_.fail("a range in a class is empty");
    add_range(items, first, last);
    // What follows a range does not make another one with its end.
    if (reader_.starts_with("-") && !reader_.starts_with("-]")) {
      reader_.accept("-");
      add_range(items, '-');
    }
  }

  PatternReader& reader_;
};

}  // namespace

CharacterClass read_character_class(PatternReader& reader) { return ClassReader(reader).read(0); }

}  // namespace clipclap::text
