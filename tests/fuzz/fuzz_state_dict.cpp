// Any bytes are either refused with an Error or give tensors of the size that they say.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <clipclap/error.h>

#include "checkpoint/pickle.h"
#include "checkpoint/state_dict.h"

namespace {

using namespace clipclap;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void require_refusal(const Error& error) {
  const auto code = error.code();
  require(code == ErrorCode::kInvalidData || code == ErrorCode::kUnsupported);
}

void parse_archive(std::span<const std::byte> file) {
  try {
    for (const auto& [name, view] : checkpoint::parse_state_dict(file, "input")) {
      std::size_t bits = checkpoint::size_in_bits(view.type);
      for (const auto size : view.shape) bits *= static_cast<std::size_t>(size);
      require(bits == 8 * view.data.size());
      // Every byte is there to be read.
      unsigned sum = 0;
      for (const auto byte : view.data) sum += std::to_integer<unsigned>(byte);
      require(sum < UINT32_MAX);
    }
  } catch (const Error& error) {
    require_refusal(error);
  }
}

// The pickle alone, which a mutation of the whole archive seldom reaches.
void parse_pickle(std::span<const std::byte> input) {
  try {
    const auto document = checkpoint::read_pickle(input, "input");
    using Kind = checkpoint::PickledValue::Kind;
    for (const auto& container : document.containers) {
      for (const auto& value : container) {
        if (value.kind == Kind::kDict) require(value.index < document.containers.size());
        if (value.kind == Kind::kTensor) require(value.index < document.tensors.size());
      }
    }
  } catch (const Error& error) {
    require_refusal(error);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  parse_archive(input);
  parse_pickle(input);
  return 0;
}
