#include "checkpoint/timm_trunks.h"

#include <array>

namespace clipclap::checkpoint {
namespace {

struct Size {
  int width;
  int layers;
  int heads;
  double mlp_ratio = 4;
};

constexpr Size kXSmall{256, 10, 4};
constexpr Size kMedium{512, 12, 8};
constexpr Size kBetwixt{640, 12, 10};
constexpr Size kBase{768, 12, 12};
constexpr Size kBasePlus{896, 12, 14};
constexpr Size kLarge{1024, 24, 16};
constexpr Size kShapeOptimized{1152, 27, 16, 3.7362};
constexpr Size kHuge{1280, 32, 16};
constexpr Size kGiant{1408, 40, 16, 48.0 / 11};
constexpr Size kGiantOptimized{1536, 40, 16};
constexpr Size kGigantic{1664, 48, 16, 64.0 / 13};

struct Row {
  std::string_view name;
  TimmTrunk trunk;
};

constexpr Row make_row(std::string_view name, const Size& size, int patch_size, int image_size,
                       Activation activation, bool is_clip) {
  return {name,
          {{.transformer = {.hidden_size = size.width,
                            .intermediate_size = static_cast<int>(size.width * size.mlp_ratio),
                            .layer_count = size.layers,
                            .head_count = size.heads,
                            .activation = activation,
                            .layer_norm_eps = is_clip ? 1e-5 : 1e-6},
            .image_size = image_size,
            .patch_size = patch_size},
           is_clip}};
}

constexpr Row clip(std::string_view name, const Size& size, int patch_size, int image_size,
                   Activation activation = Activation::kGelu) {
  return make_row(name, size, patch_size, image_size, activation, true);
}

constexpr Row siglip(std::string_view name, const Size& size, int patch_size, int image_size,
                     Activation activation = Activation::kGelu) {
  return make_row(name, size, patch_size, image_size, activation, false);
}

constexpr auto kTanh = Activation::kGeluTanh;
constexpr auto kQuick = Activation::kQuickGelu;

constexpr std::array kTrunks{
    siglip("vit_base_patch32_siglip_256", kBase, 32, 256, kTanh),
    siglip("vit_base_patch16_siglip_224", kBase, 16, 224),
    siglip("vit_base_patch16_siglip_256", kBase, 16, 256),
    siglip("vit_base_patch16_siglip_384", kBase, 16, 384),
    siglip("vit_base_patch16_siglip_512", kBase, 16, 512),
    siglip("vit_large_patch16_siglip_256", kLarge, 16, 256),
    siglip("vit_large_patch16_siglip_384", kLarge, 16, 384),
    siglip("vit_large_patch16_siglip_512", kLarge, 16, 512, kTanh),
    siglip("vit_so400m_patch14_siglip_224", kShapeOptimized, 14, 224),
    siglip("vit_so400m_patch14_siglip_378", kShapeOptimized, 14, 378),
    siglip("vit_so400m_patch14_siglip_384", kShapeOptimized, 14, 384),
    siglip("vit_so400m_patch16_siglip_256", kShapeOptimized, 16, 256, kTanh),
    siglip("vit_so400m_patch16_siglip_384", kShapeOptimized, 16, 384, kTanh),
    siglip("vit_so400m_patch16_siglip_512", kShapeOptimized, 16, 512, kTanh),
    siglip("vit_giantopt_patch16_siglip_256", kGiantOptimized, 16, 256, kTanh),
    siglip("vit_giantopt_patch16_siglip_384", kGiantOptimized, 16, 384, kTanh),
    clip("vit_xsmall_patch16_clip_224", kXSmall, 16, 224),
    clip("vit_medium_patch32_clip_224", kMedium, 32, 224),
    clip("vit_medium_patch16_clip_224", kMedium, 16, 224),
    clip("vit_betwixt_patch32_clip_224", kBetwixt, 32, 224),
    clip("vit_base_patch32_clip_224", kBase, 32, 224),
    clip("vit_base_patch32_clip_256", kBase, 32, 256),
    clip("vit_base_patch32_clip_384", kBase, 32, 384),
    clip("vit_base_patch32_clip_448", kBase, 32, 448),
    clip("vit_base_patch16_clip_224", kBase, 16, 224),
    clip("vit_base_patch16_clip_384", kBase, 16, 384),
    clip("vit_base_patch16_plus_clip_240", kBasePlus, 16, 240),
    clip("vit_large_patch14_clip_224", kLarge, 14, 224),
    clip("vit_large_patch14_clip_336", kLarge, 14, 336),
    clip("vit_huge_patch14_clip_224", kHuge, 14, 224),
    clip("vit_huge_patch14_clip_336", kHuge, 14, 336),
    clip("vit_huge_patch14_clip_378", kHuge, 14, 378),
    clip("vit_giant_patch14_clip_224", kGiant, 14, 224),
    clip("vit_gigantic_patch14_clip_224", kGigantic, 14, 224),
    clip("vit_gigantic_patch14_clip_378", kGigantic, 14, 378),
    clip("vit_base_patch32_clip_quickgelu_224", kBase, 32, 224, kQuick),
    clip("vit_base_patch16_clip_quickgelu_224", kBase, 16, 224, kQuick),
    clip("vit_large_patch14_clip_quickgelu_224", kLarge, 14, 224, kQuick),
    clip("vit_large_patch14_clip_quickgelu_336", kLarge, 14, 336, kQuick),
    clip("vit_huge_patch14_clip_quickgelu_224", kHuge, 14, 224, kQuick),
    clip("vit_huge_patch14_clip_quickgelu_378", kHuge, 14, 378, kQuick),
    clip("vit_gigantic_patch14_clip_quickgelu_224", kGigantic, 14, 224, kQuick),
};

struct Kind {
  std::string_view prefix;
  std::string_view description;
};

constexpr Kind kKinds[] = {{"convnext", "a ConvNeXt"},
                           {"fastvit", "a FastViT (MobileCLIP)"},
                           {"vit_base_mci", "a ViT with MobileCLIP's convolutional stem"},
                           {"vit_pe_", "a Perception Encoder"},
                           {"vitamin", "a ViTamin"},
                           {"vit_", "another kind of ViT"},
                           {"eva", "an EVA"},
                           {"swin", "a Swin Transformer"},
                           {"resnet", "a ResNet"}};

}  // namespace

const TimmTrunk* find_timm_trunk(std::string_view name) {
  const auto untagged = name.substr(0, name.find('.'));
  for (const auto& row : kTrunks) {
    if (row.name == untagged) return &row.trunk;
  }
  return nullptr;
}

std::string_view describe_timm_trunk(std::string_view name) {
  for (const auto& kind : kKinds) {
    if (name.starts_with(kind.prefix)) return kind.description;
  }
  return "a network of its own";
}

}  // namespace clipclap::checkpoint
