// Times a checkpoint's picture tower without decoding. Reads lines "BATCH REPETITIONS" on stdin and
// answers each with the seconds taken, so that run.py can take turns with another program.
#include <algorithm>
#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include <ATen/Parallel.h>
#include <ATen/ops/randint.h>
#include <c10/core/InferenceMode.h>

#include "checkpoint/checkpoint_files.h"
#include "model/architectures.h"
#include "model/dual_encoder.h"
#include "model/embedded_model.h"

namespace {

using clipclap::model::DualEncoder;

at::Tensor random_pixels(const DualEncoder& encoder, int batch) {
  const auto side = encoder.info.image_size;
  return at::randint(0, 256, {batch, side, side, 3}, at::kByte);
}

double time_batches(const DualEncoder& encoder, const at::Tensor& pixels, int repetitions) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i) clipclap::model::embed_pixels(encoder, pixels);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void serve(const DualEncoder& encoder) {
  int batch = 0;
  int repetitions = 0;
  while (std::cin >> batch >> repetitions) {
    const auto pixels = random_pixels(encoder, batch);
    std::cout << time_batches(encoder, pixels, repetitions) << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::invalid_argument("usage: clipclap_tower_bench MODEL THREADS");
    at::set_num_threads(std::stoi(argv[2]));
    const c10::InferenceMode guard;
    using clipclap::checkpoint::CheckpointFiles;
    const std::string model = argv[1];
    serve(*clipclap::model::load_model(model == "demo" ? clipclap::model::demo_model_files()
                                                       : CheckpointFiles::open(model)));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
