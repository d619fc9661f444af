#include "classify/window_encoder.h"

#include <optional>
#include <utility>

#include <clipclap/error.h>

#include "media/picture_reader.h"
#include "model/pixel_batch.h"

namespace clipclap::classify {
namespace {

void throw_if_stopped(const RunOptions& options, const std::string& input) {
  if (options.stop != nullptr && options.stop->load()) {
    throw Error(ErrorCode::kCancelled, "stopped before its end", input);
  }
}

}  // namespace

void encode_windows(const model::DualEncoder& encoder, const std::string& input,
                    const RunOptions& options,
                    const std::function<void(const EncodedBatch&)>& sink) {
  if (options.batch == 0) {
    throw Error(ErrorCode::kInvalidArgument, "the batch must hold at least one picture");
  }
  throw_if_stopped(options, input);
  const auto& preprocessing = encoder.require_picture().preprocessing;
  media::PictureReader reader(
      input, {.sampling = options.sampling, .decoder_threads = options.decoder_threads});
  const auto kind = reader.kind();
  model::PixelBatch batch(kind == MediaKind::kImage ? 1 : options.batch);
  std::vector<Window> windows;
  Progress progress{.duration_seconds = reader.duration_seconds()};

  const auto flush = [&] {
    if (batch.empty()) return;
    const EncodedBatch encoded{std::exchange(windows, {}),
                               model::embed_pixels(encoder, batch.pixels())};
    batch.clear();
    sink(encoded);
    progress.windows += encoded.windows.size();
    progress.position_seconds = encoded.windows.back().end_seconds - reader.start_seconds();
    if (options.on_progress) options.on_progress(progress);
  };
  const auto next = [&]() -> std::optional<media::SampledPicture> {
    throw_if_stopped(options, input);
    try {
      return reader.next();
    } catch (const Error&) {
      flush();
      throw;
    }
  };
  while (const auto sampled = next()) {
    const auto prepared = media::prepare(sampled->picture, preprocessing);
    if (!batch.takes(prepared)) flush();
    batch.add(prepared);
    windows.push_back({input, reader.stream(), kind, sampled->start_seconds, sampled->end_seconds});
    if (batch.full()) flush();
  }
  flush();
}

}  // namespace clipclap::classify
