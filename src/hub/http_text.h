// The small grammars of HTTP and of the hub's headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clipclap::hub {

/// "a b/c" as "a%20b/c": everything but letters, digits and "_.-~/" (Python's urllib.parse.quote).
std::string percent_encode(std::string_view text, bool keep_slashes);

/// A whole number that is nothing but digits.
std::optional<std::uint64_t> read_size(std::string_view text);

/// W/"abc" and "abc" as abc (huggingface_hub, _normalize_etag).
std::string normalize_etag(std::string_view etag);

/// "bytes 10-19/20" or "bytes 10-19/*" (RFC 9110, section 14.4).
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total{};
};
std::optional<ContentRange> read_content_range(std::string_view text);

/// Whether a Location stays on the site it comes from: it names neither scheme nor host.
bool is_relative_reference(std::string_view location);

/// Where a request goes.
struct Origin {
  std::string scheme;  ///< in lower case
  std::string host;    ///< in lower case
  std::string port;    ///< the scheme's own where none is given

  bool operator==(const Origin&) const = default;
};

/// Nothing where the text is not a complete http or https URL.
std::optional<Origin> read_origin(const std::string& url);

/// "https://huggingface.co": an address as far as messages may show it. Behind the host there are
/// signatures and the like.
std::string host_of(const std::string& url);

/// Whether the token for `home` may be sent to `target`: the same host, or the same host once it
/// has gone over from http to https (requests, should_strip_auth).
bool may_have_token(const Origin& home, const Origin& target);

}  // namespace clipclap::hub
