// Loops run in the version for what the processor can do.
#include "base/vector_clones.h"

#include <gtest/gtest.h>

namespace clipclap {
namespace {

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 12
[[gnu::noinline]] CLIPCLAP_REAL_VECTOR_CLONES float add_product(float a, float b, float c) {
  return a * b + c;
}

TEST(VectorClones, AreChosenByWhatTheProcessorCanDo) {
  // (1 + ε)² − (1 + 2ε) is ε², or 0 where the product is rounded before the sum: only versions
  // for processors of level 3 and above have both in one instruction.
  volatile float epsilon = 0x1p-12F;
  const float a = 1 + epsilon;
  const float rest = add_product(a, a, -(1 + 2 * epsilon));
  EXPECT_EQ(rest, __builtin_cpu_supports("x86-64-v3") ? epsilon * epsilon : 0.0F);
}
#endif

}  // namespace
}  // namespace clipclap
