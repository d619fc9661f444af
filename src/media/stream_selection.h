// Which streams of a file are read.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <clipclap/media.h>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// What the models can take, and what the user chose of it.
struct StreamWishes {
  bool pictures = true;
  bool sounds = false;
  /// Empty: the best of each kind.
  std::vector<StreamChoice> chosen{};
  /// The packets of the other streams are wanted as they are.
  bool others = false;
};

struct SelectedStream {
  AVStream* stream = nullptr;
  StreamChoice choice;
};

/// The streams to read, in the order of the file; all others are marked to be discarded. Cover art
/// is no video. Throws Error (kUnsupported) where the file has nothing that is wished for, and
/// (kNotFound) where a chosen stream is not there; the message says what is.
std::vector<SelectedStream> select_streams(AVFormatContext& format, const StreamWishes& wishes,
                                           const std::string& name);

}  // namespace clipclap::media
