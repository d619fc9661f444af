#include "model/vit_tower.h"

#include <utility>

#include <ATen/ops/cat.h>

namespace clipclap::model {
namespace {

using checkpoint::PicturePool;

at::Tensor mean_of_patches(const at::Tensor& states, std::int64_t prefix) {
  return states.narrow(1, prefix, states.size(1) - prefix).mean(1);
}

class VitTower final : public PictureTower {
 public:
  explicit VitTower(VitParts parts) : parts_(std::move(parts)) {}

  at::Tensor encode(const at::Tensor& pixels) const override {
    auto states = parts_.patch_embedding(pixels);
    if (parts_.class_embedding.defined()) {
      states = at::cat({parts_.class_embedding.expand({states.size(0), 1, -1}), states}, 1);
    }
    states.add_(parts_.position_embedding);
    if (parts_.pre_norm) states = (*parts_.pre_norm)(states);
    return parts_.reader(states);
  }

 private:
  VitParts parts_;
};

}  // namespace

at::Tensor VitReader::operator()(const at::Tensor& states) const {
  auto pooled = states;
  if (pool == PicturePool::kClassToken) {
    pooled = norm(transformer(states, Readout::kFirstToken).squeeze(1));
  } else {
    pooled = transformer(states, Readout::kAllTokens);
    if (!norm_after_pool) pooled = norm(pooled);
    pooled = attention ? (*attention)(pooled) : mean_of_patches(pooled, prefix);
    if (norm_after_pool) pooled = norm(pooled);
  }
  return projection ? (*projection)(pooled) : pooled;
}

std::unique_ptr<const PictureTower> make_vit_tower(VitParts parts) {
  return std::make_unique<VitTower>(std::move(parts));
}

}  // namespace clipclap::model
