// Cues: what SRT and WebVTT have in common.
#pragma once

#include <string>
#include <string_view>

#include <clipclap/tagging.h>

namespace clipclap::output {

struct CueStyle {
  char decimal_mark = '.';
  std::string (*escape)(std::string_view text) = nullptr;
};

/// "00:00:01.000 --> 00:00:02.000", below it a label a line, such as "beach 81%", and an empty
/// line. Empty where there is no label. A cue lasts a millisecond at least, so that none is
/// invalid, and begins at 0 at the earliest.
std::string cue_text(const TagRecord& record, const CueStyle& style);

}  // namespace clipclap::output
