// What a tower asks LibTorch for in each of its layers.
#include <map>
#include <memory>
#include <set>
#include <string>

#include <ATen/ops/zeros.h>
#include <ATen/record_function.h>
#include <gtest/gtest.h>

#include "model/architectures.h"
#include "model/blocks/tile_attention.h"
#include "model/embedded_model.h"

namespace clipclap::model {
namespace {

using Counts = std::map<std::string, int>;

Counts* counts = nullptr;

/// Operations that the calling thread comes through from the first normalisation on, which stands
/// behind spectrograms and patches; those within others too.
template <typename Run>
Counts count_operations(Run&& run) {
  Counts counted;
  counts = &counted;
  at::RecordFunctionCallback note([](const at::RecordFunction& function) {
    const std::string name = function.name();
    if (!counts->empty() || name == "aten::layer_norm") ++(*counts)[name];
    return std::unique_ptr<at::ObserverContext>();
  });
  const auto handle = at::addThreadLocalCallback(note.scopes({at::RecordScope::FUNCTION}));
  run();
  at::removeCallback(handle);
  return counted;
}

/// Normalisation, products, attention and results for them; the others only look at memory in
/// another way. Residuals, activations, the queries' scale and copies are no operations of their
/// own; the demo models' activations are for int8's product, which has none within.
const std::set<std::string> kOfALayer{"aten::layer_norm",
                                      "aten::native_layer_norm",
                                      "mkldnn::_linear_pointwise",
                                      "onednn::qlinear_pointwise",
                                      "aten::scaled_dot_product_attention",
                                      "aten::_scaled_dot_product_flash_attention_for_cpu",
                                      "aten::silu",
                                      "aten::gelu",
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

/// `copies`: how many stand between layers.
void expect_nothing_else(const Counts& counted, int layers, int copies = 0) {
  for (const auto& [name, count] : counted) {
    const int between = name == "aten::copy_" ? copies : 0;
    EXPECT_TRUE(count < layers + between || kOfALayer.contains(name)) << name << ": " << count;
  }
}

TEST(TowerOperations, NoLayerOfPicturesCopies) {
  constexpr int kLayers = 6;  // of the demo model's picture tower
  for (const auto precision : processor_precisions()) {
    SCOPED_TRACE(std::string(to_string(precision)));
    const auto encoder = load_model(open_files({}), {.precision = precision});
    const auto& [preprocessing, tower] = encoder->require_picture();
    const auto pixels =
        at::zeros({4, preprocessing.crop_height, preprocessing.crop_width, 3}, at::kByte);
    const auto counted = count_operations([&] { tower->encode(pixels); });
    // On tiles it is none of LibTorch's operations, but for the last layer's, of one token.
    const bool rough = precision == Precision::kBfloat16 || precision == Precision::kInt8;
    const bool on_tiles = rough && suits_tiles(at::zeros({1, 1, 3 * 64}), 1);
    EXPECT_EQ(counted.at("aten::scaled_dot_product_attention"), on_tiles ? 1 : kLayers);
    expect_nothing_else(counted, kLayers);
  }
}

TEST(TowerOperations, NoLayerOfSoundsCopies) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx512vl"))
#endif
    GTEST_SKIP() << "attention in windows without copies is for AVX-512";
  constexpr int kLayers = 6;    // of the demo model's sound tower
  constexpr int kMergings = 2;  // between them: neighbours are put together
  const std::string hears(embedded_models().back().name);
  for (const auto precision : processor_precisions()) {
    if (precision == Precision::kFloat16) continue;  // takes LibTorch's attention, which copies
    SCOPED_TRACE(std::string(to_string(precision)));
    const auto encoder = load_model(open_files(hears), {.precision = precision});
    const auto& side = encoder->require_sound();
    const auto length = static_cast<std::int64_t>(side.window_seconds * side.sample_rate);
    const auto counted = count_operations([&] { side.tower->encode(at::zeros({2, length})); });
    expect_nothing_else(counted, kLayers, kMergings);
  }
}

}  // namespace
}  // namespace clipclap::model
