// One input, from its bytes to the embeddings of its windows.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/tagging.h>

#include "model/dual_encoder.h"

namespace clipclap::classify {

/// Who looks and who listens; nullptr where nobody does.
struct Senses {
  const model::DualEncoder* eyes = nullptr;
  const model::DualEncoder* ears = nullptr;
};

/// Consecutive windows of one stream, and the embeddings of those that are not silent,
/// [windows, dimension], rows of length 1.
struct EncodedBatch {
  std::size_t stream = 0;  ///< counted from 0 in the order of the file
  std::vector<Window> windows;
  at::Tensor embeddings;
};

/// What is known of a file before its first window.
struct EncodedStreams {
  std::size_t count = 0;
  /// The file has a kind of stream that no model has the sense for.
  bool has_unseen = false;
  bool has_unheard = false;
};

/// Hears of the streams, before the first batch, and then of each batch.
class EncodedSink {
 public:
  virtual ~EncodedSink() = default;
  virtual void begin(const EncodedStreams& streams) = 0;
  virtual void take(const EncodedBatch& batch) = 0;
};

/// Reads `input` once, prepares its pictures and windows of sound on a thread of their own, encodes
/// them in batches and hands each batch over. Memory depends on the batch, not on the input's
/// length. Where the input breaks, what was read before is handed over first and then Error is
/// thrown.
void encode_windows(const Senses& senses, const std::string& input, const RunOptions& options,
                    EncodedSink& sink);

}  // namespace clipclap::classify
