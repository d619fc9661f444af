// A file of a repository as the hub describes it.
#pragma once

#include <cstdint>
#include <string>

namespace clipclap::hub {

struct RemoteFile {
  std::string name;  ///< relative, stays inside the folder
  /// 64 hexadecimal digits: the contents' SHA-256 (a file in LFS); 40: git's SHA-1 of the blob.
  std::string etag;
  std::uint64_t size = 0;
  std::string url{};  ///< the hub's own for it, which may lead to another server
};

}  // namespace clipclap::hub
