// The digests by which the hub names contents.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hub/remote_file.h"

namespace clipclap::hub {

/// Whether an ETag is a digest: 40 or 64 small hexadecimal digits.
bool is_digest(std::string_view etag);

/// Takes a file's bytes one after the other and says what its ETag would be.
class Digest {
 public:
  /// Of the kind that the file's ETag is. Git puts the size in front of the contents, which is why
  /// it has to be known.
  explicit Digest(const RemoteFile& file);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::string_view bytes);
  /// In hexadecimal. The object can take no more after it.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What huggingface_hub calls incomplete files in a folder by: URL-safe Base64 of a name's SHA-1
/// (_local_folder.py, _short_hash).
std::string short_hash(std::string_view name);

}  // namespace clipclap::hub
