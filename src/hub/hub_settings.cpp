#include "hub/hub_settings.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/ascii.h"
#include "base/environment.h"
#include "base/file.h"
#include "checkpoint/hub_cache.h"
#include "checkpoint/quote.h"
#include "hub/http_text.h"

namespace clipclap::hub {
namespace {

namespace fs = std::filesystem;

bool is_true(const std::string& value) {
  const auto lower = to_ascii_lower(value);
  return lower == "1" || lower == "on" || lower == "yes" || lower == "true";
}

// The first of these variables that is set.
std::string first_set(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = environment(name); !value.empty()) return value;
  }
  return {};
}

void require_network_allowed() {
  // The first that is set counts, as in huggingface_hub.
  for (const char* name : {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
    const auto value = environment(name);
    if (value.empty()) continue;
    if (!is_true(value)) return;
    throw Error(ErrorCode::kIo,
                fmt::format("{}={} forbids the network; unset it to pull", name, value));
  }
}

std::string read_endpoint(const std::string& otherwise) {
  auto endpoint = environment("HF_ENDPOINT");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (endpoint.empty()) return otherwise;
  if (!read_origin(endpoint)) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("HF_ENDPOINT is {}, which is no address such as https://huggingface.co",
                            checkpoint::quote(endpoint)));
  }
  return endpoint;
}

std::chrono::seconds read_patience(const char* name, std::chrono::seconds otherwise) {
  constexpr std::uint64_t kLongest = 86400;
  const auto value = environment(name);
  const auto seconds = read_size(value);
  if (value.empty() || seconds == 0) return otherwise;
  if (!seconds || *seconds > kLongest) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} is {}, which is no number of seconds up to {}", name,
                            checkpoint::quote(value), kLongest));
  }
  return std::chrono::seconds(*seconds);
}

// Without line breaks and the space around it.
std::string cleaned(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  constexpr std::string_view kSpace = " \t\v\f";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

void take_token(HubSettings& settings, std::string text, const std::string& source) {
  settings.token = cleaned(std::move(text));
  settings.token_source = source;
  // It becomes part of a header: what is not printable could become one of its own.
  const bool is_sound = std::all_of(settings.token.begin(), settings.token.end(),
                                    [](char c) { return c > ' ' && c < '\x7F'; });
  if (!is_sound) {
    throw Error(ErrorCode::kInvalidArgument,
                "holds characters that no token has; set it to a token of the hub, or unset it",
                source);
  }
}

void read_token(HubSettings& settings) {
  if (is_true(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return;
  // The first that is set counts, even where nothing is left of it: then the file is read.
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    if (const auto value = environment(name); !value.empty()) {
      take_token(settings, value, name);
      break;
    }
  }
  if (!settings.token.empty()) return;
  const auto named = environment("HF_TOKEN_PATH");
  const auto path = named.empty() ? checkpoint::hub_home_folder() / "token" : expand_path(named);
  std::error_code ignored;
  if (fs::exists(path, ignored)) take_token(settings, read_file(path), path.string());
}

}  // namespace

HubSettings read_hub_settings() {
  require_network_allowed();
  HubSettings settings;
  settings.endpoint = read_endpoint(settings.endpoint);
  settings.metadata_patience = read_patience("HF_HUB_ETAG_TIMEOUT", settings.metadata_patience);
  settings.download_patience = read_patience("HF_HUB_DOWNLOAD_TIMEOUT", settings.download_patience);
  settings.certificates = first_set({"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"});
  read_token(settings);
  return settings;
}

}  // namespace clipclap::hub
