// What a tower asks LibTorch for in each of its layers.
#include <map>
#include <memory>
#include <set>
#include <string>

#include <ATen/ops/zeros.h>
#include <ATen/record_function.h>
#include <gtest/gtest.h>

#include "model/architectures.h"
#include "model/embedded_model.h"

namespace clipclap::model {
namespace {

using Counts = std::map<std::string, int>;

Counts* counts = nullptr;

/// Operations that the calling thread comes through, those within others too.
template <typename Run>
Counts count_operations(Run&& run) {
  Counts counted;
  counts = &counted;
  at::RecordFunctionCallback note([](const at::RecordFunction& function) {
    ++(*counts)[function.name()];
    return std::unique_ptr<at::ObserverContext>();
  });
  const auto handle = at::addThreadLocalCallback(note.scopes({at::RecordScope::FUNCTION}));
  run();
  at::removeCallback(handle);
  return counted;
}

/// Normalisation, products, attention and results for them; the others only look at memory in
/// another way. Residuals, activations, the queries' scale and copies are no operations of their
/// own; the demo model's activation is one for int8's product, which has none within.
const std::set<std::string> kOfALayer{"aten::layer_norm",
                                      "aten::native_layer_norm",
                                      "mkldnn::_linear_pointwise",
                                      "onednn::qlinear_pointwise",
                                      "aten::scaled_dot_product_attention",
                                      "aten::_scaled_dot_product_flash_attention_for_cpu",
                                      "aten::silu",
                                      "aten::empty",
                                      "aten::empty_like",
                                      "aten::empty_strided",
                                      "aten::as_strided",
                                      "aten::narrow",
                                      "aten::permute",
                                      "aten::reshape",
                                      "aten::select",
                                      "aten::slice",
                                      "aten::transpose",
                                      "aten::view"};

TEST(TowerOperations, NoLayerCopies) {
  constexpr int kLayers = 6;  // of the demo model's picture tower
  for (const auto precision : processor_precisions()) {
    const auto encoder = load_model(open_files({}), {.precision = precision});
    const auto& [preprocessing, tower] = encoder->require_picture();
    const auto pixels =
        at::zeros({4, preprocessing.crop_height, preprocessing.crop_width, 3}, at::kByte);
    const auto counted = count_operations([&] { tower->encode(pixels); });
    EXPECT_EQ(counted.at("aten::scaled_dot_product_attention"), kLayers);
    for (const auto& [name, count] : counted) {
      EXPECT_TRUE(count < kLayers || kOfALayer.contains(name)) << name << ": " << count;
    }
  }
}

}  // namespace
}  // namespace clipclap::model
