// Runs the parts that hear, so that the tests can hold them against the Python reference. Samples
// come from standard input as float32, clips of SAMPLES one after another; results go to standard
// output as float32.
//   sound_probe spectrograms MODEL SAMPLES
//   sound_probe msclap_spectrograms FOLDER SAMPLES
//   sound_probe embed MODEL SAMPLES [PRECISION [THREADS]]
#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/audio_preprocessing_config.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/msclap_config.h"
#include "checkpoint/safetensors.h"
#include "model/architectures.h"
#include "model/clap/clap_spectrograms.h"
#include "model/dual_encoder.h"
#include "model/msclap/msclap_sound.h"
#include "model/torch_guard.h"
#include "model/weights.h"

namespace clipclap::model {
namespace {

at::Tensor read_samples(std::int64_t count) {
  const std::string bytes(std::istreambuf_iterator<char>(std::cin), {});
  auto samples = at::empty({static_cast<std::int64_t>(bytes.size() / sizeof(float))}, at::kFloat);
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(samples.data_ptr()));
  // A model must refuse a clip without samples by itself.
  return count == 0 ? samples.view({1, 0}) : samples.view({-1, count});
}

void write(const at::Tensor& values) {
  const auto plain = values.contiguous();
  std::cout.write(static_cast<const char*>(plain.data_ptr()),
                  static_cast<std::streamsize>(plain.nbytes()));
}

at::Tensor msclap_spectrograms(const checkpoint::CheckpointFiles& files,
                               const at::Tensor& samples) {
  const auto json = parse_json(files.text("config.json"), files.describe("config.json"));
  const auto config = checkpoint::parse_msclap_config(json, files.name());
  checkpoint::TensorMap tensors(files);
  return load_msclap_log_mel(Weights(tensors), config)(samples);
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) return 2;
  const auto files = checkpoint::CheckpointFiles::open(arguments[1]);
  const auto samples = read_samples(std::stoll(arguments[2]));
  if (arguments[0] == "spectrograms") {
    const ClapSpectrograms spectrograms(checkpoint::parse_audio_preprocessing(files));
    write(with_torch("spectrograms", [&] { return spectrograms(samples); }));
    return 0;
  }
  if (arguments[0] == "msclap_spectrograms") {
    write(with_torch("spectrograms", [&] { return msclap_spectrograms(files, samples); }));
    return 0;
  }
  ModelOptions options;
  if (arguments.size() > 3) options.precision = parse_precision(arguments[3]);
  if (arguments.size() > 4) at::set_num_threads(std::stoi(arguments[4]));
  write(embed_samples(*load_model(files, options), samples));
  return 0;
}

}  // namespace
}  // namespace clipclap::model

int main(int count, char** arguments) {
  try {
    return clipclap::model::run({arguments + 1, arguments + count});
  } catch (const clipclap::Error& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "unexpected: {}\n", failure.what());
    return 3;
  }
}
