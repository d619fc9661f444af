// Which boxes are which input's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <clipclap/boxes.h>

namespace clipclap::classify {

/// The boxes of a run. Reading it is thread-safe.
class InputBoxes {
 public:
  /// Without boxes there are none for any input.
  explicit InputBoxes(std::shared_ptr<const std::vector<DetectedBox>> boxes);

  /// Those of one input, in their order; nothing where whole pictures are to be looked at.
  std::optional<std::vector<DetectedBox>> of(const std::string& input) const;

  /// Warns of boxes that none of the inputs has.
  void warn_of_strangers(std::span<const std::string> inputs) const;

 private:
  std::shared_ptr<const std::vector<DetectedBox>> boxes_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_file_;
};

}  // namespace clipclap::classify
