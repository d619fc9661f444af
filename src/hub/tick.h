// The heartbeat of a pull.
#pragma once

#include <functional>

namespace clipclap::hub {

/// Called again and again, at least every tenth of a second, by whatever takes long: tells
/// progress, and throws Error (kCancelled) where the caller wants the end.
using Tick = std::function<void()>;

}  // namespace clipclap::hub
