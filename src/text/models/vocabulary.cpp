#include "text/models/vocabulary.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace clipclap::text {
namespace {

std::uint32_t hash_of(std::string_view token) {
  const auto hash = std::hash<std::string_view>{}(token);
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

}  // namespace

Vocabulary::Vocabulary(VocabularyTable table)
    : tokens_(std::move(table.tokens)),
      ids_(std::move(table.ids)),
      slots_(std::bit_ceil(tokens_.size() * 2 + 2)),
      entry_by_id_(ids_.empty() ? 0 : tokens_.size()) {
  for (std::uint32_t entry = 0; entry < tokens_.size(); ++entry) {
    const std::string_view token = tokens_[entry];
    const std::uint32_t hash = hash_of(token);
    Slot& slot = slots_[find_slot(token, hash)];
    if (slot.entry == kEmpty) ++size_;
    slot = {hash, entry};
    longest_ = std::max(longest_, token.size());
    if (!ids_.empty()) entry_by_id_.insert(ids_[entry], entry);
  }
}

std::size_t Vocabulary::find_slot(std::string_view token, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t index = hash & mask;
  while (slots_[index].entry != kEmpty &&
         (slots_[index].hash != hash || tokens_[slots_[index].entry] != token)) {
    index = (index + 1) & mask;
  }
  return index;
}

std::optional<std::uint32_t> Vocabulary::find(std::string_view token) const {
  const std::uint32_t entry = slots_[find_slot(token, hash_of(token))].entry;
  if (entry == kEmpty) return std::nullopt;
  return ids_.empty() ? entry : ids_[entry];
}

std::optional<std::string_view> Vocabulary::token(std::uint32_t id) const {
  if (ids_.empty()) {
    if (id >= tokens_.size()) return std::nullopt;
    return tokens_[id];
  }
  const auto* entry = entry_by_id_.find(id);
  if (entry == nullptr) return std::nullopt;
  return tokens_[*entry];
}

}  // namespace clipclap::text
