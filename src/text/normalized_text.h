// A piece of the input on its way through the tokenizer: its text as changed so far, and for each
// byte the bytes of the original that it stands for.
//
// The alignment is kept because it decides what comes out: Metaspace's "first" looks at where a
// piece began, and a change is applied to the part of the text that the original accounts for.
// The arithmetic is the one of `NormalizedString` in tokenizers 0.22.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/unicode/code_points.h"

namespace clipclap::text {

/// One code point of a new text. `change` tells what it takes from the old one: 0 replaces one code
/// point, 1 is new, -n replaces one and n more.
struct Change {
  char32_t code_point;
  std::int32_t change;
};

/// Consecutive stretches that cover a text without gaps: matches of a pattern and what lies
/// between them. Matches may be empty.
struct Stretch {
  std::size_t begin;
  std::size_t end;
  bool is_match;
};
using Stretches = std::vector<Stretch>;

class NormalizedText {
 public:
  /// `original` is well-formed UTF-8 of less than 2 GiB. What the functions below make of it may
  /// grow to 256 times its length and a little more; beyond that, which only files that mean harm
  /// reach, they throw Error (kInvalidData).
  explicit NormalizedText(std::string_view original);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  /// Where in the input this piece began, in bytes.
  std::size_t original_begin() const { return original_begin_; }

  /// The part between two code point borders.
  NormalizedText slice(std::size_t begin, std::size_t end) const;

  /// Makes the text anew. `removed_before` code points of the old text come before the first
  /// change. Throws Error (kUnsupported) where the text holds more than its original accounts for.
  void transform(const std::vector<Change>& changes, std::size_t removed_before = 0);

  template <typename Keep>
  void filter(Keep keep);

  template <typename Map>
  void map(Map map);

  /// Puts `prefix` before a text that is not empty.
  void prepend(std::string_view prefix);

  /// Replaces each match by `content`.
  void replace(const Stretches& stretches, std::string_view content);

  /// Gives it another text, well-formed UTF-8, each byte of which stands for the whole original.
  void assign(std::string text);

  /// Throws the Error of a text that grows too long where one of `size` bytes would be.
  void check_growth(std::size_t size) const;

  /// Drops white space at the ends.
  void strip(bool left, bool right);

 private:
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
  };

  NormalizedText() = default;
  void transform_range(std::size_t begin, std::size_t end, const std::vector<Change>& changes,
                       std::size_t removed_before);

  std::string text_;
  std::vector<Span> alignment_;  ///< one a byte of `text_`, relative to `original_begin_`
  std::size_t original_length_ = 0;
  std::size_t original_begin_ = 0;
};

template <typename Keep>
void NormalizedText::filter(Keep keep) {
  std::vector<Change> changes;
  std::size_t removed_before = 0;
  std::int32_t removed = 0;
  for_each_code_point(text_, [&](char32_t c, std::size_t, std::size_t) {
    if (!keep(c)) {
      ++removed;
      return;
    }
    if (changes.empty()) {
      removed_before = static_cast<std::size_t>(removed);
    } else {
      changes.back().change = -removed;
    }
    changes.push_back({c, 0});
    removed = 0;
  });
  if (!changes.empty()) changes.back().change = -removed;
  transform(changes, removed_before);
}

template <typename Map>
void NormalizedText::map(Map map) {
  std::vector<Change> changes;
  for_each_code_point(text_, [&](char32_t c, std::size_t, std::size_t) {
    changes.push_back({map(c), 0});
  });
  transform(changes);
}

}  // namespace clipclap::text
