// Prints by how much embeddings from a simulated GPU differ at most from the processor's:
//   device_probe MODEL
#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include "classify/encoder_pool.h"
#include "model/architectures.h"
#include "model/embedded_model.h"
#include "simulated_device.h"

namespace clipclap {
namespace {

float greatest_difference(const std::string& name) {
  constexpr int kDevices = 2;
  testing::simulate_devices(kDevices, std::size_t{8} << 30);
  const auto files = model::open_files(name);
  const auto load = [&](const std::string& device) {
    return model::load_model(files, {.device = device, .precision = Precision::kFloat32});
  };
  const auto here = load("cpu");
  const auto there = load("auto");
  const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<float>();
  };
  const std::vector<std::string> texts{"a dog", "a photograph of a piano"};
  float greatest = difference(model::embed_texts(*here, texts), model::embed_texts(*there, texts));
  const auto batch = classify::make_batch(*here, 2);
  const auto rows = classify::encode_batch(*here, batch);
  for (int i = 0; i < kDevices; ++i) {
    const auto before = testing::operations_of(i);
    const auto found =
        classify::encode_batch(there->for_worker(static_cast<std::size_t>(i)), batch);
    if (testing::operations_of(i) == before) throw std::runtime_error("a device was idle");
    greatest = std::max(greatest, difference(rows, found));
  }
  return greatest;
}

}  // namespace
}  // namespace clipclap

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::invalid_argument("usage: device_probe MODEL");
    fmt::print("{}\n", clipclap::greatest_difference(argv[1]));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
