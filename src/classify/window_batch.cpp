#include "classify/window_batch.h"

#include <utility>
#include <variant>

#include <ATen/ops/empty.h>

namespace clipclap::classify {

bool WindowBatch::takes(const media::MediaItem& item) const {
  if (full()) return false;
  if (const auto* sound = std::get_if<media::SoundWindow>(&item)) {
    return sound->is_silent || samples_.takes(sound->samples);
  }
  return pixels_.takes(std::get<media::SampledPicture>(item).picture);
}

void WindowBatch::add(const media::MediaItem& item, Window window) {
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
    pixels_.add(std::get<media::SampledPicture>(item).picture);
  }
  windows_.push_back(std::move(window));
}

at::Tensor WindowBatch::encode() const {
  if (!samples_.empty()) return model::embed_samples(*encoder_, samples_.samples());
  if (!pixels_.empty()) return model::embed_pixels(*encoder_, pixels_.pixels());
  return at::empty({0, encoder_->info.embedding_dimension});
}

void WindowBatch::clear() {
  windows_.clear();
  pixels_.clear();
  samples_.clear();
}

}  // namespace clipclap::classify
