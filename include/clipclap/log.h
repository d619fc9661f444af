// The library prints nothing by itself: what it has to say goes to one handler.
#pragma once

#include <functional>
#include <string_view>

#include <clipclap/export.h>

namespace clipclap {

enum class LogLevel { kInfo, kWarning };

using LogHandler = std::function<void(LogLevel, std::string_view)>;

/// Replaces the handler (an empty one, the default, drops every message). Thread-safe; the handler
/// may be called from any thread, one call at a time.
CLIPCLAP_API void set_log_handler(LogHandler handler);

}  // namespace clipclap
