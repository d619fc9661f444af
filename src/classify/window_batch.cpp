#include "classify/window_batch.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <ATen/ops/empty.h>

#include "classify/encoder_pool.h"

namespace clipclap::classify {

bool WindowBatch::takes(const media::MediaItem& item) const {
  if (full()) return false;
  if (const auto* sound = std::get_if<media::SoundWindow>(&item)) {
    return sound->is_silent || samples_.takes(sound->samples);
  }
  return pixels_.takes(std::get<media::SampledPicture>(item).picture);
}

void WindowBatch::add(const media::MediaItem& item, const Place& place, Window window) {
  std::visit(
      [&](const auto& content) {
        window.start_seconds = content.start_seconds;
        window.end_seconds = content.end_seconds;
      },
      item);
  if (const auto* sound = std::get_if<media::SoundWindow>(&item)) {
    window.is_silent = sound->is_silent;
    if (!sound->is_silent) samples_.add(sound->samples);
  } else {
    const auto& picture = std::get<media::SampledPicture>(item);
    window.box = picture.box;
    window.box_label = picture.box_label;
    pixels_.add(picture.picture);
  }
  windows_.push_back(std::move(window));
  places_.push_back(place);
}

std::size_t WindowBatch::row_count() const {
  return static_cast<std::size_t>(std::count_if(
      windows_.begin(), windows_.end(), [](const Window& window) { return !window.is_silent; }));
}

at::Tensor WindowBatch::encode(std::size_t first, std::size_t count) const {
  if (count == 0) return at::empty({0, encoder_->info.embedding_dimension});
  const auto part = [&](const at::Tensor& rows) {
    return rows.narrow(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(count));
  };
  const auto& encoder = encoder_->for_worker(worker_number);
  if (!samples_.empty()) return model::embed_samples(encoder, part(samples_.samples()));
  return model::embed_pixels(encoder, part(pixels_.pixels()));
}

}  // namespace clipclap::classify
