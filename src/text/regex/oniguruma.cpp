#include "text/regex/oniguruma.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "text/regex/character_class.h"
#include "text/regex/grapheme_expression.h"
#include "text/regex/pattern_reader.h"

namespace clipclap::text {
namespace {

/// \w outside brackets, which takes six characters of Latin-1 more than inside.
std::string word(bool negated) {
  CharacterClass result = make_property_class("word", negated);
  for (const char32_t c : {U'\u00B2', U'\u00B9', U'\u00BC'}) {
    CharacterClass::Item item;
    item.first = c;
    item.last = c == U'\u00B2' ? U'\u00B3' : c == U'\u00BC' ? U'\u00BE' : c;
    result.operands[0].push_back(std::move(item));
  }
  return to_pcre2(result);
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : reader_(pattern) {}

  std::string translate() {
    while (!reader_.at_end()) translate_next();
    if (groups_.size() > 1) reader_.fail("a group is not closed");
    close_options();
    return std::move(out_);
  }

 private:
  struct Group {
    std::size_t begin = 0;  ///< where it begins in the output
    int open_options = 0;   ///< "(?i)" that reach to the group's end
    bool extended = false;  ///< white space and comments mean nothing
    bool looks_around = false;
  };
  struct Atom {
    std::size_t begin;
    bool repeatable;
    bool is_quantified = false;
  };

  void translate_next() {
    if (reader_.accept("\\")) return translate_escape();
    if (reader_.accept("[")) return add_atom(to_pcre2(read_character_class(reader_)));
    if (reader_.accept("(")) return open_group();
    if (reader_.accept(")")) return close_group();
    if (reader_.accept("|")) {
      out_ += '|';
      atom_.reset();
      return;
    }
    if (reader_.accept("^")) return add_atom("^", false);
    if (reader_.accept("$")) return add_atom("$", false);
    if (reader_.accept(".")) return add_atom(".");
    for (const std::string_view quantifier : {"*", "+", "?"}) {
      if (reader_.accept(quantifier)) return quantify(quantifier, false);
    }
    if (reader_.accept("{")) return translate_interval();
    const char32_t c = reader_.next();
    if (groups_.back().extended) {
      if (c == '#') {
        while (!reader_.at_end() && reader_.next() != '\n') {
        }
        return;
      }
      if (c == ' ' || (c >= '\t' && c <= '\r')) return;
    }
    add_literal(c);
  }

  void add_atom(std::string_view text, bool repeatable = true) {
    atom_ = Atom{out_.size(), repeatable};
    out_ += text;
  }

  void add_literal(char32_t c) {
    atom_ = Atom{out_.size(), true};
    append_literal(out_, c);
  }

  // Quantifiers.

  void quantify(std::string_view quantifier, bool is_interval) {
    if (!atom_) reader_.fail("a quantifier has nothing to repeat");
    if (!atom_->repeatable) reader_.fail("an anchor or a look around cannot be repeated");
    // Behind "*", "+" and "?" a "?" makes it lazy and a "+" possessive. Behind "{n,m}" only "?"
    // does, and not where n is m: anything else repeats the repetition.
    if (atom_->is_quantified) wrap_atom();
    out_ += quantifier;
    if (!is_interval) {
      if (reader_.accept("?")) {
        out_ += '?';
      } else if (reader_.accept("+")) {
        out_ += '+';
      }
    }
    atom_->is_quantified = true;
  }

  void wrap_atom() {
    out_.insert(atom_->begin, "(?:");
    out_ += ')';
    atom_->is_quantified = false;
  }

  void translate_interval() {
    const auto interval = reader_.accept_interval();
    if (!interval) return add_literal('{');
    auto [least, most] = *interval;
    constexpr unsigned kMaximum = 65535;  // PCRE2's
    if (least > kMaximum || (most && *most > kMaximum)) {
      reader_.fail("a repetition count is too large");
    }
    const bool swapped = most && *most < least;
    if (swapped) std::swap(least, *most);
    const bool fixed = most && *most == least;
    quantify(fixed  ? fmt::format("{{{}}}", least)
             : most ? fmt::format("{{{},{}}}", least, *most)
                    : fmt::format("{{{},}}", least),
             true);
    if (swapped) {
      out_ += '+';
    } else if (!fixed && reader_.accept("?")) {
      out_ += '?';
    }
  }

  // Groups.

  void open_group() {
    Group group;
    group.begin = out_.size();
    group.extended = groups_.back().extended;
    if (reader_.accept("*")) reader_.unsupported("a callout");
    if (!reader_.accept("?")) {
      ++captures_;
      return push_group(group, "(");
    }
    if (reader_.accept("#")) return skip_comment();
    for (const std::string_view kind : {":", "=", "!", ">", "<=", "<!"}) {
      if (!reader_.accept(kind)) continue;
      group.looks_around = kind != ":" && kind != ">";
      return push_group(group, fmt::format("(?{}", kind));
    }
    if (reader_.accept("<")) {
      ++captures_;
      return push_group(group, fmt::format("(?<{}>", reader_.read_name('>')));
    }
    open_options(group);
  }

  void push_group(const Group& group, std::string_view text) {
    out_ += text;
    groups_.push_back(group);
    atom_.reset();
  }

  void skip_comment() {
    while (true) {
      if (reader_.at_end()) reader_.fail("a comment is not closed");
      const char32_t c = reader_.next();
      if (c == ')') return;
      if (c == '\\' && !reader_.at_end()) reader_.next();
    }
  }

  void open_options(Group group) {
    std::string on;
    std::string off;
    bool negative = false;
    while (true) {
      if (reader_.at_end()) reader_.fail("a group is not closed");
      const char32_t c = reader_.next();
      if (c == ')' || c == ':') {
        const auto text = fmt::format("(?{}{}{}:", on, off.empty() ? "" : "-", off);
        if (c == ':') return push_group(group, text);
        // Alone in its parentheses it reaches to the end of the group, over alternatives too.
        groups_.back().extended = group.extended;
        ++groups_.back().open_options;
        out_ += text;
        atom_.reset();
        return;
      }
      std::string& flags = negative ? off : on;
      if (c == '-') {
        negative = true;
      } else if (c == 'i') {
        flags += 'i';
      } else if (c == 'm') {
        flags += 's';
      } else if (c == 'x') {
        group.extended = !negative;
      } else {
        reader_.unsupported("an absent group, a condition or an option besides i, m and x");
      }
    }
  }

  void close_options() { out_.append(static_cast<std::size_t>(groups_.back().open_options), ')'); }

  void close_group() {
    if (groups_.size() == 1) reader_.fail("a closing parenthesis has no opening one");
    close_options();
    out_ += ')';
    atom_ = Atom{groups_.back().begin, !groups_.back().looks_around};
    groups_.pop_back();
  }

  // Escapes.

  void translate_escape() {
    if (const auto set = read_set_escape(reader_)) {
      return add_atom(set->property == "word"
                          ? word(set->negated)
                          : to_pcre2(make_property_class(set->property, set->negated)));
    }
    if (translate_anchor()) return;
    if (reader_.accept("R")) return add_atom(R"(\R)");
    if (reader_.accept("X")) return add_atom(grapheme_expression());
    if (reader_.accept("N")) return add_atom(R"([^\n])");
    if (reader_.accept("O")) return add_atom("(?s:.)");
    if (reader_.accept("y") || reader_.accept("Y")) reader_.unsupported("a text segment border");
    if (reader_.accept("k<")) return add_atom(translate_reference(R"(\k<{}>)", R"(\g{{{}}})"));
    if (reader_.accept("g<")) return add_atom(translate_reference(R"((?&{}))", "(?{})"));
    if (const auto number = reader_.accept_back_reference(captures_)) {
      return add_atom(fmt::format(R"(\g{{{}}})", *number));
    }
    atom_ = Atom{out_.size(), true};
    for (const char32_t c : read_code_points(reader_)) {
      atom_->begin = out_.size();
      append_literal(out_, c);
    }
  }

  bool translate_anchor() {
    for (const std::string_view anchor : {"A", "Z", "z", "G", "K"}) {
      if (!reader_.accept(anchor)) continue;
      add_atom(fmt::format("\\{}", anchor), false);
      return true;
    }
    const bool border = reader_.accept("b");
    if (!border && !reader_.accept("B")) return false;
    const std::string w = word(false);
    add_atom(border ? fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", w)
                    : fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", w),
             false);
    return true;
  }

  std::string translate_reference(fmt::string_view by_name, fmt::string_view by_number) {
    const std::string name = reader_.read_name('>');
    const bool is_number = name.front() >= '0' && name.front() <= '9';
    return fmt::format(fmt::runtime(is_number ? by_number : by_name), name);
  }

  PatternReader reader_;
  std::string out_;
  std::vector<Group> groups_{1};
  unsigned captures_ = 0;
  std::optional<Atom> atom_;  ///< what a quantifier would repeat
};

}  // namespace

std::string translate_oniguruma(std::string_view pattern) {
  return Translator(pattern).translate();
}

}  // namespace clipclap::text
