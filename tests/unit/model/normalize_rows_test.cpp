// Rows of length 1, and what is said of those that have none.
#include <limits>
#include <string>

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "model/dual_encoder.h"

namespace clipclap::model {
namespace {

std::string complaint_about(const at::Tensor& rows) {
  try {
    normalize_rows(rows);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidData);
    return error.what();
  }
  return "none";
}

TEST(NormalizeRows, AreOfLengthOne) {
  const auto rows = normalize_rows(at::randn({5, 64}).to(at::kHalf));
  EXPECT_EQ(rows.scalar_type(), at::kFloat);
  const auto lengths = at::linalg_vector_norm(rows, 2, at::IntArrayRef{-1});
  EXPECT_LT((lengths - 1).abs().max().item<float>(), 1e-6F);
}

TEST(NormalizeRows, OnlyFloat16IsToldToTakeAnother) {
  auto rows = at::ones({2, 8});
  rows[1][3] = std::numeric_limits<float>::infinity();
  EXPECT_NE(complaint_about(rows.to(at::kHalf)).find("--precision bf16"), std::string::npos);
  for (const auto& broken : {rows, rows.to(at::kBFloat16), at::zeros({1, 8})}) {
    const auto complaint = complaint_about(broken);
    EXPECT_NE(complaint.find("weights are broken"), std::string::npos) << complaint;
  }
}

}  // namespace
}  // namespace clipclap::model
