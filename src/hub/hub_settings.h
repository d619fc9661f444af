// What the environment says about the hub (huggingface_hub, constants.py and utils/_auth.py).
#pragma once

#include <chrono>
#include <string>

namespace clipclap::hub {

struct HubSettings {
  std::string endpoint = "https://huggingface.co";  ///< without a slash at its end
  std::string token{};                              ///< empty: none
  std::string token_source{};                       ///< the variable or file, for messages
  std::string certificates{};                       ///< a file or folder; empty: the system's
  std::chrono::seconds metadata_patience{10};
  std::chrono::seconds download_patience{10};
};

/// Reads HF_ENDPOINT, HF_TOKEN (else HUGGING_FACE_HUB_TOKEN, else the file HF_TOKEN_PATH, else
/// HF_HOME/token; none where HF_HUB_DISABLE_IMPLICIT_TOKEN is set), HF_HUB_ETAG_TIMEOUT,
/// HF_HUB_DOWNLOAD_TIMEOUT, and REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE.
/// Throws Error: kIo where HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids the network;
/// kInvalidArgument for values that cannot be.
HubSettings read_hub_settings();

}  // namespace clipclap::hub
