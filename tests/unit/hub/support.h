// What the tests of this folder share.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "../checkpoint/support.h"
#include "hub/remote_file.h"

namespace clipclap::hub {

using checkpoint::error_of;
using checkpoint::TemporaryFolder;

/// Of "abc" (FIPS 180-2, appendix B.1), and git's name for an empty blob.
inline constexpr auto kSha256OfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
inline constexpr auto kEmptyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

inline const RemoteFile kAbc{.name = "abc.txt", .etag = kSha256OfAbc, .size = 3};

inline std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace clipclap::hub
