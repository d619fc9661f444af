// Packets of the streams that are looked at or listened to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <clipclap/error.h>

#include "media/input.h"
#include "media/stream_selection.h"

namespace clipclap::media {

/// Chooses the streams and reads their packets, or those of all, in the order of the file. Not
/// thread-safe.
class Demuxer {
 public:
  enum class Status {
    kPacket,
    kEnd,
    kBroken,  ///< the data ends or fails before the stream does; see broken_reason()
  };

  /// Throws Error: as open_input() and select_streams().
  Demuxer(const std::string& input, const StreamWishes& wishes);

  /// Fills `packet`. Once it has answered anything but kPacket it goes on answering that.
  Status read(AVPacket& packet);
  const Error& broken_reason() const { return *broken_; }

  /// The stream's first packet without taking it; nullptr where there is none near the beginning.
  const AVPacket* first_packet(const AVStream& stream);

  const std::vector<SelectedStream>& streams() const { return streams_; }
  AVFormatContext& format() const { return *input_.format; }
  const std::string& name() const { return input_.name; }
  /// The input is one still picture.
  bool is_still() const { return is_still_; }

 private:
  void read_whole_file();
  void look_for_second_picture();
  Status fetch(AVPacket& packet);
  Status fetch_any(AVPacket& packet);
  Status read_from_format(AVPacket& packet);
  Status end_of_data();
  Status broken(ErrorCode code, std::string message);
  bool is_wanted(int index) const;
  bool ends_early() const;

  Input input_;
  std::vector<SelectedStream> streams_;
  bool is_still_ = false;
  bool whole_file_ = false;
  bool others_ = false;
  /// Packets read ahead of read(), oldest first.
  std::vector<PacketPointer> ahead_;
  /// The packet behind a short one, read to learn whether the short one is the last.
  PacketPointer behind_short_;
  std::optional<Status> finished_;
  std::optional<Error> broken_;
};

}  // namespace clipclap::media
