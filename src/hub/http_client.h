// One HTTP request at a time, over libcurl. Redirects are handed back, not followed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "hub/tick.h"

namespace clipclap::hub {

struct HttpRequest {
  bool head_only = false;
  std::string url;
  std::vector<std::string> headers{};  ///< "Name: value"
  std::chrono::seconds patience{10};   ///< to connect, and for each byte
};

struct HttpResponse {
  std::string url;  ///< that was asked
  long status = 0;
  std::map<std::string, std::string> headers{};  ///< names in lower case
  std::string redirect{};                        ///< absolute; empty where it leads nowhere
  std::optional<std::chrono::seconds> retry_after{};

  /// Empty where there is none.
  std::string header(const std::string& lower_case_name) const;
  bool is_success() const { return status >= 200 && status < 300; }
  bool is_redirect() const;
};

/// There is no answer, or not all of it.
class TransportFailure : public std::runtime_error {
 public:
  enum class Kind {
    kUnreachable,  ///< no connection could be made
    kCut,          ///< it ended, or went silent, before the answer was there
    kHopeless,     ///< another try would go the same way
  };

  TransportFailure(Kind kind, const std::string& reason)
      : std::runtime_error(reason), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// Takes a successful answer's body piece by piece; `head` is complete but for redirect and
/// retry_after. What it throws ends the request and passes through.
using BodySink = std::function<void(const HttpResponse& head, std::string_view bytes)>;

class HttpClient {
 public:
  /// `certificates`: a file or folder of trusted certificates; empty: the system's.
  HttpClient(const std::string& certificates, Tick tick);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Throws TransportFailure, and what the tick and the sink throw.
  HttpResponse perform(const HttpRequest& request, const BodySink& sink);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap::hub
