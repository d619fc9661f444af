#include "text/cleaning/python_text.h"

#include <algorithm>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#include <clipclap/error.h>

#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

constexpr int kUnicodeVersion = 14;
constexpr char32_t kCapitalSigma = 0x3A3;

UChar32 icu(char32_t c) { return static_cast<UChar32>(c); }

bool is_known(char32_t c) {
  UVersionInfo age;
  u_charAge(icu(c), age);
  return age[0] != 0 && age[0] <= kUnicodeVersion;
}

bool is_cased(char32_t c) { return is_known(c) && u_hasBinaryProperty(icu(c), UCHAR_CASED); }

bool is_case_ignorable(char32_t c) {
  return is_known(c) && u_hasBinaryProperty(icu(c), UCHAR_CASE_IGNORABLE);
}

std::u32string decode(std::string_view text) {
  std::u32string result;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) { result.push_back(c); });
  return result;
}

void append_lower(std::string& text, char32_t c) {
  append_utf8(text, c == 0x130 ? U'i' : static_cast<char32_t>(u_tolower(icu(c))));
  if (c == 0x130) append_utf8(text, 0x307);
}

/// Final_Sigma of the Unicode Standard, table 3-17.
bool ends_word(const std::u32string& text, std::size_t sigma) {
  std::size_t before = sigma;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t behind = sigma + 1;
  while (behind < text.size() && is_case_ignorable(text[behind])) ++behind;
  return behind == text.size() || !is_cased(text[behind]);
}

void require(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  throw Error(ErrorCode::kInternal,
              std::string("ICU cannot change a text: ") + u_errorName(status));
}

/// Hands the text over as UTF-16 and makes UTF-8 of what `change(source, target, capacity, status)`
/// writes; that is called twice, and says how much room it wants.
template <typename Change>
std::string through_utf16(std::string_view text, Change change) {
  std::u16string source;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) {
    UChar units[2];
    std::size_t count = 0;
    U16_APPEND_UNSAFE(units, count, icu(c));
    source.append(units, count);
  });
  UErrorCode status = U_ZERO_ERROR;
  std::u16string target(source.size() + 16, u'\0');
  const auto write = [&] {
    status = U_ZERO_ERROR;
    return change(source, target.data(), static_cast<std::int32_t>(target.size()), status);
  };
  std::int32_t length = write();
  if (status == U_BUFFER_OVERFLOW_ERROR) {
    target.resize(static_cast<std::size_t>(length) + 1);
    length = write();
  }
  require(status);
  std::string result;
  for (std::int32_t i = 0; i < length;) {
    UChar32 c = 0;
    U16_NEXT(target.data(), i, length, c);
    append_utf8(result, static_cast<char32_t>(c));
  }
  return result;
}

/// NFC that leaves alone what came after Python's tables.
const UNormalizer2* normalizer() {
  static const UNormalizer2* const kNormalizer = [] {
    UErrorCode status = U_ZERO_ERROR;
    USet* known = uset_openPattern(u"[:age=14.0:]", -1, &status);
    const UNormalizer2* all = unorm2_getNFCInstance(&status);
    const UNormalizer2* filtered = unorm2_openFiltered(all, known, &status);
    require(status);
    uset_freeze(known);  // it is looked into for as long as the program runs
    return filtered;
  }();
  return kNormalizer;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

bool is_python_space(char32_t c) {
  return (c >= 0x9 && c <= 0xD) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

std::vector<std::string_view> python_split(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t covered = 0;
  for_each_code_point(text, [&](char32_t c, std::size_t begin, std::size_t end) {
    if (!is_python_space(c)) return;
    if (covered < begin) words.push_back(text.substr(covered, begin - covered));
    covered = end;
  });
  if (covered < text.size()) words.push_back(text.substr(covered));
  return words;
}

std::string_view python_strip(std::string_view text) {
  const auto words = python_split(text);
  if (words.empty()) return {};
  const auto* begin = words.front().data();
  return {begin, static_cast<std::size_t>(words.back().data() + words.back().size() - begin)};
}

std::string python_lower(std::string_view text) {
  const auto code_points = decode(text);
  std::string result;
  for (std::size_t i = 0; i < code_points.size(); ++i) {
    if (code_points[i] == kCapitalSigma && ends_word(code_points, i)) {
      append_utf8(result, 0x3C2);
    } else {
      append_lower(result, code_points[i]);
    }
  }
  return result;
}

std::string python_lower_each(std::string_view text) {
  std::string result;
  for_each_code_point(text, [&](char32_t c, std::size_t, std::size_t) { append_lower(result, c); });
  return result;
}

std::string python_upper(std::string_view text) {
  return through_utf16(text, [](const std::u16string& source, UChar* target, std::int32_t capacity,
                                UErrorCode& status) {
    return u_strToUpper(target, capacity, source.data(), static_cast<std::int32_t>(source.size()),
                        "", &status);
  });
}

std::string python_nfc(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  return through_utf16(text, [](const std::u16string& source, UChar* target, std::int32_t capacity,
                                UErrorCode& status) {
    return unorm2_normalize(normalizer(), source.data(), static_cast<std::int32_t>(source.size()),
                            target, capacity, &status);
  });
}

bool is_python_digit(char32_t c) {
  return is_known(c) && u_charType(icu(c)) == U_DECIMAL_DIGIT_NUMBER;
}

bool is_python_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

}  // namespace clipclap::text
