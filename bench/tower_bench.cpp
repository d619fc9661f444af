// Times a checkpoint's picture or sound tower without decoding. Reads lines "BATCH REPETITIONS" on
// stdin and answers each with the seconds taken, so that run.py can take turns with another
// program. Of a tower that hears, a second number is what the log-mel took of them.
#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include <ATen/Parallel.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include "base/large_blocks.h"
#include "checkpoint/audio_preprocessing_config.h"
#include "model/architectures.h"
#include "model/clap/clap_spectrograms.h"
#include "model/dual_encoder.h"
#include "model/embedded_model.h"

namespace {

using clipclap::model::DualEncoder;

at::Tensor random_pixels(const DualEncoder& encoder, int batch) {
  const auto side = encoder.info.image_size;
  return at::randint(0, 256, {batch, side, side, 3}, at::kByte);
}

at::Tensor random_sounds(const DualEncoder& encoder, int batch) {
  const auto samples = encoder.sound->sample_rate * encoder.sound->window_seconds;
  return at::randn({batch, static_cast<std::int64_t>(samples)}).mul_(0.1);
}

double time_of(int repetitions, const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i) work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void serve(const DualEncoder& encoder) {
  using namespace clipclap;
  std::optional<model::ClapSpectrograms> spectrograms;
  if (encoder.sound) spectrograms.emplace(checkpoint::parse_audio_preprocessing(encoder.files));
  int batch = 0;
  int repetitions = 0;
  while (std::cin >> batch >> repetitions) {
    if (encoder.sound) {
      const auto sounds = random_sounds(encoder, batch);
      std::cout << time_of(repetitions, [&] { model::embed_samples(encoder, sounds); }) << ' '
                << time_of(repetitions, [&] { (*spectrograms)(sounds); }) << std::endl;
    } else {
      const auto pixels = random_pixels(encoder, batch);
      std::cout << time_of(repetitions, [&] { model::embed_pixels(encoder, pixels); }) << std::endl;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) {
      throw std::invalid_argument("usage: clipclap_tower_bench MODEL THREADS PRECISION");
    }
    clipclap::keep_large_blocks();  // as the program does
    at::set_num_threads(std::stoi(argv[2]));
    const c10::InferenceMode guard;
    const clipclap::ModelOptions options{.precision = clipclap::parse_precision(argv[3])};
    serve(*clipclap::model::load_model(clipclap::model::open_files(argv[1]), options));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
