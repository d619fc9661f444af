// How fast a model's tower is on this machine.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

#include <clipclap/export.h>
#include <clipclap/model.h>

namespace clipclap {

struct BenchmarkOptions {
  std::size_t batch =
      0;  ///< items that go through the tower at once, on each thread; 0: as RunOptions
  double seconds = 5;                       ///< to measure for, about
  const std::atomic<bool>* stop = nullptr;  ///< looked at between rounds: kCancelled
};

/// Over rounds.
struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

struct BenchmarkResult {
  std::string model;
  std::string precision;
  std::string items;  ///< "pictures", or "windows" of sound
  std::size_t batch = 0;
  int threads = 0;  ///< each with its own batch
  std::size_t rounds = 0;
  Spread items_per_second{};
  /// The time that the tower's matrix products need alone, at their own shapes and in turn with the
  /// tower, over the tower's time. Not set where the tower does not tell its products.
  std::optional<Spread> roofline_share{};
};

/// Runs the picture tower, or the sound tower of a model that does not see, on made-up input as a
/// run of `tag` does, without decoding. Throws Error (kInvalidArgument, kCancelled).
CLIPCLAP_API BenchmarkResult benchmark(const Model& model, const BenchmarkOptions& options = {});

}  // namespace clipclap
