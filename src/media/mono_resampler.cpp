#include "media/mono_resampler.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/log.h"
#include "media/ffmpeg_error.h"

namespace clipclap::media {
namespace {

const AVChannelLayout kMono = AV_CHANNEL_LAYOUT_MONO;
constexpr int kMaxChannels = 64;
/// Nothing is recorded outside of them; resampling would take memory without end.
constexpr int kLowestRate = 100;
constexpr int kHighestRate = 50'000'000;

/// Far above what any recording means, far below what overflows in a filter.
constexpr double kLargestSample = 1e6;

template <class Sample>
bool is_stray(Sample sample) {
  return !(std::abs(sample) <= kLargestSample);
}

/// The frame's samples, plane by plane.
template <class Sample>
std::vector<std::span<Sample>> planes_of(const AVFrame& frame) {
  const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame.format)) != 0;
  const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  const auto count = static_cast<std::size_t>(frame.nb_samples) * (planar ? 1 : channels);
  std::vector<std::span<Sample>> planes(planar ? channels : 1);
  for (std::size_t i = 0; i < planes.size(); ++i) {
    planes[i] = {reinterpret_cast<Sample*>(frame.extended_data[i]), count};
  }
  return planes;
}

template <class Sample>
bool has_strays(const AVFrame& frame) {
  const auto planes = planes_of<Sample>(frame);
  return std::any_of(planes.begin(), planes.end(), [](const auto& plane) {
    return std::any_of(plane.begin(), plane.end(), is_stray<Sample>);
  });
}

template <class Sample>
void clear_strays(AVFrame& frame) {
  for (const auto& plane : planes_of<Sample>(frame)) {
    std::replace_if(plane.begin(), plane.end(), is_stray<Sample>, Sample{0});
  }
}

/// The layout that the frame says or, where it only counts channels, the usual one of so many.
class MeantLayout {
 public:
  explicit MeantLayout(const AVFrame& frame) {
    const auto& said = frame.ch_layout;
    if (said.order == AV_CHANNEL_ORDER_UNSPEC) {
      av_channel_layout_default(&layout_, said.nb_channels);
    } else if (av_channel_layout_copy(&layout_, &said) < 0) {
      throw std::bad_alloc();
    }
  }
  ~MeantLayout() { av_channel_layout_uninit(&layout_); }
  MeantLayout(const MeantLayout&) = delete;
  MeantLayout& operator=(const MeantLayout&) = delete;

  /// libswresample's functions predate const; they change nothing.
  AVChannelLayout& get() { return layout_; }

 private:
  AVChannelLayout layout_{};
};

/// What each channel gives to the one that is left; the sum is 1.
std::vector<double> mixing_weights(const AVChannelLayout& layout) {
  std::vector<double> weights(static_cast<std::size_t>(layout.nb_channels));
  constexpr double kLevel = 0.7071067811865476;  // of centre and surrounds beside left and right
  // Where the sum is larger than this, or a volume is given, libswresample scales a matrix of
  // 64 × 64, whatever memory it was given. It is scaled here.
  constexpr double kNoMaximum = 1e6;
  constexpr double kNoVolume = 0;
  const bool has_places = layout.order == AV_CHANNEL_ORDER_NATIVE;
  const int result = has_places ? swr_build_matrix2(&layout, &kMono, kLevel, kLevel, 0, kNoMaximum,
                                                    kNoVolume, weights.data(), layout.nb_channels,
                                                    AV_MATRIX_ENCODING_NONE, nullptr)
                                : AVERROR(EINVAL);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (result < 0 || !(sum > 0)) {
    std::fill(weights.begin(), weights.end(), 1.0 / layout.nb_channels);
  } else {
    for (double& weight : weights) weight /= sum;
  }
  return weights;
}

/// Not yet initialised. soxr's own default is its high quality.
ResamplerPointer make_resampler(const AVFrame& frame, int sample_rate, SwrEngine engine) {
  MeantLayout layout(frame);
  AVChannelLayout mono = kMono;
  SwrContext* made = nullptr;
  swr_alloc_set_opts2(&made, &mono, AV_SAMPLE_FMT_FLT, sample_rate, &layout.get(),
                      static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  ResamplerPointer resampler(made);
  if (!resampler) throw std::bad_alloc();
  av_opt_set_int(made, "internal_sample_fmt", AV_SAMPLE_FMT_FLTP, 0);
  av_opt_set_int(made, "resampler", engine, 0);
  if (engine == SWR_ENGINE_SWR) {
    av_opt_set_int(made, "filter_size", 64, 0);
    av_opt_set_double(made, "cutoff", 0.97, 0);
  }
  const int channels = layout.get().nb_channels;
  if (channels > 1) swr_set_matrix(made, mixing_weights(layout.get()).data(), channels);
  return resampler;
}

}  // namespace

MonoResampler::MonoResampler(int sample_rate, std::string name)
    : sample_rate_(sample_rate), name_(std::move(name)) {}

void MonoResampler::push(const AVFrame& frame, std::vector<float>& samples) {
  if (!takes(frame)) {
    flush(samples);
    prepare(frame);
  }
  // One such sample would reach all that the filter touches.
  const auto cleaned = without_strays(frame);
  convert(cleaned ? cleaned.get() : &frame, samples);
}

// Nothing where the frame is good as it is.
FramePointer MonoResampler::without_strays(const AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const auto packed = av_get_packed_sample_fmt(format);
  const bool strays = packed == AV_SAMPLE_FMT_FLT   ? has_strays<float>(frame)
                      : packed == AV_SAMPLE_FMT_DBL ? has_strays<double>(frame)
                                                    : false;
  if (!strays) return nullptr;
  if (!warned_) {
    log_warning(fmt::format("{}: samples that are no numbers are taken as silence", name_));
    warned_ = true;
  }
  FramePointer copy(av_frame_clone(&frame));
  if (!copy || av_frame_make_writable(copy.get()) < 0) throw std::bad_alloc();
  if (packed == AV_SAMPLE_FMT_FLT) {
    clear_strays<float>(*copy);
  } else {
    clear_strays<double>(*copy);
  }
  return copy;
}

void MonoResampler::flush(std::vector<float>& samples) {
  if (!resampler_) return;
  convert(nullptr, samples);
  resampler_.reset();
}

bool MonoResampler::takes(const AVFrame& frame) const {
  return resampler_ && prepared_for_->format == frame.format &&
         prepared_for_->sample_rate == frame.sample_rate &&
         av_channel_layout_compare(&prepared_for_->ch_layout, &frame.ch_layout) == 0;
}

void MonoResampler::prepare(const AVFrame& frame) {
  const int channels = frame.ch_layout.nb_channels;
  if (channels <= 0 || channels > kMaxChannels || frame.sample_rate < kLowestRate ||
      frame.sample_rate > kHighestRate) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("its sound has {} channels at {} Hz, which cannot be mixed; convert it",
                            channels, frame.sample_rate),
                name_);
  }
  int result = 0;
  for (const auto engine : {SWR_ENGINE_SOXR, SWR_ENGINE_SWR}) {
    resampler_ = make_resampler(frame, sample_rate_, engine);
    result = swr_init(resampler_.get());
    if (result >= 0) break;
  }
  if (result < 0) throw_av_error(result, "its sound cannot be resampled", name_);
  prepared_for_ = make_frame();
  prepared_for_->format = frame.format;
  prepared_for_->sample_rate = frame.sample_rate;
  if (av_channel_layout_copy(&prepared_for_->ch_layout, &frame.ch_layout) < 0) {
    throw std::bad_alloc();
  }
}

void MonoResampler::convert(const AVFrame* frame, std::vector<float>& samples) {
  const int count = frame == nullptr ? 0 : frame->nb_samples;
  auto** input =
      frame == nullptr ? nullptr : const_cast<const std::uint8_t**>(frame->extended_data);
  const int room = swr_get_out_samples(resampler_.get(), count);
  if (room < 0) throw_av_error(room, "its sound cannot be resampled", name_);
  const std::size_t before = samples.size();
  samples.resize(before + static_cast<std::size_t>(room));
  auto* output = reinterpret_cast<std::uint8_t*>(samples.data() + before);
  const int made = swr_convert(resampler_.get(), &output, room, input, count);
  if (made < 0) throw_av_error(made, "its sound cannot be resampled", name_);
  samples.resize(before + static_cast<std::size_t>(made));
}

}  // namespace clipclap::media
