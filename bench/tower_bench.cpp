// Times a checkpoint's picture tower alone. `tower_bench MODEL` loads it, then answers each line
// "BATCH REPEATS" on stdin with the seconds that one batch took on average: whoever asks can let
// other programs run in between and compare within one stretch of time.
#include <chrono>
#include <exception>
#include <iostream>

#include <ATen/ATen.h>

#include "checkpoint/checkpoint_files.h"
#include "model/architectures.h"
#include "model/dual_encoder.h"

namespace {

using clipclap::model::DualEncoder;

double seconds_a_batch(const DualEncoder& encoder, std::int64_t batch, int repeats) {
  const auto& order = encoder.preprocessing;
  const auto pixels =
      at::randint(0, 256, {batch, order.crop_height, order.crop_width, 3}, at::kByte);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) clipclap::model::embed_pixels(encoder, pixels);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count() / repeats;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::cerr << "usage: tower_bench MODEL, then lines of BATCH REPEATS\n";
    return 2;
  }
  try {
    const auto files = clipclap::checkpoint::CheckpointFiles::open(arguments[1]);
    const auto encoder = clipclap::model::load_model(files);
    std::int64_t batch = 0;
    int repeats = 0;
    while (std::cin >> batch >> repeats) {
      std::cout << seconds_a_batch(*encoder, batch, repeats) << std::endl;
    }
  } catch (const std::exception& failure) {
    std::cerr << "tower_bench: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
