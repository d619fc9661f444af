#include "model/htsat/batch_norm.h"

namespace clipclap::model {

BatchNorm::BatchNorm(const Weights& weights, std::int64_t width) {
  constexpr double kEps = 1e-5;
  const auto read = [&](const char* name) { return weights.exact(name, {width}).to(at::kDouble); };
  const auto factor = read("weight") / (read("running_var") + kEps).sqrt();
  scale = factor.to(at::kFloat);
  shift = (read("bias") - read("running_mean") * factor).to(at::kFloat);
}

}  // namespace clipclap::model
