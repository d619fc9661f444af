#include "media/ffmpeg_error.h"

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

#include <cerrno>
#include <cstdarg>
#include <mutex>

#include <fmt/format.h>

#include "base/log.h"

namespace clipclap::media {
namespace {

thread_local std::string last_message;

/// libav ends lines itself and sometimes builds one from several calls.
thread_local std::string unfinished_line;

void finish_line(int level) {
  std::string line = std::move(unfinished_line);
  unfinished_line.clear();
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (line.empty()) return;
  if (level <= AV_LOG_ERROR) last_message = line;
  log_info(line);
}

/// Called by libav from any of its threads; must not throw.
void receive_av_log(void* object, int level, const char* format, va_list arguments) {
  if (level < 0 || (level & 0xFF) > AV_LOG_WARNING) return;
  char line[1024];
  int print_prefix = 0;  // its addresses mean nothing to anybody
  try {
    const int length =
        av_log_format_line2(object, level, format, arguments, line, sizeof line, &print_prefix);
    if (length <= 0) return;
    unfinished_line += line;
    // A line that never ends must not grow for ever.
    if (unfinished_line.back() == '\n' || unfinished_line.size() > sizeof line) {
      finish_line(level & 0xFF);
    }
  } catch (...) {
    unfinished_line.clear();
  }
}

}  // namespace

std::string describe_av_error(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

ErrorCode classify_av_error(int code) {
  switch (code) {
    case AVERROR(ENOENT):
    case AVERROR_HTTP_NOT_FOUND:
    case AVERROR_STREAM_NOT_FOUND:
      return ErrorCode::kNotFound;
    case AVERROR_INVALIDDATA:
    case AVERROR_EOF:
    case AVERROR(EINVAL):
      return ErrorCode::kInvalidData;
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR_EXPERIMENTAL:
    case AVERROR(ENOSYS):
    case AVERROR(ENOTSUP):
      return ErrorCode::kUnsupported;
    case AVERROR(ENOMEM):
    case AVERROR_BUG:
    case AVERROR_BUG2:
      return ErrorCode::kInternal;
    case AVERROR_EXIT:
      return ErrorCode::kCancelled;
    default:
      return ErrorCode::kIo;
  }
}

void throw_av_error(int code, std::string_view what, const std::string& context) {
  std::string message = fmt::format("{}: {}", what, describe_av_error(code));
  if (!last_message.empty()) message += fmt::format(" ({})", last_message);
  throw Error(classify_av_error(code), std::move(message), context);
}

void route_av_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(receive_av_log); });
}

const std::string& last_av_message() { return last_message; }

void forget_av_message() { last_message.clear(); }

}  // namespace clipclap::media
