// Packets into a container.
#pragma once

#include <string>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// Writes one container to a descriptor, seeking in it where that is possible and the container
/// wants it. First streams are added, then begin(), write() and finish(). Not thread-safe.
///
/// Throws Error: kIo where the descriptor refuses, kCancelled where a pipe's reader has gone,
/// kUnsupported and kInvalidData for what the container does not take.
class Muxer {
 public:
  /// In place of a descriptor: what is written goes nowhere, to learn what begin() thinks of it.
  static constexpr int kNowhere = -1;

  /// `format` is libavformat's name of the container; where empty, the extension of `name` tells
  /// it. The descriptor stays the caller's and outlives this. Throws Error (kInvalidArgument) for
  /// containers that are not known.
  Muxer(int descriptor, const std::string& name, const std::string& format);

  const AVOutputFormat& format() const { return *context_->oformat; }
  /// It holds one picture and nothing else.
  bool holds_one_picture() const { return one_picture_; }
  /// What pictures are encoded with where nobody says; AV_CODEC_ID_NONE where it holds none.
  AVCodecID picture_codec() const { return picture_codec_; }
  /// The stream that write() takes the index of.
  AVStream& add_encoded(const AVCodecContext& encoder);
  /// For packets that are passed on as they are, with what is said of their stream.
  AVStream& add_copied(const AVStream& source);
  void copy_metadata(const AVFormatContext& source);

  void begin();
  /// `time_base` is the packet's, which is taken out of it.
  void write(AVPacket& packet, int stream, AVRational time_base);
  void finish();

  const std::string& name() const { return name_; }

 private:
  AVStream& add();
  void require(int result, const char* what) const;

  std::string name_;
  int descriptor_;
  bool one_picture_ = false;
  AVCodecID picture_codec_ = AV_CODEC_ID_NONE;
  /// Declared before `context_` so that it outlives it.
  CustomIoPointer io_;
  OutputFormatPointer context_;
};

}  // namespace clipclap::media
