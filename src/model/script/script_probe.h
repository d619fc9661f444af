// Finds out by trying what a TorchScript file takes and gives.
#pragma once

#include <cstdint>
#include <vector>

#include "model/architectures.h"
#include "model/script/script_module.h"

namespace clipclap::model {

struct ScriptProbe {
  int image_size = 0;   ///< 0 for a model that hears
  int sample_rate = 0;  ///< 0 for a model that sees
  std::int64_t sample_count = 0;
  bool masks = false;  ///< forward() takes an attention mask behind the ids
  ForwardOrder order = ForwardOrder::kMediaFirst;
  std::size_t text_length = 0;  ///< tokens
  bool media_alone = false;     ///< the towers can be called without each other
  bool text_alone = false;
  at::Tensor media_example{};  ///< [1, …], for a forward() that only texts are wanted of
  std::vector<at::Tensor> text_example{};  ///< ids and maybe mask, [1, tokens], for the reverse
  ScriptOutput output;                     ///< of the example
};

/// Pictures: two inputs; 224, 256, 384 and 378 pixels are tried unless a size is given. Sounds:
/// three inputs; one silent clip of 10 s at 48 kHz, or 7 s at 44.1 kHz, unless it is given. Both
/// with media first, then with text first, unless the order is given. Throws Error (kInvalidData)
/// with what was tried and what LibTorch said to the first.
ScriptProbe probe_script(const ScriptModule& module, const TextSide& text,
                         const Checkpoint& checkpoint);

}  // namespace clipclap::model
