// Names that come out of files, fit for a message.
#pragma once

#include <string>
#include <string_view>

namespace clipclap::checkpoint {

/// The text in double quotes on one line: control characters and bytes that are not UTF-8 as \xNN,
/// long texts cut. What a hostile file calls a tensor must not reach a terminal as it is.
std::string quote(std::string_view text);

}  // namespace clipclap::checkpoint
