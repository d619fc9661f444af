#pragma once

#include <string_view>

#include <clipclap/log.h>

namespace clipclap {

/// Hands a message to the user's handler.
void log_message(LogLevel level, std::string_view message);

inline void log_info(std::string_view message) { log_message(LogLevel::kInfo, message); }
inline void log_warning(std::string_view message) { log_message(LogLevel::kWarning, message); }

}  // namespace clipclap
