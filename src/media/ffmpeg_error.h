// libav's error codes and talk, turned into the library's own.
#pragma once

#include <string>
#include <string_view>

#include <clipclap/error.h>

namespace clipclap::media {

/// libav's own words for a code, e.g. "Invalid data found when processing input".
std::string describe_av_error(int code);

/// The kind of failure that a negative libav code stands for.
ErrorCode classify_av_error(int code);

/// Throws Error for a negative libav code: "`what`: libav's words (the last error it reported)".
[[noreturn]] void throw_av_error(int code, std::string_view what, const std::string& context);

/// Keeps libav from printing: its warnings and errors go to log_info() from now on, and the last
/// error of each thread is kept. A setting of the process, made once; any thread may call it.
void route_av_log();

/// What libav last reported as an error on this thread since `forget_av_message()`; may be empty.
const std::string& last_av_message();
void forget_av_message();

}  // namespace clipclap::media
