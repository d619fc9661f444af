#include "model/dual_encoder.h"

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "model/device.h"
#include "model/pixel_batch.h"
#include "model/torch_guard.h"

namespace clipclap::model {
namespace {

// Large enough to fill the products, small enough that activations stay in the cache.
constexpr std::size_t kTextsAtOnce = 64;
constexpr std::size_t kPicturesAtOnce = 16;
/// What a Swin tower makes of four windows stays in the cache; of more it is written and read.
constexpr std::int64_t kSoundsAtOnce = 4;

at::Tensor finish(const DualEncoder& encoder, const at::Tensor& rows) {
  const auto here = rows.to(at::kCPU);
  return encoder.normalizes ? normalize_rows(here) : here.to(at::kFloat);
}

at::Tensor encode_batch(const DualEncoder& encoder, std::span<const std::string> texts) {
  const auto& layout = encoder.text.layout;
  std::vector<text::Encoding> encodings;
  std::size_t longest = 0;
  for (const auto& text : texts) {
    encodings.push_back(encode_text(encoder.text, text, /*padded=*/false));
    longest = std::max(longest, encodings.back().ids.size());
  }
  const auto rows = static_cast<std::int64_t>(texts.size());
  const auto columns = static_cast<std::int64_t>(layout.padding_matters ? layout.length : longest);
  const auto ids = at::full({rows, columns}, layout.pad_id, at::kLong);
  const auto mask = at::zeros({rows, columns}, at::kLong);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto& encoding = encodings[static_cast<std::size_t>(row)];
    std::copy(encoding.ids.begin(), encoding.ids.end(),
              ids.data_ptr<std::int64_t>() + row * columns);
    std::copy(encoding.mask.begin(), encoding.mask.end(),
              mask.data_ptr<std::int64_t>() + row * columns);
  }
  const OnDevice guard(encoder.device);
  return finish(encoder,
                encoder.text.tower->encode(ids.to(encoder.device), mask.to(encoder.device)));
}

}  // namespace

const PictureSide& DualEncoder::require_picture() const {
  if (picture) return *picture;
  throw Error(ErrorCode::kUnsupported,
              "the model hears but does not see; pictures and video need one that sees, such as "
              "openai/clip-vit-base-patch32",
              info.name);
}

const SoundSide& DualEncoder::require_sound() const {
  if (sound) return *sound;
  throw Error(ErrorCode::kUnsupported,
              "the model sees but does not hear; sounds need one that hears, such as "
              "laion/clap-htsat-unfused",
              info.name);
}

const DualEncoder& DualEncoder::for_worker(std::size_t worker) const {
  const auto place = worker % (replicas.size() + 1);
  return place == 0 ? *this : *replicas[place - 1];
}

std::string_view to_string(ScoreRule::Kind kind) {
  return kind == ScoreRule::Kind::kSigmoid ? "sigmoid" : "softmax";
}

text::Encoding encode_text(const TextSide& side, std::string_view text, bool padded) {
  const auto& layout = side.layout;
  text::EncodeOptions options{.max_length = layout.length, .pad_id = layout.pad_id};
  if (padded) options.pad_to = layout.length;
  return side.tokenizer.encode(text, options);
}

at::Tensor normalize_rows(const at::Tensor& rows) {
  const auto exact = rows.to(at::kFloat);
  auto normalized = exact / at::linalg_vector_norm(exact, 2, at::IntArrayRef{-1}, true);
  if (!at::isfinite(normalized).all().item<bool>()) {
    throw Error(
        ErrorCode::kInvalidData,
        rows.scalar_type() == at::kHalf
            ? "an embedding is zero or beyond float16's reach; take --precision bf16 or fp32"
            : "an embedding is zero or not finite; the checkpoint's weights are broken");
  }
  return normalized;
}

at::Tensor embed_texts(const DualEncoder& encoder, std::span<const std::string> texts) {
  return with_torch("text tower", [&] {
    std::vector<at::Tensor> parts;
    for (std::size_t start = 0; start < texts.size(); start += kTextsAtOnce) {
      const auto count = std::min(kTextsAtOnce, texts.size() - start);
      parts.push_back(encode_batch(encoder, texts.subspan(start, count)));
    }
    return at::cat(parts);
  });
}

at::Tensor embed_pictures(const DualEncoder& encoder, std::span<const Picture> pictures) {
  std::vector<at::Tensor> parts;
  PixelBatch batch(std::min(kPicturesAtOnce, pictures.size()), encoder.device);
  const auto flush = [&] {
    if (!batch.empty()) parts.push_back(embed_pixels(encoder, batch.pixels()));
    batch.clear();
  };
  for (const auto& picture : pictures) {
    const auto prepared = media::prepare(picture, encoder.require_picture().preprocessing);
    if (!batch.takes(prepared)) flush();
    batch.add(prepared);
  }
  flush();
  return at::cat(parts);
}

at::Tensor embed_pixels(const DualEncoder& encoder, const at::Tensor& pixels) {
  const auto& tower = *encoder.require_picture().tower;
  return with_torch("picture tower", [&] {
    const OnDevice guard(encoder.device);
    return encode_that_fits(pixels, [&](const at::Tensor& part) {
      return finish(encoder, tower.encode(part.to(encoder.device, part.scalar_type(), true)));
    });
  });
}

at::Tensor embed_samples(const DualEncoder& encoder, const at::Tensor& samples) {
  const auto& tower = *encoder.require_sound().tower;
  return with_torch("sound tower", [&] {
    const OnDevice guard(encoder.device);
    std::vector<at::Tensor> parts;
    for (const auto& part :
         samples.split(encoder.device.is_cpu() ? kSoundsAtOnce : samples.size(0))) {
      parts.push_back(
          encode_that_fits(part, [&](const at::Tensor& some) { return tower.encode(some); }));
    }
    return finish(encoder, at::cat(parts));
  });
}

}  // namespace clipclap::model
