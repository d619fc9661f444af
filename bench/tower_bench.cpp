// A checkpoint's tower for run.py, which lets several programs take turns. Reads commands from
// standard input, one a line, and answers each with a line:
//   wide BATCH TIMES          seconds for so many batches, one after the other
//   time BATCH TIMES          seconds for so many batches, as many at once as there are threads
//   products BATCH TIMES      the same for the tower's matrix products alone, at their own shapes
//   front BATCH TIMES         as wide, the log-mel of a tower that hears alone
//   embed INPUTS BATCH ROWS   reads uint8 [batch, side, side, 3], or of a tower that hears
//                             float32 [batch, samples]; writes float32 rows
//   memory                    the process's peak in MiB
#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

#include <ATen/Parallel.h>
#include <sys/resource.h>

#include "base/large_blocks.h"
#include "checkpoint/audio_preprocessing_config.h"
#include "classify/tower_benchmark.h"
#include "model/architectures.h"
#include "model/clap/clap_spectrograms.h"
#include "model/embedded_model.h"

namespace clipclap {
namespace {

double seconds_of(std::size_t times, const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double front_seconds(const model::DualEncoder& encoder, std::size_t batch, std::size_t times) {
  const model::ClapSpectrograms spectrograms(checkpoint::parse_audio_preprocessing(encoder.files));
  const auto input = classify::make_batch(encoder, batch);
  return seconds_of(times, [&] { spectrograms(input); });
}

void embed(const model::DualEncoder& encoder, const std::string& inputs, std::size_t batch,
           const std::string& rows) {
  const auto input = classify::make_batch(encoder, batch);
  std::ifstream(inputs, std::ios::binary)
      .read(static_cast<char*>(input.data_ptr()), static_cast<std::streamsize>(input.nbytes()));
  const auto output = classify::encode_batch(encoder, input);
  std::ofstream(rows, std::ios::binary)
      .write(static_cast<const char*>(output.const_data_ptr()),
             static_cast<std::streamsize>(output.nbytes()));
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void serve(const model::DualEncoder& encoder) {
  auto pool = classify::make_encoder_pool({&encoder});
  std::string command;
  std::cout << "ready" << std::endl;
  while (std::cin >> command) {
    std::size_t batch = 0;
    std::size_t times = 0;
    if (command == "memory") {
      std::cout << peak_mib() << std::endl;
      continue;
    }
    if (command == "embed") {
      std::string inputs;
      std::string rows;
      std::cin >> inputs >> batch >> rows;
      embed(encoder, inputs, batch, rows);
      std::cout << "written" << std::endl;
      continue;
    }
    std::cin >> batch >> times;
    if (command == "front") {
      std::cout << front_seconds(encoder, batch, times) << std::endl;
      continue;
    }
    const auto work = classify::make_tower_work(encoder, batch);
    if (command == "wide") {
      std::cout << seconds_of(times, work.tower) << std::endl;
    } else {
      const auto& task = command == "products" ? work.products : work.tower;
      std::cout << classify::time_side_by_side(pool, task, times) << std::endl;
    }
  }
}

}  // namespace
}  // namespace clipclap

int main(int argc, char** argv) {
  using namespace clipclap;
  try {
    if (argc != 4 && argc != 5) {
      throw std::invalid_argument("usage: clipclap_tower_bench MODEL PRECISION THREADS [DEVICE]");
    }
    keep_large_blocks();  // as the program does
    at::set_num_threads(std::stoi(argv[3]));
    const auto encoder = model::load_model(
        model::open_files(argv[1]),
        {.device = argc == 5 ? argv[4] : "cpu", .precision = parse_precision(argv[2])});
    give_back_holes();
    serve(*encoder);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
