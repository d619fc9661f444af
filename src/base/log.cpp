#include "base/log.h"

#include <mutex>

namespace clipclap {
namespace {

struct Sink {
  std::mutex mutex;
  LogHandler handler;
};

Sink& sink() {
  static Sink instance;
  return instance;
}

}  // namespace

void set_log_handler(LogHandler handler) {
  const std::lock_guard lock(sink().mutex);
  sink().handler = std::move(handler);
}

void log_message(LogLevel level, std::string_view message) {
  const std::lock_guard lock(sink().mutex);
  if (sink().handler) sink().handler(level, message);
}

}  // namespace clipclap
