#include "model/text_tower.h"

#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>

namespace clipclap::model {
namespace {

using checkpoint::TextPool;

class TransformerTextTower final : public TextTower {
 public:
  explicit TransformerTextTower(TextTowerParts parts) : parts_(std::move(parts)) {}

  at::Tensor encode(const at::Tensor& ids, const at::Tensor& /*mask*/) const override {
    auto states = at::embedding(parts_.token_embedding, ids) +
                  parts_.position_embedding.narrow(0, 0, ids.size(1));
    states = parts_.transformer(std::move(states), Readout::kAllTokens);
    const auto pooled = parts_.final_norm(pool(states, ids));
    return parts_.projection ? (*parts_.projection)(pooled) : pooled;
  }

 private:
  at::Tensor pool(const at::Tensor& states, const at::Tensor& ids) const {
    switch (parts_.pool) {
      case TextPool::kFirst:
        return states.select(1, 0);
      case TextPool::kLast:
        return states.select(1, -1);
      case TextPool::kLargestId:
        return at_each(states, ids.argmax(-1));
      case TextPool::kEndToken:
        return at_each(states, ids.eq(parts_.end_id).to(at::kInt).argmax(-1));
    }
    TORCH_INTERNAL_ASSERT(false);
  }

  static at::Tensor at_each(const at::Tensor& states, const at::Tensor& positions) {
    return states.index({at::arange(states.size(0), positions.options()), positions});
  }

  TextTowerParts parts_;
};

}  // namespace

std::unique_ptr<const TextTower> make_text_tower(TextTowerParts parts) {
  return std::make_unique<TransformerTextTower>(std::move(parts));
}

}  // namespace clipclap::model
