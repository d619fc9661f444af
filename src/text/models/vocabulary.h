// Tokens and their ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "text/json/tokenizer_document.h"
#include "text/models/flat_map.h"

namespace clipclap::text {

/// Immutable. Where a token stands in the table twice the last one counts.
class Vocabulary {
 public:
  /// With ids as the table has them, or, where it has none, in its order from 0.
  explicit Vocabulary(VocabularyTable table);

  std::optional<std::uint32_t> find(std::string_view token) const;
  std::optional<std::string_view> token(std::uint32_t id) const;
  std::size_t size() const { return size_; }        ///< different tokens
  std::size_t longest() const { return longest_; }  ///< bytes of the longest token

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t entry = kEmpty;
  };
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};

  std::size_t find_slot(std::string_view token, std::uint32_t hash) const;

  StringTable tokens_;
  std::vector<std::uint32_t> ids_;  ///< empty where the ids are the order
  std::vector<Slot> slots_;
  FlatMap<std::uint32_t> entry_by_id_;
  std::size_t size_ = 0;
  std::size_t longest_ = 0;
};

}  // namespace clipclap::text
