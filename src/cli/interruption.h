// Ctrl-C and its relatives.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>

namespace clipclap::cli {

/// Takes SIGINT, SIGTERM and SIGHUP as a request to stop: sets a flag that the work looks at, and
/// ends the process itself where the work does not answer within a second (a model that loads, a
/// write that waits for its reader) or a second signal comes.
class Interruption {
 public:
  /// To be called once, before any other thread is started: threads inherit the blocked signals.
  static Interruption& install();

  const std::atomic<bool>& requested() const noexcept { return requested_; }

  /// 128 + the signal's number.
  int exit_code() const noexcept { return 128 + signal_.load(); }

  /// What to do before the process is ended by force, from another thread than the work's. Replaced
  /// by an empty one before what it refers to goes.
  void set_last_act(std::function<void()> act);

 private:
  Interruption() = default;
  [[noreturn]] void watch();

  std::atomic<bool> requested_ = false;
  std::atomic<int> signal_ = 0;
  std::mutex last_act_mutex_;
  std::function<void()> last_act_;
};

}  // namespace clipclap::cli
