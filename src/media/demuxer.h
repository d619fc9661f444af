// Packets of the one stream that is looked at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <clipclap/error.h>

#include "media/input.h"

namespace clipclap::media {

/// Chooses the video stream and reads its packets in order. Cover art is no video. Not thread-safe.
class Demuxer {
 public:
  enum class Status {
    kPacket,
    kEnd,
    kBroken,  ///< the data ends or fails before the stream does; see broken_reason()
  };

  /// Throws Error: as open_input(), kUnsupported where there is no video stream.
  explicit Demuxer(const std::string& input);

  /// Fills `packet`. Once it has answered anything but kPacket it goes on answering that.
  Status read(AVPacket& packet);
  const Error& broken_reason() const { return *broken_; }

  /// The first packet without taking it; nullptr where there is none.
  const AVPacket* first_packet();

  const AVStream& stream() const { return *stream_; }
  AVFormatContext& format() const { return *input_.format; }
  const std::string& name() const { return input_.name; }
  /// "v:0": as ffmpeg's stream specifiers count.
  const std::string& stream_name() const { return stream_name_; }
  /// The input is one still picture.
  bool is_still() const { return is_still_; }

 private:
  void select_stream();
  void read_whole_file();
  void look_for_second_picture();
  Status fetch(AVPacket& packet);
  Status fetch_any(AVPacket& packet);
  Status read_from_format(AVPacket& packet);
  Status end_of_data();
  Status broken(ErrorCode code, std::string message);
  bool ends_early() const;

  Input input_;
  AVStream* stream_ = nullptr;
  std::string stream_name_;
  bool is_still_ = false;
  bool whole_file_ = false;
  /// Packets read ahead of read(), oldest first.
  std::vector<PacketPointer> ahead_;
  /// The packet behind a short one, read to learn whether the short one is the last.
  PacketPointer behind_short_;
  std::optional<Status> finished_;
  std::optional<Error> broken_;
};

}  // namespace clipclap::media
