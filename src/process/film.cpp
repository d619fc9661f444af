#include "process/film.h"

#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "media/demuxer.h"
#include "media/film_writer.h"
#include "media/picture_stream.h"
#include "process/pixels.h"

namespace clipclap::process {
namespace {

class Film {
 public:
  Film(PictureQueue& queue, const std::string& input, const OutputFile& output,
       const FilmOptions& options)
      : queue_(queue),
        options_(options),
        demuxer_(input, {.others = true}),
        pictures_(*demuxer_.streams().front().stream),
        stream_({demuxer_.format(), pictures_,
                 demuxer_.is_still() ? demuxer_.first_packet(pictures_) : nullptr,
                 demuxer_.is_still(), demuxer_.name()},
                {.sampling = {.mode = Sampling::Mode::kEveryNth, .frame_step = 1},
                 .decoder_threads = options.codec_threads}),
        writer_({.descriptor = output.descriptor(),
                 .name = output.path(),
                 .format = options.format,
                 .codec = options.codec,
                 .settings = options.codec_settings,
                 .encoder_threads = options.codec_threads},
                {demuxer_.format(), pictures_, demuxer_.is_still(), demuxer_.name()}) {}

  void run() {
    const auto packet = media::make_packet();
    auto status = media::Demuxer::Status::kPacket;
    while (status == media::Demuxer::Status::kPacket) {
      stop_if_asked();
      status = demuxer_.read(*packet);
      if (status == media::Demuxer::Status::kBroken) throw_broken();
      const bool is_end = status == media::Demuxer::Status::kEnd;
      if (!is_end && packet->stream_index != pictures_.index) {
        writer_.copy(*packet);
        continue;
      }
      stream_.push(is_end ? nullptr : packet.get());
      while (auto item = stream_.next()) take(std::get<media::SampledPicture>(std::move(*item)));
    }
    stream_.require_decoded();
    finish();
  }

 private:
  using Status = PictureQueue::Status;

  void take(media::SampledPicture&& sampled) {
    stop_if_asked();
    const auto& picture = sampled.picture;
    require_size(picture, sampled.start_seconds);
    under_way_.push_back({.pixel_aspect = picture.pixel_aspect,
                          .start_seconds = sampled.start_seconds,
                          .end_seconds = sampled.end_seconds,
                          .source_format = stream_.pixel_format()});
    auto planes = to_planes(picture, queue_.model().channels());
    if (demuxer_.is_still()) {
      // No other picture keeps the cores busy: all of them work on this one.
      write(queue_.model().run(planes.unsqueeze(0), 0)[0]);
      return;
    }
    queue_.push(std::move(planes));
    while (guarded([&](const auto& use) { return queue_.poll(use); }) == Status::kPicture) {
    }
  }

  void finish() {
    queue_.flush();
    while (guarded([&](const auto& use) { return queue_.wait(-1, use); }) == Status::kPicture) {
      stop_if_asked();
    }
    writer_.finish();
  }

  template <class Take>
  Status guarded(const Take& take) {
    try {
      return take([&](const at::Tensor& planes) { write(planes); });
    } catch (const Error& failure) {
      if (failure.context() != queue_.model().path() || under_way_.empty()) throw;
      throw Error(failure.code(),
                  fmt::format("{} (the picture at {:.3f} s)", failure.message(),
                              under_way_.front().start_seconds),
                  failure.context());
    }
  }

  void write(const at::Tensor& planes) {
    auto picture = std::move(under_way_.front());
    under_way_.pop_front();
    picture.channels = static_cast<int>(planes.size(0));
    picture.height = static_cast<int>(planes.size(1));
    picture.width = static_cast<int>(planes.size(2));
    // Where a model stretches a picture, it is still to be shown in its shape.
    picture.pixel_aspect *= static_cast<double>(size_->width) * picture.height /
                            (static_cast<double>(size_->height) * picture.width);
    picture.pixels = to_bytes(planes);
    writer_.write(picture);
    ++written_;
    tell(picture.end_seconds);
  }

  [[noreturn]] void throw_broken() const {
    const Error& reason = demuxer_.broken_reason();
    throw Error(reason.code(), reason.message(), reason.context());
  }

  void require_size(const Picture& picture, double seconds) {
    const PictureSize size{picture.width, picture.height};
    if (!size_) size_ = size;
    if (*size_ == size) return;
    throw Error(ErrorCode::kUnsupported,
                fmt::format("its pictures change from {} × {} to {} × {} at {:.3f} s; cut it there",
                            size_->width, size_->height, size.width, size.height, seconds),
                demuxer_.name());
  }

  void stop_if_asked() const {
    if (options_.stop == nullptr || !options_.stop->load()) return;
    throw Error(ErrorCode::kCancelled, "stopped before its end", demuxer_.name());
  }

  void tell(double end_seconds) const {
    if (!options_.on_progress) return;
    const auto& format = demuxer_.format();
    const double start = format.start_time != AV_NOPTS_VALUE
                             ? static_cast<double>(format.start_time) / AV_TIME_BASE
                             : 0;
    Progress progress{.position_seconds = end_seconds - start, .windows = written_};
    if (format.duration > 0) {
      progress.duration_seconds = static_cast<double>(format.duration) / AV_TIME_BASE;
    }
    options_.on_progress(progress);
  }

  PictureQueue& queue_;
  const FilmOptions& options_;
  media::Demuxer demuxer_;
  const AVStream& pictures_;
  media::PictureStream stream_;
  media::FilmWriter writer_;
  std::optional<PictureSize> size_;
  /// Of pictures that are in the queue: what is known of them beside their pixels.
  std::deque<media::FilmPicture> under_way_;
  std::size_t written_ = 0;
};

}  // namespace

void run_film(PictureQueue& queue, const std::string& input, const OutputFile& output,
              const FilmOptions& options) {
  Film(queue, input, output, options).run();
}

}  // namespace clipclap::process
