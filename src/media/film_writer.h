// A media file anew: its pictures replaced, its sound and subtitles as they were.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "media/encoder.h"
#include "media/muxer.h"

namespace clipclap::media {

struct FilmTarget {
  int descriptor = -1;      ///< outlives the writer
  std::string name;         ///< whose extension tells the container
  std::string format{};     ///< libavformat's name of the container in place of the extension
  std::string codec{};      ///< of pictures; empty: the container's own
  std::string settings{};   ///< of the encoder, "KEY=VALUE:…"
  int encoder_threads = 0;  ///< 0 lets libavcodec choose
};

/// What is read; it outlives the writer.
struct FilmSource {
  AVFormatContext& format;
  const AVStream& pictures;  ///< those that are replaced
  bool is_still;
  const std::string& name;
};

/// Grey (1 channel) or RGB (3) in 8 bits of full range, packed, with its place on the source's
/// clock.
struct FilmPicture {
  int width = 0;
  int height = 0;
  int channels = 3;
  std::vector<std::uint8_t> pixels{};
  double pixel_aspect = 1.0;
  double start_seconds = 0;
  double end_seconds = 0;
  AVPixelFormat source_format = AV_PIX_FMT_NONE;  ///< as it was decoded
};

/// Times and their base are the source's where container and encoder can count so. What the
/// container does not take is left out with a warning, once. Not thread-safe. Throws Error as
/// Muxer and Encoder do.
class FilmWriter {
 public:
  FilmWriter(const FilmTarget& target, const FilmSource& source);

  /// A packet of any stream of the source but the pictures', in the order of the file.
  void copy(const AVPacket& packet);

  /// The next picture; all of one size.
  void write(const FilmPicture& picture);

  /// To be called after the last picture. Without pictures there is nothing to finish: Error
  /// (kInvalidData).
  void finish();

 private:
  void note_left_out() const;
  void note_losses(AVPixelFormat format) const;
  void begin(const FilmPicture& first);
  EncoderOptions encoder_options(const FilmPicture& first, const AVCodec& codec) const;
  void choose_streams();
  bool takes_these() const;
  void add_streams(Muxer& muxer) const;
  std::int64_t next_time(double start_seconds);
  std::int64_t to_ticks(double seconds) const;
  void drain();

  FilmTarget target_;
  FilmSource source_;
  Muxer muxer_;
  /// Where each stream of the source goes; -1 where it is left out.
  std::vector<int> places_;
  std::optional<Encoder> encoder_;
  /// What came before the first picture.
  std::deque<PacketPointer> held_;
  std::optional<std::int64_t> last_time_;
  bool warned_of_rounding_ = false;
};

}  // namespace clipclap::media
