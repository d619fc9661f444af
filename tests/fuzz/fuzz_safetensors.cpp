// Any bytes are either refused with an Error or give tensors that lie inside them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <clipclap/error.h>

#include "checkpoint/safetensors.h"

namespace {

using namespace clipclap;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void parse(std::span<const std::byte> file) {
  try {
    std::size_t total = 0;
    for (const auto& [name, view] : checkpoint::parse_safetensors(file, "input")) {
      std::size_t bits = checkpoint::size_in_bits(view.type);
      for (const auto size : view.shape) bits *= static_cast<std::size_t>(size);
      require(bits == 8 * view.data.size());
      require(view.data.data() >= file.data());
      require(view.data.data() + view.data.size() <= file.data() + file.size());
      total += view.data.size();
    }
    require(total <= file.size());
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kInvalidData && !error.message().empty());
  }
}

// The input as a header whose length is right, which a mutation of the whole file seldom hits; its
// first byte is the number of data bytes behind it.
void parse_as_header(std::span<const std::byte> input) {
  if (input.empty()) return;
  const auto header = input.subspan(1);
  std::vector<std::byte> file(8 + header.size() + std::to_integer<std::size_t>(input[0]));
  for (std::size_t i = 0; i < 8; ++i) file[i] = static_cast<std::byte>(header.size() >> (8 * i));
  std::copy(header.begin(), header.end(), file.begin() + 8);
  parse(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  parse(input);
  parse_as_header(input);
  return 0;
}
