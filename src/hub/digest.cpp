#include "hub/digest.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <clipclap/error.h>

namespace clipclap::hub {
namespace {

constexpr std::size_t kSha1Digits = 40;
constexpr std::size_t kSha256Digits = 64;

void check(int code) {
  if (code >= 0) return;
  throw Error(ErrorCode::kInternal, fmt::format("GnuTLS: {}", gnutls_strerror(code)));
}

}  // namespace

struct Digest::State {
  gnutls_digest_algorithm_t algorithm;
  gnutls_hash_hd_t handle = nullptr;

  explicit State(gnutls_digest_algorithm_t kind) : algorithm(kind) {
    check(gnutls_hash_init(&handle, algorithm));
  }
  ~State() {
    if (handle != nullptr) gnutls_hash_deinit(handle, nullptr);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

bool is_digest(std::string_view etag) {
  return (etag.size() == kSha1Digits || etag.size() == kSha256Digits) &&
         etag.find_first_not_of("0123456789abcdef") == etag.npos;
}

Digest::Digest(const RemoteFile& file) {
  const bool is_git_blob = file.etag.size() == kSha1Digits;
  state_ = std::make_unique<State>(is_git_blob ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256);
  if (!is_git_blob) return;
  auto header = fmt::format("blob {}", file.size);
  header.push_back('\0');
  update(header);
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  check(gnutls_hash(state_->handle, bytes.data(), bytes.size()));
}

std::string Digest::finish() {
  std::array<std::uint8_t, kSha256Digits / 2> bytes{};
  const auto length = gnutls_hash_get_len(state_->algorithm);
  gnutls_hash_deinit(std::exchange(state_->handle, nullptr), bytes.data());
  std::string digits;
  for (unsigned i = 0; i < length; ++i) digits += fmt::format("{:02x}", bytes.at(i));
  return digits;
}

std::string short_hash(std::string_view name) {
  std::array<std::uint8_t, kSha1Digits / 2> bytes{};
  check(gnutls_hash_fast(GNUTLS_DIG_SHA1, name.data(), name.size(), bytes.data()));
  const gnutls_datum_t data{bytes.data(), static_cast<unsigned>(bytes.size())};
  gnutls_datum_t encoded{};
  check(gnutls_base64_encode2(&data, &encoded));
  std::string text(encoded.data, encoded.data + encoded.size);
  gnutls_free(encoded.data);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace clipclap::hub
