// Memory of the caller as libav's frames.
#pragma once

#include <optional>

#include <clipclap/session.h>

#include "media/ffmpeg_handles.h"

namespace clipclap::media {

/// A frame that refers to the picture's planes, which must outlive it. Throws Error
/// (kInvalidArgument, kUnsupported) for what is no picture.
FramePointer wrap(const RawPicture& picture);

/// The same for samples; the time is in units of kRawTimeBase, nothing where it is not told.
FramePointer wrap(const RawSamples& samples, std::optional<double> start_seconds);

/// `count` samples of a frame of sound from `first` on, without a time.
FramePointer part_of(const AVFrame& frame, int first, int count);

inline constexpr AVRational kRawTimeBase{1, 1'000'000'000};

}  // namespace clipclap::media
