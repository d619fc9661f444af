// The zip archives that PyTorch writes: entries one after another, none of them compressed.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace clipclap::checkpoint {

/// Whether a file begins as a zip archive does.
bool is_zip_archive(std::span<const std::byte> bytes);

/// The entries of an archive by name, viewed in place (PKWARE's APPNOTE.TXT 6.3, sections 4.3 and
/// 4.5.3: archives beyond 4 GiB included). Throws Error: kInvalidData for offsets that lead
/// outside, an end that is missing (the file is cut short), a name that stands twice; kUnsupported
/// for an entry that is compressed or encrypted.
std::map<std::string, std::span<const std::byte>, std::less<>> read_zip_archive(
    std::span<const std::byte> bytes, const std::string& origin);

}  // namespace clipclap::checkpoint
