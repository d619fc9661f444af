// How often and how soon a request is made again.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "hub/tick.h"

namespace clipclap::hub {

/// As huggingface_hub's http_backoff has it: 5 times, after 1, 2, 4, 8 and 8 seconds.
struct RetryPolicy {
  int retries = 5;
  std::chrono::duration<double> first_pause{1};
  std::chrono::duration<double> longest_pause{8};
};

/// Longer than that is not waited when a server asks for it: the user is told instead.
inline constexpr std::chrono::seconds kLongestAskedPause{300};

/// Sleeps and ticks.
void wait_for(std::chrono::duration<double> pause, const Tick& tick);

/// Counts the retries of one undertaking.
class Retry {
 public:
  Retry(const RetryPolicy& policy, Tick tick);

  /// Waits until the next try, as long as the server `asked` for or longer each time. False where
  /// there is none left. `reason` is for the log.
  bool pause(std::string_view reason, std::optional<std::chrono::seconds> asked = {});

  /// After progress that was worth a try.
  void start_anew();

 private:
  RetryPolicy policy_;
  Tick tick_;
  int used_ = 0;
  std::chrono::duration<double> next_pause_;
};

}  // namespace clipclap::hub
