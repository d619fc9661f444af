// Every libav object that the folder owns, each with its deleter.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <new>

namespace clipclap::media {

/// For libav's deleters that take the address of the pointer and clear it.
template <auto kFree>
struct FreeByAddress {
  template <typename T>
  void operator()(T* object) const {
    kFree(&object);
  }
};

/// For those that take the pointer itself.
template <auto kFree>
struct FreeByValue {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using FramePointer = std::unique_ptr<AVFrame, FreeByAddress<av_frame_free>>;
using PacketPointer = std::unique_ptr<AVPacket, FreeByAddress<av_packet_free>>;
using FormatPointer = std::unique_ptr<AVFormatContext, FreeByAddress<avformat_close_input>>;
using CodecPointer = std::unique_ptr<AVCodecContext, FreeByAddress<avcodec_free_context>>;
using OutputFormatPointer = std::unique_ptr<AVFormatContext, FreeByValue<avformat_free_context>>;
using IoPointer = std::unique_ptr<AVIOContext, FreeByAddress<avio_closep>>;
using ScalerPointer = std::unique_ptr<SwsContext, FreeByValue<sws_freeContext>>;
using ResamplerPointer = std::unique_ptr<SwrContext, FreeByAddress<swr_free>>;
using ParserPointer = std::unique_ptr<AVCodecParserContext, FreeByValue<av_parser_close>>;

inline FramePointer make_frame() {
  FramePointer frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

inline PacketPointer make_packet() {
  PacketPointer packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

/// One that was made by avio_alloc_context(), with its buffer.
struct FreeCustomIo {
  void operator()(AVIOContext* io) const {
    av_freep(static_cast<void*>(&io->buffer));
    avio_context_free(&io);
  }
};
using CustomIoPointer = std::unique_ptr<AVIOContext, FreeCustomIo>;

/// Options by name for a libav call, which takes those that it knows out of the dictionary.
class Dictionary {
 public:
  Dictionary() = default;
  ~Dictionary() { av_dict_free(&entries_); }
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  void set(const char* name, const char* value) { av_dict_set(&entries_, name, value, 0); }
  void set(const char* name, std::int64_t value) { av_dict_set_int(&entries_, name, value, 0); }
  /// "KEY=VALUE:KEY=VALUE"; below 0 where it is not of that form.
  int parse(const char* text) { return av_dict_parse_string(&entries_, text, "=", ":", 0); }
  AVDictionary** address() { return &entries_; }
  const AVDictionaryEntry* first() const {
    return av_dict_get(entries_, "", nullptr, AV_DICT_IGNORE_SUFFIX);
  }

 private:
  AVDictionary* entries_ = nullptr;
};

}  // namespace clipclap::media
