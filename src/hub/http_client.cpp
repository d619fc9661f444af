#include "hub/http_client.h"

#include <array>
#include <exception>
#include <filesystem>
#include <new>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/ascii.h"

namespace clipclap::hub {
namespace {

// An error page is read to its end, so that the connection may be used again, but not without end.
constexpr std::size_t kLargestDroppedBody = 65536;
constexpr long kReceiveBuffer = 512 * 1024;
constexpr int kTickMilliseconds = 100;

template <class Handle, void (*Free)(Handle*)>
struct Freed {
  void operator()(Handle* handle) const { Free(handle); }
};
void free_multi(CURLM* multi) { curl_multi_cleanup(multi); }

using Easy = std::unique_ptr<CURL, Freed<CURL, curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Freed<CURLM, free_multi>>;
using HeaderList = std::unique_ptr<curl_slist, Freed<curl_slist, curl_slist_free_all>>;

[[noreturn]] void throw_broken(std::string_view what) {
  throw Error(ErrorCode::kInternal, fmt::format("libcurl: {}", what));
}

void initialize_once() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw_broken(curl_easy_strerror(code));
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const auto code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) throw_broken(curl_easy_strerror(code));
}

HeaderList make_list(const std::vector<std::string>& headers) {
  curl_slist* list = nullptr;
  for (const auto& header : headers) {
    auto* longer = curl_slist_append(list, header.c_str());
    if (longer == nullptr) {
      curl_slist_free_all(list);
      throw std::bad_alloc();
    }
    list = longer;
  }
  return HeaderList(list);
}

TransportFailure::Kind kind_of(CURLcode code, CURL* easy) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return TransportFailure::Kind::kUnreachable;
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t microseconds = 0;
      curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &microseconds);
      return microseconds > 0 ? TransportFailure::Kind::kCut : TransportFailure::Kind::kUnreachable;
    }
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return TransportFailure::Kind::kCut;
    default:
      return TransportFailure::Kind::kHopeless;
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// What libcurl's callbacks fill. No exception may cross libcurl: it waits here.
struct Exchange {
  CURL* easy;
  const BodySink& sink;
  HttpResponse response{};
  std::exception_ptr thrown{};
  std::size_t dropped = 0;
  bool was_left = false;  ///< an error's body that went on and on

  void take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {
      // Of the last answer only: "100 Continue" comes before it.
      response.headers.clear();
      return;
    }
    const auto colon = line.find(':');
    if (colon == line.npos) return;
    response.headers.emplace(to_ascii_lower(trimmed(line.substr(0, colon))),
                             trimmed(line.substr(colon + 1)));
  }

  bool take_body(std::string_view bytes) {
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response.status);
    if (response.is_success()) {
      sink(response, bytes);
      return true;
    }
    dropped += bytes.size();
    was_left = dropped > kLargestDroppedBody;
    return !was_left;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* exchange) noexcept {
    return static_cast<Exchange*>(exchange)->guarded(size, [&](Exchange& self) {
      self.take_header({data, size});
      return true;
    });
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* exchange) noexcept {
    return static_cast<Exchange*>(exchange)->guarded(size, [&](Exchange& self) {
      return self.take_body({data, size});
    });
  }

  // What libcurl wants to hear: `size` to go on, anything else to stop.
  template <class Act>
  std::size_t guarded(std::size_t size, const Act& act) noexcept {
    try {
      if (act(*this)) return size;
    } catch (...) {
      thrown = std::current_exception();
    }
    return size == 0 ? 1 : 0;
  }
};

void set_certificates(CURL* easy, const std::string& certificates) {
  if (certificates.empty()) return;
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(certificates, ignored);
  set(easy, is_folder ? CURLOPT_CAPATH : CURLOPT_CAINFO, certificates.c_str());
}

}  // namespace

struct HttpClient::Implementation {
  Easy easy;
  Multi multi;
  std::string certificates;
  Tick tick;
  std::array<char, CURL_ERROR_SIZE> reason{};

  void prepare(const HttpRequest& request, Exchange& exchange, const HeaderList& headers);
  CURLcode run();
};

HttpClient::HttpClient(const std::string& certificates, Tick tick)
    : implementation_(std::make_unique<Implementation>()) {
  initialize_once();
  implementation_->easy.reset(curl_easy_init());
  implementation_->multi.reset(curl_multi_init());
  if (implementation_->easy == nullptr || implementation_->multi == nullptr) {
    throw std::bad_alloc();
  }
  implementation_->certificates = certificates;
  implementation_->tick = std::move(tick);
}

HttpClient::~HttpClient() = default;

void HttpClient::Implementation::prepare(const HttpRequest& request, Exchange& exchange,
                                         const HeaderList& headers) {
  auto* handle = easy.get();
  curl_easy_reset(handle);
  reason[0] = '\0';
  set(handle, CURLOPT_ERRORBUFFER, reason.data());
  set(handle, CURLOPT_URL, request.url.c_str());
  set(handle, CURLOPT_NOBODY, request.head_only ? 1L : 0L);
  set(handle, CURLOPT_HTTPHEADER, headers.get());
  set(handle, CURLOPT_USERAGENT, "clipclap/" CLIPCLAP_VERSION);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.patience.count()));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.patience.count()));
  set(handle, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(handle, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  set(handle, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  set_certificates(handle, certificates);
}

// With the multi interface, because the easy one asks only once a second whether to go on.
CURLcode HttpClient::Implementation::run() {
  const auto check = [](CURLMcode code) {
    if (code != CURLM_OK) throw_broken(curl_multi_strerror(code));
  };
  check(curl_multi_add_handle(multi.get(), easy.get()));
  const auto remove = [this](CURLM* added) { curl_multi_remove_handle(added, easy.get()); };
  const std::unique_ptr<CURLM, decltype(remove)> guard(multi.get(), remove);
  while (true) {
    int running = 0;
    check(curl_multi_perform(multi.get(), &running));
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    tick();
    check(curl_multi_poll(multi.get(), nullptr, 0, kTickMilliseconds, nullptr));
  }
}

HttpResponse HttpClient::perform(const HttpRequest& request, const BodySink& sink) {
  auto* easy = implementation_->easy.get();
  Exchange exchange{easy, sink};
  exchange.response.url = request.url;
  const auto headers = make_list(request.headers);
  implementation_->prepare(request, exchange, headers);
  const auto code = implementation_->run();
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  if (code != CURLE_OK && !exchange.was_left) {
    const std::string_view reason = implementation_->reason.data();
    throw TransportFailure(kind_of(code, easy),
                           reason.empty() ? curl_easy_strerror(code) : std::string(reason));
  }
  auto& response = exchange.response;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response.status);
  if (char* url = nullptr;
      curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &url) == CURLE_OK && url != nullptr) {
    response.redirect = url;
  }
  if (curl_off_t seconds = 0;
      curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) {
    response.retry_after = std::chrono::seconds(seconds);
  }
  return std::move(response);
}

std::string HttpResponse::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? std::string() : found->second;
}

bool HttpResponse::is_redirect() const {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace clipclap::hub
