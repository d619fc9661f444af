#include "media/prepare_ahead.h"

#include <algorithm>
#include <utility>

extern "C" {
#include <libavutil/cpu.h>
}

namespace clipclap::media {

PrepareAhead::PrepareAhead(const std::string& name,
                           const std::optional<Preprocessing>& preprocessing, std::size_t threads)
    : pool_(threads, [] {}) {
  const auto warnings = std::make_shared<ColorWarnings>();
  for (std::size_t i = 0; i < threads; ++i) {
    preparers_.push_back(std::make_unique<FramePreparer>(name, preprocessing, warnings));
  }
}

std::future<Picture> PrepareAhead::whole(AVFrame& frame, const FrameTraits& traits) {
  const std::shared_ptr<AVFrame> own = make_frame();
  av_frame_move_ref(own.get(), &frame);
  if (preparers_.size() == 1) {
    std::packaged_task<Picture()> task([&] { return preparers_.front()->whole(*own, traits); });
    task();
    return task.get_future();
  }
  return pool_.submit(
      [this, own, traits] { return preparers_[worker_number]->whole(*own, traits); });
}

std::size_t preparing_threads(int decoder_threads) {
  constexpr int kMost = 8;  // faster than films are decoded
  const int threads = decoder_threads > 0 ? decoder_threads : av_cpu_count();
  return static_cast<std::size_t>(std::clamp(threads / 2, 1, kMost));
}

}  // namespace clipclap::media
