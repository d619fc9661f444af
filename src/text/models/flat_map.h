// A hash table of whole numbers in one block of memory, for tables of a million rows.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace clipclap::text {

/// Keys are any but the largest 64-bit number. Sized once: rows are added, never taken away.
template <typename Value>
class FlatMap {
 public:
  FlatMap() : FlatMap(0) {}
  /// Room for `count` rows.
  explicit FlatMap(std::size_t count) : slots_(std::bit_ceil(count * 2 + 2)) {}

  /// Adds a row, or replaces the value of the one with this key.
  void insert(std::uint64_t key, const Value& value) { slots_[find_slot(key)] = {key, value}; }

  /// Null where there is no such row.
  const Value* find(std::uint64_t key) const {
    const Slot& slot = slots_[find_slot(key)];
    return slot.key == key ? &slot.value : nullptr;
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t key = kEmpty;
    Value value{};
  };

  /// The slot of the key, or the empty one where it belongs.
  std::size_t find_slot(std::uint64_t key) const {
    const std::size_t mask = slots_.size() - 1;
    std::uint64_t hash = key * 0x9E3779B97F4A7C15U;  // Knuth, TAOCP 3, section 6.4
    hash ^= hash >> 32;
    std::size_t index = hash & mask;
    while (slots_[index].key != key && slots_[index].key != kEmpty) index = (index + 1) & mask;
    return index;
  }

  std::vector<Slot> slots_;
};

}  // namespace clipclap::text
