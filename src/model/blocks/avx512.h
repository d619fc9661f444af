// Lanes of AVX-512, for the files whose loops are written for it.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__)
#include <bit>
#include <cstdint>
#include <cstring>

#define CLIPCLAP_AVX512_FEATURES "fma,bmi2,avx512f,avx512bw,avx512dq,avx512vl"
#define CLIPCLAP_AVX512 __attribute__((target(CLIPCLAP_AVX512_FEATURES)))
#define CLIPCLAP_AVX512_INLINE \
  __attribute__((target(CLIPCLAP_AVX512_FEATURES), always_inline)) inline

namespace clipclap::model {

inline bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

constexpr std::int64_t kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using WholeLanes = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));

CLIPCLAP_AVX512_INLINE Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

CLIPCLAP_AVX512_INLINE void store(float* to, Lanes lanes) { std::memcpy(to, &lanes, sizeof lanes); }

/// eˣ for x ≤ 0, as 2ⁿ·eʳ with |r| ≤ ln 2 / 2 and Taylor's polynomial of r.
CLIPCLAP_AVX512_INLINE Lanes exponential(Lanes x) {
  constexpr float kLeast = -87;
  constexpr float kLog2OfE = 1.44269504F;
  constexpr float kRounder = 12582912;      // 1.5 · 2²³: what is added to it is rounded
  constexpr float kLn2High = 0.693359375F;  // with few digits, so that products are exact
  constexpr float kLn2Low = -2.12194440e-4F;
  x = x < kLeast ? Lanes{} + kLeast : x;
  const Lanes rounded = x * kLog2OfE + kRounder;
  const Lanes n = rounded - kRounder;
  const Lanes r = x - n * kLn2High - n * kLn2Low;
  Lanes sum = Lanes{} + 1.0F / 5040;
  constexpr float kFactors[] = {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F};
  for (const float factor : kFactors) sum = sum * r + factor;
  constexpr std::int32_t kBias = 127 - std::bit_cast<std::int32_t>(kRounder);
  return sum * (Lanes)(((WholeLanes)rounded + kBias) << 23);
}

}  // namespace clipclap::model

#else

namespace clipclap::model {

inline bool has_avx512() { return false; }

}  // namespace clipclap::model

#endif
