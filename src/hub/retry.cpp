#include "hub/retry.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace clipclap::hub {

using Seconds = std::chrono::duration<double>;

void wait_for(Seconds pause, const Tick& tick) {
  constexpr Seconds kStep{0.05};
  const auto end = std::chrono::steady_clock::now() + pause;
  while (true) {
    tick();
    const Seconds left = end - std::chrono::steady_clock::now();
    if (left <= Seconds::zero()) return;
    std::this_thread::sleep_for(std::min(left, kStep));
  }
}

Retry::Retry(const RetryPolicy& policy, Tick tick)
    : policy_(policy), tick_(std::move(tick)), next_pause_(policy.first_pause) {}

bool Retry::pause(std::string_view reason, std::optional<std::chrono::seconds> asked) {
  constexpr Seconds kWorthTelling{10};
  if (used_ >= policy_.retries || (asked && *asked > kLongestAskedPause)) return false;
  ++used_;
  const Seconds pause = asked ? Seconds(*asked) : next_pause_;
  next_pause_ = std::min(2 * next_pause_, policy_.longest_pause);
  const auto line = fmt::format("{}; again in {:.3g} s (try {} of {})", reason, pause.count(),
                                used_ + 1, policy_.retries + 1);
  log_message(pause >= kWorthTelling ? LogLevel::kWarning : LogLevel::kInfo, line);
  wait_for(pause, tick_);
  return true;
}

void Retry::start_anew() {
  used_ = 0;
  next_pause_ = policy_.first_pause;
}

}  // namespace clipclap::hub
