#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "text/json/tokenizer_document.h"

namespace clipclap::text {
namespace {

/// The digits of a number as one whole number and a power of ten. Digits beyond what 64 bits hold
/// are dropped, as serde_json's Deserializer::parse_number does.
struct Decimal {
  std::uint64_t significand = 0;
  std::int64_t exponent = 0;
  bool is_full = false;

  void add_digit(char digit, bool behind_point) {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    const auto value = static_cast<std::uint64_t>(digit - '0');
    is_full = is_full || significand > (kMost - value) / 10;
    if (!is_full) {
      significand = significand * 10 + value;
      exponent -= behind_point ? 1 : 0;
    } else if (!behind_point) {
      ++exponent;
    }
  }
};

double power_of_ten(std::int64_t exponent) {
  static const auto kPowers = [] {
    std::array<double, 309> powers{};
    for (std::size_t i = 0; i < powers.size(); ++i) {
      powers[i] = std::strtod(("1e" + std::to_string(i)).c_str(), nullptr);
    }
    return powers;
  }();
  return kPowers[static_cast<std::size_t>(exponent)];
}

}  // namespace

double parse_serde_number(std::string_view text) {
  Decimal decimal;
  bool behind_point = false;
  std::size_t i = text.starts_with('-') ? 1 : 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      behind_point = true;
    } else {
      decimal.add_digit(text[i], behind_point);
    }
  }
  if (i < text.size()) {
    const bool negative = text[i + 1] == '-';
    std::int64_t exponent = 0;
    for (const char c : text.substr(i + 1)) {
      constexpr std::int64_t kEnough = 1'000'000'000;
      if (c >= '0' && c <= '9') exponent = std::min(exponent * 10 + (c - '0'), kEnough);
    }
    decimal.exponent += negative ? -exponent : exponent;
  }
  auto value = static_cast<double>(decimal.significand);
  std::int64_t exponent = decimal.exponent;
  while (value != 0 && exponent < -308) {
    value /= power_of_ten(308);
    exponent += 308;
  }
  if (value != 0) {
    value = exponent < 0 ? value / power_of_ten(-exponent)
                         : value * power_of_ten(std::min<std::int64_t>(exponent, 308));
  }
  return text.starts_with('-') ? -value : value;
}

}  // namespace clipclap::text
