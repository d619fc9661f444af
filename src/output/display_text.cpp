#include "output/display_text.h"

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cwchar>
#include <vector>

#include <fmt/format.h>

#include "base/utf8.h"

namespace clipclap::output {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "…";

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool breaks_layout(char32_t c) {
  const bool line_end = c == 0x2028 || c == 0x2029;
  const bool turns =
      c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return is_control(c) || line_end || turns;
}

// The C library knows the widths of all Unicode characters, but only in a UTF-8 locale, and the
// process's own may be any. The switch is this thread's alone.
class Utf8Locale {
 public:
  Utf8Locale() : previous_(locale() == nullptr ? nullptr : ::uselocale(locale())) {}
  ~Utf8Locale() {
    if (previous_ != nullptr) ::uselocale(previous_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  static locale_t locale() {
    static const locale_t instance = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return instance;
  }

  locale_t previous_;
};

struct Glyph {
  std::string_view bytes;  ///< a character with the combining ones behind it
  int width;
};

std::vector<Glyph> split_glyphs(std::string_view text) {
  const Utf8Locale scope;
  std::vector<Glyph> glyphs;
  for (std::size_t offset = 0; offset < text.size();) {
    const auto start = offset;
    const auto code_point = decode_utf8(text, offset);
    if (!code_point) ++offset;
    const int known = code_point ? ::wcwidth(static_cast<wchar_t>(*code_point)) : 1;
    const int width = known < 0 ? 1 : known;
    if (width == 0 && !glyphs.empty()) {
      auto& base = glyphs.back().bytes;
      base = std::string_view(base.data(), base.size() + (offset - start));
    } else {
      glyphs.push_back({text.substr(start, offset - start), width});
    }
  }
  return glyphs;
}

int total_width(const std::vector<Glyph>& glyphs) {
  int width = 0;
  for (const auto& glyph : glyphs) width += glyph.width;
  return width;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean;
  for (std::size_t offset = 0; offset < text.size();) {
    const auto code_point = decode_utf8(text, offset);
    if (!code_point) ++offset;
    append_utf8(clean, code_point && !breaks_layout(*code_point) ? *code_point : kReplacement);
  }
  return clean;
}

int display_width(std::string_view text) { return total_width(split_glyphs(text)); }

std::string fit_start(std::string_view text, int width) {
  const auto glyphs = split_glyphs(text);
  if (total_width(glyphs) <= width) return std::string(text);
  if (width < 1) return {};
  std::string kept;
  int room = width - 1;
  for (const auto& glyph : glyphs) {
    if (glyph.width > room) break;
    room -= glyph.width;
    kept += glyph.bytes;
  }
  return kept.append(kEllipsis);
}

std::string fit_end(std::string_view text, int width) {
  const auto glyphs = split_glyphs(text);
  if (total_width(glyphs) <= width) return std::string(text);
  if (width < 1) return {};
  auto first = glyphs.end();
  int room = width - 1;
  while (first != glyphs.begin() && std::prev(first)->width <= room) {
    --first;
    room -= first->width;
  }
  std::string kept(kEllipsis);
  for (auto glyph = first; glyph != glyphs.end(); ++glyph) kept += glyph->bytes;
  return kept;
}

std::string clock_text(double seconds) {
  constexpr double kLimit = 1e12;
  if (!(std::fabs(seconds) < kLimit)) return "?";
  const auto signed_milliseconds = std::llround(seconds * 1000);
  const auto sign = signed_milliseconds < 0 ? "-" : "";
  const auto milliseconds = std::llabs(signed_milliseconds);
  const auto minutes = milliseconds / 60'000 % 60;
  const auto hours = milliseconds / 3'600'000;
  const auto rest =
      fmt::format("{:02}:{:02}.{:03}", minutes, milliseconds / 1000 % 60, milliseconds % 1000);
  return hours > 0 ? fmt::format("{}{}:{}", sign, hours, rest) : sign + rest;
}

}  // namespace clipclap::output
