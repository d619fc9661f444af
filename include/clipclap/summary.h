// What a whole stream was like.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/tagging.h>

namespace clipclap {

/// Of one label in one stream.
struct LabelSummary {
  std::string file;
  std::string stream;  ///< "v:0"
  std::string unit;    ///< of a categories file; empty without one
  std::string label;
  double mean = 0;          ///< of the score, over all windows, each by its length in time
  double peak = 0;          ///< the highest score
  double peak_seconds = 0;  ///< where the first window that has it begins
  double share_above = 0;   ///< of the time, in windows whose score is at least the threshold
  std::size_t windows = 0;  ///< that were scored; silent ones are not
};

/// Sums up records. They must hold all labels with their scores: tag without `top` and `threshold`.
/// Windows without length count alike where none has any (pictures), else for the peak and the
/// number alone. Memory depends on streams and labels alone. Not thread-safe.
class CLIPCLAP_API Summary {
 public:
  /// Throws Error (kInvalidArgument) where the threshold is not within 0 … 1.
  explicit Summary(double threshold = 0.5);
  ~Summary();
  Summary(Summary&&) noexcept;
  Summary& operator=(Summary&&) noexcept;

  /// Throws Error (kInvalidData) for a number that is not finite, and adds nothing of it.
  void add(const TagRecord& record);
  void clear();

  /// Streams in the order in which they came; in each, units in their order and labels by falling
  /// mean.
  std::vector<LabelSummary> rows() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// `format` is "csv" (RFC 4180, with a line of names) or "json" (one array of objects). Throws
/// Error (kInvalidArgument) for another.
CLIPCLAP_API std::string to_text(const std::vector<LabelSummary>& rows, std::string_view format);

}  // namespace clipclap
