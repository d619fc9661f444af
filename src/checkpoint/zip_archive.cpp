#include "checkpoint/zip_archive.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/little_endian.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kEntry = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint32_t kLongEnd = 0x06064b50;
constexpr std::uint32_t kLongEndLocator = 0x07064b50;
constexpr std::uint32_t kElsewhere = 0xffffffff;  ///< the number is in a longer field

class Archive {
 public:
  Archive(Bytes bytes, const std::string& origin) : bytes_(bytes), origin_(origin) {}

  struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t count = 0;
  };

  struct Entry {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
    std::uint64_t next = 0;  ///< where the directory goes on
  };

  Directory find_directory() const {
    const auto end = find_end();
    const Directory found{number<std::uint32_t>(end + 16), number<std::uint16_t>(end + 10)};
    constexpr std::size_t kLocatorSize = 20;
    if (end < kLocatorSize || !is_at(kLongEndLocator, end - kLocatorSize)) return found;
    const auto long_end = number<std::uint64_t>(end - kLocatorSize + 8);
    require(is_at(kLongEnd, long_end), "its directory is not where it should be");
    return {number<std::uint64_t>(long_end + 48), number<std::uint64_t>(long_end + 32)};
  }

  Entry read_entry(std::uint64_t place) const {
    require(is_at(kEntry, place), "its directory is broken");
    const auto name_size = number<std::uint16_t>(place + 28);
    const auto extra_size = number<std::uint16_t>(place + 30);
    const auto comment_size = number<std::uint16_t>(place + 32);
    const auto name = slice(place + 46, name_size);
    Entry entry{.name = {reinterpret_cast<const char*>(name.data()), name.size()},
                .size = number<std::uint32_t>(place + 24),
                .offset = number<std::uint32_t>(place + 42),
                .next = place + 46 + name_size + extra_size + comment_size};
    require_plain(entry.name, place);
    read_long_fields(entry, slice(place + 46 + name_size, extra_size));
    return entry;
  }

  Bytes contents(const Entry& entry) const {
    require(is_at(kLocalHeader, entry.offset), "the entry {} is not where it should be",
            quote(entry.name));
    const auto header_size = std::uint64_t{30} + number<std::uint16_t>(entry.offset + 26) +
                             number<std::uint16_t>(entry.offset + 28);
    return slice(entry.offset + header_size, entry.size);
  }

 private:
  template <typename... Values>
  void require(bool holds, fmt::format_string<Values...> message, Values&&... values) const {
    if (holds) return;
    throw Error(ErrorCode::kInvalidData,
                fmt::format(message, std::forward<Values>(values)...) + "; fetch the file again",
                origin_);
  }

  template <typename Number>
  Number number(std::uint64_t place) const {
    const auto found = read_number<Number>(bytes_, place);
    require(found.has_value(), "it ends too early");
    return *found;
  }

  Bytes slice(std::uint64_t place, std::uint64_t size) const {
    const auto found = read_bytes(bytes_, place, size);
    require(found.has_value(), "it ends too early");
    return *found;
  }

  bool is_at(std::uint32_t signature, std::uint64_t place) const {
    return read_number<std::uint32_t>(bytes_, place) == signature;
  }

  // A comment of up to 64 KiB may stand behind it.
  std::uint64_t find_end() const {
    constexpr std::uint64_t kEndSize = 22;
    constexpr std::uint64_t kLongestComment = 0xffff;
    require(bytes_.size() >= kEndSize, "it ends too early");
    const auto last = bytes_.size() - kEndSize;
    for (std::uint64_t back = 0; back <= std::min(last, kLongestComment); ++back) {
      if (is_at(kEnd, last - back)) return last - back;
    }
    require(false, "the archive's end is missing: the file is cut short");
    return 0;
  }

  void require_plain(const std::string& name, std::uint64_t place) const {
    const bool encrypted = (number<std::uint16_t>(place + 8) & 1) != 0;
    const bool compressed = number<std::uint16_t>(place + 10) != 0;
    if (!encrypted && !compressed) return;
    throw Error(ErrorCode::kUnsupported,
                fmt::format("the entry {} is {}, which PyTorch never writes", quote(name),
                            encrypted ? "encrypted" : "compressed"),
                origin_);
  }

  // Extra fields are a number, a size and so many bytes each; number 1 holds what is too large for
  // the entry itself.
  void read_long_fields(Entry& entry, Bytes extra) const {
    constexpr std::uint16_t kLongFields = 1;
    std::size_t place = 0;
    while (place + 4 <= extra.size()) {
      const auto kind = *read_number<std::uint16_t>(extra, place);
      const std::size_t size = *read_number<std::uint16_t>(extra, place + 2);
      const auto fields = read_bytes(extra, place + 4, size);
      require(fields.has_value(), "the entry {} is broken", quote(entry.name));
      if (kind == kLongFields) take_long_fields(entry, *fields);
      place += 4 + size;
    }
  }

  void take_long_fields(Entry& entry, Bytes fields) const {
    std::size_t place = 0;
    const auto next = [&] {
      const auto found = read_number<std::uint64_t>(fields, place);
      require(found.has_value(), "the entry {} is broken", quote(entry.name));
      place += sizeof(std::uint64_t);
      return *found;
    };
    const bool has_size = entry.size == kElsewhere;
    if (has_size) entry.size = next();
    if (entry.offset != kElsewhere) return;
    if (has_size) next();  // the compressed size, which is the same
    entry.offset = next();
  }

  Bytes bytes_;
  const std::string& origin_;
};

}  // namespace

bool is_zip_archive(Bytes bytes) { return read_number<std::uint32_t>(bytes, 0) == kLocalHeader; }

std::map<std::string, Bytes, std::less<>> read_zip_archive(Bytes bytes, const std::string& origin) {
  const Archive archive(bytes, origin);
  const auto directory = archive.find_directory();
  std::map<std::string, Bytes, std::less<>> entries;
  auto place = directory.offset;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    const auto entry = archive.read_entry(place);
    if (!entries.try_emplace(entry.name, archive.contents(entry)).second) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("the entry {} stands twice", quote(entry.name)), origin);
    }
    place = entry.next;
  }
  return entries;
}

}  // namespace clipclap::checkpoint
