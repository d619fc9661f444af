// What the user named, opened as a container.
#pragma once

#include <string>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// An opened container. The streams are not analysed yet.
struct Input {
  /// As errors name it: the user's words, or "standard input".
  std::string name;
  /// Declared before `format` so that it outlives it. Empty where libavformat reads by itself
  /// (numbered pictures, protocols that are demuxers).
  IoPointer io;
  FormatPointer format;
  /// The format holds pictures rather than films: a file with one picture is an image.
  bool picture_format = false;
  /// The data is one picture file from its first byte to its last, so a decoder can have it whole.
  bool picture_file = false;
  /// Bytes that the file says it has; 0 where it does not. See declared_size().
  std::int64_t declared_size = 0;
};

/// Opens `name`: "-" is standard input, a path that exists is always that file whatever its
/// characters mean elsewhere, a path with %d or %0Nd that does not exist is a series of numbered
/// pictures, anything with a protocol that libavformat knows is a URL.
/// Throws Error: kNotFound, kIo, kInvalidData, kUnsupported, kInvalidArgument.
Input open_input(const std::string& name);

}  // namespace clipclap::media
