#include "text/unicode/normalization_forms.h"

#include <algorithm>
#include <array>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <clipclap/error.h>

namespace clipclap::text {
namespace {

const UNormalizer2* instance(bool compatible, bool composing) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2* result = composing    ? unorm2_getNFCInstance(&status)
                               : compatible ? unorm2_getNFKDInstance(&status)
                                            : unorm2_getNFDInstance(&status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU cannot normalize: ") + u_errorName(status));
  }
  return result;
}

/// Whether the reference's normalization tables, of Unicode 9, know the character.
bool is_known(UChar32 c) {
  UVersionInfo age;
  u_charAge(c, age);
  return age[0] <= 9;
}

std::uint8_t combining_class(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  return is_known(code_point) ? u_getCombiningClass(code_point) : std::uint8_t{0};
}

class Decomposer {
 public:
  explicit Decomposer(bool compatible) : normalizer_(instance(compatible, false)) {}

  void add(char32_t c) {
    UChar units[32];
    UErrorCode status = U_ZERO_ERROR;
    const auto code_point = static_cast<UChar32>(c);
    std::int32_t length = -1;
    if (is_known(code_point)) {
      length = unorm2_getDecomposition(normalizer_, code_point, units, std::size(units), &status);
    }
    if (length < 0 || U_FAILURE(status)) {
      push({c, 0});
      return;
    }
    for (std::int32_t i = 0; i < length;) {
      const bool first = i == 0;
      UChar32 part = 0;
      U16_NEXT(units, i, length, part);
      push({static_cast<char32_t>(part), first ? 0 : 1});
    }
  }

  std::vector<Change> finish() {
    sort_marks();
    return std::move(changes_);
  }

 private:
  void push(const Change& change) {
    if (combining_class(change.code_point) == 0) sort_marks();
    changes_.push_back(change);
    if (combining_class(change.code_point) == 0) sorted_ = changes_.size();
  }

  void sort_marks() {
    std::stable_sort(changes_.begin() + static_cast<std::ptrdiff_t>(sorted_), changes_.end(),
                     [](const Change& a, const Change& b) {
                       return combining_class(a.code_point) < combining_class(b.code_point);
                     });
    sorted_ = changes_.size();
  }

  const UNormalizer2* normalizer_;
  std::vector<Change> changes_;
  std::size_t sorted_ = 0;
};

/// UAX 15, section 1.3: a character is composed with the last starter unless one of the same or a
/// higher class stands between.
std::vector<Change> compose(const std::vector<Change>& changes) {
  const UNormalizer2* normalizer = instance(false, true);
  std::vector<Change> result;
  std::size_t starter = changes.size();  // none yet
  std::uint8_t last_class = 0;
  bool blocked_by_nothing = true;
  for (const auto& change : changes) {
    const std::uint8_t own_class = combining_class(change.code_point);
    if (starter < changes.size() && (blocked_by_nothing || last_class < own_class)) {
      Change& base = result[starter];
      const UChar32 composed = unorm2_composePair(normalizer, static_cast<UChar32>(base.code_point),
                                                  static_cast<UChar32>(change.code_point));
      if (composed >= 0 && is_known(composed)) {
        base = {static_cast<char32_t>(composed), base.change + change.change - 1};
        continue;
      }
    }
    if (own_class == 0) {
      starter = result.size();
      blocked_by_nothing = true;
    } else {
      blocked_by_nothing = false;
      last_class = own_class;
    }
    result.push_back(change);
  }
  return result;
}

}  // namespace

std::vector<Change> normalize(std::string_view text, NormalizationForm form) {
  const bool compatible = form == NormalizationForm::kNfkc || form == NormalizationForm::kNfkd;
  const bool composing = form == NormalizationForm::kNfc || form == NormalizationForm::kNfkc;
  Decomposer decomposer(compatible);
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) { decomposer.add(c); });
  auto changes = decomposer.finish();
  return composing ? compose(changes) : changes;
}

}  // namespace clipclap::text
