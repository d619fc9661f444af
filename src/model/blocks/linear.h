// y = activation(x·Wᵀ + b), with the weight packed for oneDNN where the processor has it.
#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

#include "checkpoint/model_config.h"
#include "model/blocks/int8_product.h"

namespace clipclap::model {

/// What a product is computed with.
enum class Products {
  kPlain,  ///< the type of its weight
  kInt8,   ///< 8-bit integers, between inputs and outputs of float32
};

/// Immutable after construction; any number of threads may call it.
class Linear {
 public:
  /// `weight` is [out, in], `bias` [out] or undefined. The weight is copied into oneDNN's own
  /// order, in which products run about twice as fast as from the plain one. `usual` as Int8Product
  /// has it; other products have no use for it.
  Linear(at::Tensor weight, at::Tensor bias, Products products = Products::kPlain,
         const at::Tensor& usual = {});

  /// [..., in] → [..., out].
  at::Tensor operator()(const at::Tensor& input) const;

  /// The same with `residual` ([..., out]) added inside the product.
  at::Tensor add_to(const at::Tensor& residual, const at::Tensor& input) const;

  /// The same with an activation applied, inside the product where oneDNN has it.
  at::Tensor activated(const at::Tensor& input, checkpoint::Activation activation) const;

  Products products() const { return int8_ ? Products::kInt8 : Products::kPlain; }

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  bool packed_ = false;
  std::optional<Int8Product> int8_{};  ///< instead of the weight
};

}  // namespace clipclap::model
