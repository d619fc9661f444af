#include "model/script/script_probe.h"

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
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

/// Keeps what was tried for the message of a failure, which ought to fit a line.
class Attempts {
 public:
  template <typename Call>
  std::optional<ScriptOutput> operator()(const std::string& what, const Call& call) {
    if (count_++ == 0) first_ = what;
    last_ = what;
    try {
      return call();
    } catch (const Error& failure) {
      if (reason_.empty()) reason_ = failure.message();
    }
    return std::nullopt;
  }

  [[noreturn]] void give_up(const std::string& origin, const std::string& remedy) const {
    const auto tried = count_ == 1
                           ? "tried was " + first_
                           : fmt::format("{} were tried, from {} to {}", count_, first_, last_);
    throw Error(ErrorCode::kInvalidData,
                fmt::format("no input fits: {}; {}; {}", reason_, remedy, tried), origin);
  }

 private:
  int count_ = 0;
  std::string first_;
  std::string last_;
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

std::vector<std::size_t> text_lengths(const ScriptOptions& options) {
  if (options.text_length > 0) return {static_cast<std::size_t>(options.text_length)};
  return {std::begin(kTextLengths), std::end(kTextLengths)};
}

std::vector<int> image_sizes(const ScriptOptions& options) {
  if (options.image_size > 0) return {options.image_size};
  return {std::begin(kImageSizes), std::end(kImageSizes)};
}

std::vector<Clip> clips(const ScriptOptions& options) {
  if (options.sample_rate <= 0 && !(options.sample_seconds > 0)) {
    return {std::begin(kClips), std::end(kClips)};
  }
  const int rate = options.sample_rate > 0 ? options.sample_rate : kClips[0].sample_rate;
  constexpr double kUsualSeconds = 10;
  const double seconds = options.sample_seconds > 0 ? options.sample_seconds : kUsualSeconds;
  return {{rate, std::llround(seconds * rate)}};
}

std::vector<ForwardOrder> orders(const ScriptOptions& options) {
  if (options.forward_order.empty()) return {ForwardOrder::kMediaFirst, ForwardOrder::kTextFirst};
  if (options.forward_order == "media") return {ForwardOrder::kMediaFirst};
  if (options.forward_order == "text") return {ForwardOrder::kTextFirst};
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("forward() takes \"media\" or \"text\" first, not \"{}\"",
                          options.forward_order));
}

std::string_view suffix_of(ForwardOrder order) {
  return order == ForwardOrder::kTextFirst ? ", text first" : "";
}

/// One trial: `probe` says all but what comes out.
std::optional<ScriptProbe> try_inputs(Attempts& attempt, const std::string& what,
                                      const ScriptModule& module, const at::Tensor& media,
                                      const std::vector<at::Tensor>& text, ScriptProbe probe) {
  auto output = attempt(fmt::format("{}{}", what, suffix_of(probe.order)),
                        [&] { return module.run(media, text, probe.order); });
  if (!output) return std::nullopt;
  probe.output = *std::move(output);
  finish(probe, module, media, text);
  return probe;
}

ScriptProbe probe_pictures(const ScriptModule& module, const TextSide& text,
                           const Checkpoint& checkpoint) {
  Attempts attempt;
  for (const auto order : orders(checkpoint.script)) {
    for (const int size : image_sizes(checkpoint.script)) {
      const auto pixels = at::rand({kMediaRows, 3, size, size});
      for (const auto length : text_lengths(checkpoint.script)) {
        const auto what = fmt::format("{0}×{0} pixels with {1} tokens", size, length);
        auto probe =
            try_inputs(attempt, what, module, pixels, make_text(text, length, false),
                       {.image_size = size, .order = order, .text_length = length, .output = {}});
        if (probe) return *std::move(probe);
      }
    }
  }
  attempt.give_up(checkpoint.origin,
                  "give its size with --image-size, or that of its texts with --text-length");
}

ScriptProbe probe_sounds(const ScriptModule& module, const TextSide& text,
                         const Checkpoint& checkpoint) {
  Attempts attempt;
  for (const auto order : orders(checkpoint.script)) {
    for (const auto& clip : clips(checkpoint.script)) {
      const auto samples = at::zeros({kMediaRows, clip.sample_count});
      for (const auto length : text_lengths(checkpoint.script)) {
        const auto what = fmt::format("{} samples at {} Hz with {} tokens", clip.sample_count,
                                      clip.sample_rate, length);
        auto probe = try_inputs(attempt, what, module, samples, make_text(text, length, true),
                                {.sample_rate = clip.sample_rate,
                                 .sample_count = clip.sample_count,
                                 .masks = true,
                                 .order = order,
                                 .text_length = length,
                                 .output = {}});
        if (probe) return *std::move(probe);
      }
    }
  }
  attempt.give_up(checkpoint.origin,
                  "export it with forward(audio[B,N] float, ids[L,T] int64, mask[L,T] int64), or "
                  "give its length with --sample-rate and --sample-duration");
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
