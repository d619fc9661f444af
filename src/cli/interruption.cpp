#include "cli/interruption.h"

#include <csignal>
#include <ctime>
#include <thread>
#include <utility>

#include <unistd.h>

namespace clipclap::cli {
namespace {

constexpr long kGraceNanoseconds = 800'000'000;

sigset_t stop_signals() {
  sigset_t signals{};
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // What the parent ignores (nohup, a job in the background) stays ignored.
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&signals, signal);
  }
  return signals;
}

}  // namespace

Interruption& Interruption::install() {
  // Never destroyed: its thread runs until the process ends.
  static auto& instance = *new Interruption;
  // A reader that goes away is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  const auto signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([] { instance.watch(); }).detach();
  return instance;
}

void Interruption::set_last_act(std::function<void()> act) {
  const std::lock_guard lock(last_act_mutex_);
  last_act_ = std::move(act);
}

void Interruption::watch() {
  const auto signals = stop_signals();
  int signal = 0;
  while (::sigwait(&signals, &signal) != 0) {
  }
  signal_ = signal;
  requested_ = true;
  // The time that the work gets, or until a second signal.
  const timespec grace{.tv_sec = 0, .tv_nsec = kGraceNanoseconds};
  ::sigtimedwait(&signals, nullptr, &grace);
  const std::lock_guard lock(last_act_mutex_);
  if (last_act_) last_act_();
  ::_exit(exit_code());
}

}  // namespace clipclap::cli
