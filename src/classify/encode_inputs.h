// Inputs, one after the other, to the embeddings of their windows.
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <clipclap/tagging.h>

#include "classify/window_batch.h"
#include "classify/window_source.h"

namespace clipclap::classify {

/// Windows that went through a tower together, and the embeddings of those that are not silent,
/// [windows, dimension], rows of length 1.
struct EncodedBatch {
  std::vector<Place> places;  ///< one for each window
  std::vector<Window> windows;
  at::Tensor embeddings;
};

/// Hears of each input's beginning before its first window, of its windows in the order of their
/// stream, and of its end behind the last; ends come in the order of the inputs. Called from one
/// thread.
class EncodedSink {
 public:
  virtual ~EncodedSink() = default;
  virtual void begin(std::size_t input, const InputStreams& streams) = 0;
  virtual void take(const EncodedBatch& batch) = 0;
  /// `failure` is what the input failed with: its windows before that are good. Without having
  /// begun where the input could not be opened.
  virtual void end(std::size_t input, const std::exception_ptr& failure) = 0;
  /// Whether frames between two embeddings can be taken for what these are; `difference` is how
  /// much they differ at most from the first to look at, in levels of 0 … 255.
  virtual bool agree(const at::Tensor& a, const at::Tensor& b, float difference) const = 0;
};

/// Reads the inputs ahead on threads of their own, fills batches across inputs and streams, encodes
/// them side by side on as many threads as LibTorch is set to, and hands them over from the calling
/// thread. What is in a batch does not depend on the threads, so results are the same each time.
/// Memory depends on the batch and the threads, not on the inputs' length or number.
/// Throws Error (kCancelled) where it is stopped, kInvalidArgument, and what the sink throws.
void encode_inputs(const Senses& senses, std::span<const std::string> inputs,
                   const RunOptions& options, EncodedSink& sink);

}  // namespace clipclap::classify
