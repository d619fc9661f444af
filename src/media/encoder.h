// Pictures of 8 bits to packets of one codec.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// What is said of a source's colours, for what is made of it.
struct ColourTags {
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
};

struct EncoderOptions {
  int width = 0;
  int height = 0;
  /// What send() takes: grey or RGB in 8 bits of full range, packed.
  bool is_grey = false;
  /// Where the codec knows no RGB, chroma is as fine as this format's.
  AVPixelFormat source_format = AV_PIX_FMT_NONE;
  ColourTags colours{};
  AVRational time_base{1, 25};
  AVRational frame_rate{0, 1};
  AVRational pixel_aspect{0, 1};
  bool global_header = false;
  int threads = 0;         ///< 0 lets libavcodec choose
  std::string settings{};  ///< "KEY=VALUE:…" of the encoder
};

/// The encoder that ffmpeg's -c:v knows by this name, otherwise libavcodec's for `codec`. Throws
/// Error (kInvalidArgument) where there is none of pictures; `name` is the output's.
const AVCodec& find_encoder(const std::string& encoder, AVCodecID codec, const std::string& name);

/// What a container and an encoder can count in: `wanted`, or one frame of `frame_rate` where they
/// know constant rates only.
AVRational encoder_time_base(const AVCodec& codec, const AVOutputFormat& format, AVRational wanted,
                             AVRational frame_rate);

/// One libavcodec encoder. RGB goes to what loses least of it: as it is where the codec knows RGB,
/// else YUV of the source's matrix, or without one of BT.601 below 720 lines and BT.709 from there
/// on. Not thread-safe.
class Encoder {
 public:
  /// `name` is the output's, for errors. Throws Error: kInvalidArgument for settings that it does
  /// not have, kUnsupported where it does not take such pictures.
  Encoder(const AVCodec& codec, const EncoderOptions& options, std::string name);

  /// Rows one after another without padding. Time and duration are in the context's time base;
  /// times rise.
  void send(std::span<const std::uint8_t> pixels, std::int64_t time, std::int64_t duration);
  void send_end();

  /// The next packet; false where a picture is needed, or at the end.
  bool receive(AVPacket& packet);

  const AVCodecContext& context() const { return *context_; }

 private:
  void choose_pixels(const AVCodec& codec, const EncoderOptions& options);
  void prepare_scaler();
  FramePointer convert(std::span<const std::uint8_t> pixels);

  std::string name_;
  AVPixelFormat taken_;
  CodecPointer context_;
  ScalerPointer scaler_;
  /// Of pictures under way, by their times: libavcodec did not carry them before FFmpeg 6.
  std::map<std::int64_t, std::int64_t> durations_;
};

}  // namespace clipclap::media
