#include "model/script/script_probe.h"

#include <optional>
#include <string>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "model/script/script_file.h"

namespace clipclap::model {
namespace {

constexpr int kImageSizes[] = {224, 256, 384, 378};
constexpr std::size_t kTextLengths[] = {77, 64, 52, 32, 128, 256, 512};

struct Clip {
  int sample_rate;
  std::int64_t sample_count;
};
constexpr Clip kClips[] = {{48000, 480000}, {44100, 308700}, {48000, 336000}, {32000, 320000}};

// Unlike numbers of rows tell the sides of the output apart.
constexpr std::int64_t kMediaRows = 2;
constexpr std::int64_t kTextRows = 3;

std::vector<at::Tensor> make_text(const TextSide& side, std::size_t length, bool masks) {
  const auto encoding = side.tokenizer.encode(
      "a photo", {.max_length = length, .pad_to = length, .pad_id = side.layout.pad_id});
  const auto rows = [](const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong).unsqueeze(0).repeat({kTextRows, 1});
  };
  std::vector<at::Tensor> inputs{rows(encoding.ids)};
  if (masks) inputs.push_back(rows(encoding.mask));
  return inputs;
}

/// Collects what was tried for the message of a failure.
class Attempts {
 public:
  std::optional<ScriptOutput> operator()(const std::string& what, const ScriptModule& module,
                                         const at::Tensor& media,
                                         const std::vector<at::Tensor>& text) {
    tried_ += (tried_.empty() ? "" : ", ") + what;
    try {
      return module.run(media, text);
    } catch (const Error& failure) {
      remember(failure.message());
    } catch (const std::exception& failure) {
      remember(last_line(failure));
    }
    return std::nullopt;
  }

  [[noreturn]] void give_up(const std::string& origin, const std::string& remedy) const {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("no input fits; tried were {}; the first failed with: {}; {}", tried_,
                            reason_, remedy),
                origin);
  }

 private:
  void remember(std::string text) {
    if (reason_.empty()) reason_ = std::move(text);
  }

  std::string tried_;
  std::string reason_;
};

bool is_near(const at::Tensor& a, const at::Tensor& b) {
  const auto unit = [](const at::Tensor& rows) {
    return rows / at::linalg_vector_norm(rows, 2, at::IntArrayRef{-1}, true);
  };
  return a.sizes() == b.sizes() && at::allclose(unit(a), unit(b), 1e-3, 1e-4);
}

template <typename Call>
bool agrees_alone(const Call& call, const at::Tensor& expected) {
  try {
    const std::optional<at::Tensor> alone = call();
    return alone && is_near(*alone, expected);
  } catch (const std::exception&) {
    return false;  // forward() serves
  }
}

void finish(ScriptProbe& probe, const ScriptModule& module, const at::Tensor& media,
            const std::vector<at::Tensor>& text) {
  probe.media_alone =
      agrees_alone([&] { return module.run_media_alone(media); }, probe.output.media);
  probe.text_alone = agrees_alone([&] { return module.run_text_alone(text); }, probe.output.text);
  probe.media_example = media.narrow(0, 0, 1);
  for (const auto& input : text) probe.text_example.push_back(input.narrow(0, 0, 1));
}

ScriptProbe probe_pictures(const ScriptModule& module, const TextSide& text,
                           const Checkpoint& checkpoint) {
  std::vector<int> sizes(std::begin(kImageSizes), std::end(kImageSizes));
  if (checkpoint.script.image_size > 0) sizes = {checkpoint.script.image_size};
  Attempts attempt;
  for (const int size : sizes) {
    const auto pixels = at::rand({kMediaRows, 3, size, size});
    for (const auto length : kTextLengths) {
      const auto ids = make_text(text, length, false);
      const auto what = fmt::format("{0}×{0} pixels with {1} tokens", size, length);
      auto output = attempt(what, module, pixels, ids);
      if (!output) continue;
      ScriptProbe probe{.image_size = size, .text_length = length, .output = *std::move(output)};
      finish(probe, module, pixels, ids);
      return probe;
    }
  }
  attempt.give_up(checkpoint.origin, "give the size with --image-size");
}

ScriptProbe probe_sounds(const ScriptModule& module, const TextSide& text,
                         const Checkpoint& checkpoint) {
  Attempts attempt;
  for (const auto& clip : kClips) {
    const auto samples = at::zeros({kMediaRows, clip.sample_count});
    for (const auto length : kTextLengths) {
      const auto inputs = make_text(text, length, true);
      const auto what = fmt::format("{} samples at {} Hz with {} tokens", clip.sample_count,
                                    clip.sample_rate, length);
      auto output = attempt(what, module, samples, inputs);
      if (!output) continue;
      ScriptProbe probe{.sample_rate = clip.sample_rate,
                        .sample_count = clip.sample_count,
                        .masks = true,
                        .text_length = length,
                        .output = *std::move(output)};
      finish(probe, module, samples, inputs);
      return probe;
    }
  }
  attempt.give_up(checkpoint.origin,
                  "export it with forward(audio[B,N] float, ids[L,T] int64, mask[L,T] int64)");
}

}  // namespace

ScriptProbe probe_script(const ScriptModule& module, const TextSide& text,
                         const Checkpoint& checkpoint) {
  constexpr std::size_t kPictureInputs = 2;
  constexpr std::size_t kSoundInputs = 3;
  const auto count = module.input_count();
  if (count == kPictureInputs) return probe_pictures(module, text, checkpoint);
  if (count == kSoundInputs) return probe_sounds(module, text, checkpoint);
  throw Error(ErrorCode::kInvalidData,
              fmt::format("forward() takes {} inputs; known are (image, text) and (audio, ids, "
                          "mask)",
                          count),
              checkpoint.origin);
}

}  // namespace clipclap::model
