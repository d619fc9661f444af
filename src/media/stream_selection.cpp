#include "media/stream_selection.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <clipclap/error.h>

namespace clipclap::media {
namespace {

bool is_cover(const AVStream& stream) {
  return (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
}

std::optional<MediaKind> kind_of(const AVStream& stream) {
  if (stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) return MediaKind::kAudio;
  if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO) return MediaKind::kVideo;
  return std::nullopt;
}

/// Every video and sound, cover pictures included.
std::vector<SelectedStream> list_streams(const AVFormatContext& format) {
  std::vector<SelectedStream> streams;
  int videos = 0;
  int sounds = 0;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const auto kind = kind_of(*format.streams[i]);
    if (!kind) continue;
    const int number = *kind == MediaKind::kVideo ? videos++ : sounds++;
    streams.push_back({format.streams[i], {*kind, number}});
  }
  return streams;
}

/// libavformat's own choice among the streams that are no covers.
AVStream* best_stream(AVFormatContext& format, AVMediaType type) {
  std::vector<AVCodecParameters*> hidden;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    AVStream& stream = *format.streams[i];
    if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO || !is_cover(stream)) continue;
    stream.codecpar->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    hidden.push_back(stream.codecpar);
  }
  const int index = av_find_best_stream(&format, type, -1, -1, nullptr, 0);
  for (AVCodecParameters* parameters : hidden) parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  return index < 0 ? nullptr : format.streams[index];
}

[[noreturn]] void throw_nothing_wished(const std::vector<SelectedStream>& streams,
                                       const std::string& name) {
  bool sound = false;
  bool video = false;
  bool cover = false;
  for (const auto& [stream, choice] : streams) {
    sound = sound || choice.kind == MediaKind::kAudio;
    cover = cover || is_cover(*stream);
    video = video || (choice.kind == MediaKind::kVideo && !is_cover(*stream));
  }
  std::string what = "holds neither pictures nor sound; name a video, a picture or a sound";
  if (sound) {
    what = fmt::format(
        "has no video stream{}, and the model sees but does not hear; name a video or a picture, "
        "or a model that hears",
        cover ? " (a cover picture is none)" : "");
  }
  if (video) {
    what = "has no sound, and the model hears but does not see; name a sound, or a model that sees";
  }
  throw Error(ErrorCode::kUnsupported, what, name);
}

[[noreturn]] void throw_not_there(const StreamChoice& choice,
                                  const std::vector<SelectedStream>& streams,
                                  const std::string& name) {
  std::vector<std::string> there;
  there.reserve(streams.size());
  for (const auto& stream : streams) there.push_back(stream.choice.name());
  throw Error(ErrorCode::kNotFound,
              fmt::format("has no stream {}; {}", choice.name(),
                          there.empty() ? "there is neither video nor sound"
                                        : fmt::format("there is {}", fmt::join(there, ", "))),
              name);
}

}  // namespace

std::vector<SelectedStream> select_streams(AVFormatContext& format, const StreamWishes& wishes,
                                           const std::string& name) {
  const auto streams = list_streams(format);
  std::vector<const AVStream*> wanted;
  for (const auto& choice : wishes.chosen) {
    const auto found = std::find_if(streams.begin(), streams.end(),
                                    [&](const auto& stream) { return stream.choice == choice; });
    if (found == streams.end()) throw_not_there(choice, streams, name);
    wanted.push_back(found->stream);
  }
  if (wishes.chosen.empty()) {
    if (wishes.pictures) wanted.push_back(best_stream(format, AVMEDIA_TYPE_VIDEO));
    if (wishes.sounds) wanted.push_back(best_stream(format, AVMEDIA_TYPE_AUDIO));
  }
  std::vector<SelectedStream> selected;
  for (const auto& stream : streams) {
    if (std::find(wanted.begin(), wanted.end(), stream.stream) != wanted.end()) {
      selected.push_back(stream);
    }
  }
  if (selected.empty()) throw_nothing_wished(streams, name);
  for (unsigned i = 0; i < format.nb_streams && !wishes.others; ++i) {
    AVStream* stream = format.streams[i];
    if (std::find(wanted.begin(), wanted.end(), stream) == wanted.end()) {
      stream->discard = AVDISCARD_ALL;
    }
  }
  return selected;
}

}  // namespace clipclap::media
