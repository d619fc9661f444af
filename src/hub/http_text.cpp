#include "hub/http_text.h"

#include <charconv>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/ascii.h"

namespace clipclap::hub {
namespace {

// One part of a URL; empty where it has none.
std::string part_of(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

}  // namespace

std::string percent_encode(std::string_view text, bool keep_slashes) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain = is_ascii_word(c) || c == '.' || c == '-' || c == '~';
    if (is_plain || (c == '/' && keep_slashes)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, size);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return size;
}

std::string normalize_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  while (etag.starts_with('"')) etag.remove_prefix(1);
  while (etag.ends_with('"')) etag.remove_suffix(1);
  return std::string(etag);
}

std::optional<ContentRange> read_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  if (dash == text.npos || slash == text.npos || dash > slash) return std::nullopt;
  const auto first = read_size(text.substr(0, dash));
  const auto last = read_size(text.substr(dash + 1, slash - dash - 1));
  const auto total = read_size(text.substr(slash + 1));
  if (!first || !last || *first > *last || (!total && text.substr(slash + 1) != "*")) {
    return std::nullopt;
  }
  return ContentRange{*first, *last, total};
}

std::optional<Origin> read_origin(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  if (parsed == nullptr || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  Origin origin{to_ascii_lower(part_of(parsed.get(), CURLUPART_SCHEME, 0)),
                to_ascii_lower(part_of(parsed.get(), CURLUPART_HOST, 0)),
                part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT)};
  if ((origin.scheme != "http" && origin.scheme != "https") || origin.host.empty()) {
    return std::nullopt;
  }
  return origin;
}

bool is_relative_reference(std::string_view location) {
  const auto scheme_end = location.find_first_of(":/?#");
  const bool has_scheme = scheme_end != location.npos && location[scheme_end] == ':';
  return !has_scheme && !location.starts_with("//");
}

std::string host_of(const std::string& url) {
  const auto origin = read_origin(url);
  if (!origin) return "another kind of address";
  const bool is_usual = origin->port == (origin->scheme == "https" ? "443" : "80");
  return fmt::format("{}://{}{}", origin->scheme, origin->host,
                     is_usual ? std::string() : ":" + origin->port);
}

bool may_have_token(const Origin& home, const Origin& target) {
  const bool went_over_to_https = home.scheme == "http" && home.port == "80" &&
                                  target.scheme == "https" && target.port == "443";
  return target == home || (target.host == home.host && went_over_to_https);
}

}  // namespace clipclap::hub
