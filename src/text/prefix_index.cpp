#include "text/prefix_index.h"

#include <algorithm>

namespace clipclap::text {

PrefixIndex::PrefixIndex(std::vector<Entry> entries) : entries_(std::move(entries)) {
  std::erase_if(entries_, [](const Entry& entry) { return entry.text.empty(); });
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.text < b.text; });
  const auto last = std::unique(entries_.begin(), entries_.end(),
                                [](const Entry& a, const Entry& b) { return a.text == b.text; });
  entries_.erase(last, entries_.end());
  for (const auto& entry : entries_) first_bytes_.set(static_cast<unsigned char>(entry.text[0]));
}

void PrefixIndex::narrow(std::size_t& begin, std::size_t& end, std::size_t offset,
                         char byte) const {
  const auto wanted = static_cast<unsigned char>(byte);
  // -1 stands for the end of a string, which sorts before every byte.
  const auto byte_at = [&](const Entry& entry) {
    return offset < entry.text.size() ? static_cast<unsigned char>(entry.text[offset]) : -1;
  };
  const auto at = [&](std::size_t index) {
    return entries_.begin() + static_cast<std::ptrdiff_t>(index);
  };
  const auto first = std::partition_point(
      at(begin), at(end), [&](const Entry& entry) { return byte_at(entry) < wanted; });
  const auto last = std::partition_point(
      first, at(end), [&](const Entry& entry) { return byte_at(entry) <= wanted; });
  begin = static_cast<std::size_t>(first - entries_.begin());
  end = static_cast<std::size_t>(last - entries_.begin());
}

}  // namespace clipclap::text
