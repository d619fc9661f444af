#include "hub/hub_client.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/file_source.h"
#include "checkpoint/quote.h"
#include "hub/http_text.h"
#include "hub/hub_refusal.h"

namespace clipclap::hub {
namespace {

// What is compressed on its way has another size than the file.
constexpr std::string_view kAsItIs = "Accept-Encoding: identity";
constexpr std::size_t kLargestAnswer = 64 << 20;
// A petabyte: no file of a model, and sums of sizes stay far from where they would overflow.
constexpr std::uint64_t kLargestFile = 1'000'000'000'000'000;
// A try that has brought as much was worth it, and the count of tries begins anew.
constexpr std::uint64_t kWorthwhile = 1 << 20;

[[noreturn]] void refuse(const std::string& message, const std::string& context) {
  throw Error(ErrorCode::kInvalidData, message, context);
}

// Empty where there is no such field, or no text in it.
std::string text_field(const Json& json, const char* name) {
  const auto field = json.is_object() ? json.find(name) : json.end();
  return field != json.end() && field->is_string() ? field->get<std::string>() : std::string();
}

// A name that may become a file's: it stays inside its folder and shows what it is.
bool is_sound_name(const std::string& name) {
  return checkpoint::stays_inside(name) && std::none_of(name.begin(), name.end(), [](char c) {
           return (c >= 0 && c < ' ') || c == '\x7F';
         });
}

// An answer that no hub would give: a login page, a proxy, another kind of server.
[[noreturn]] void throw_no_hub(const std::string& what, const HubSettings& settings,
                               const std::string& context) {
  refuse(fmt::format("the answer of {} {}; check HF_ENDPOINT, and whether a proxy or a login page "
                     "stands between",
                     settings.endpoint, what),
         context);
}

// Whether what follows is the rest of the file; empties the part where it is the file from its
// beginning.
void check_head(const HttpResponse& head, const RemoteFile& file, PartFile& part,
                const std::string& context) {
  const auto require_size = [&](std::optional<std::uint64_t> size) {
    if (!size || *size == file.size) return;
    refuse(fmt::format("{} has a file of {} bytes where the hub tells {}; pull again later",
                       host_of(head.url), *size, file.size),
           context);
  };
  if (head.status == 206) {
    const auto range = read_content_range(head.header("content-range"));
    if (range) require_size(range->total);
    if (range && range->first == part.size()) return;
    part.restart();
    throw TransportFailure(TransportFailure::Kind::kCut,
                           "the server sends another part of the file than was asked for");
  }
  const auto encoding = head.header("content-encoding");
  if (encoding.empty() || encoding == "identity") {
    require_size(read_size(head.header("content-length")));
  }
  part.restart();
}

}  // namespace

HubClient::HubClient(const HubSettings& settings, const checkpoint::HubId& id,
                     const RetryPolicy& policy, const Tick& tick)
    : settings_(settings),
      id_(id),
      policy_(policy),
      tick_(tick),
      http_(settings.certificates, tick) {}

std::string HubClient::context_of(const std::string& name) const {
  return name.empty() ? id_.repository : fmt::format("{}: {}", id_.repository, name);
}

HttpResponse HubClient::follow(HttpRequest request, Redirects redirects, const BodySink& sink) {
  constexpr int kMostRedirects = 10;
  const auto home = read_origin(settings_.endpoint);
  const auto headers = request.headers;
  std::string scheme;
  for (int i = 0; i <= kMostRedirects; ++i) {
    const auto target = read_origin(request.url);
    if (!home || !target || (scheme == "https" && target->scheme != "https")) {
      throw Error(
          ErrorCode::kIo,
          fmt::format("the hub leads to {}, where clipclap does not follow", host_of(request.url)),
          id_.repository);
    }
    scheme = target->scheme;
    request.headers = headers;
    if (!settings_.token.empty() && may_have_token(*home, *target)) {
      request.headers.push_back("Authorization: Bearer " + settings_.token);
    }
    auto response = http_.perform(request, sink);
    has_answered_ = true;
    const bool leads_on =
        response.is_redirect() && !response.redirect.empty() &&
        (redirects == Redirects::kAll || is_relative_reference(response.header("location")));
    if (!leads_on) return response;
    request.url = response.redirect;
  }
  throw Error(ErrorCode::kIo,
              fmt::format("{} redirects more than {} times", settings_.endpoint, kMostRedirects),
              id_.repository);
}

HubClient::Answer HubClient::ask(const HttpRequest& request, Redirects redirects,
                                 const std::string& context) {
  Retry retry(policy_, tick_);
  while (true) {
    Answer answer;
    try {
      answer.head = follow(request, redirects, [&](const HttpResponse&, std::string_view bytes) {
        if (answer.body.size() + bytes.size() > kLargestAnswer) {
          throw_no_hub("is too long", settings_, context);
        }
        answer.body += bytes;
      });
    } catch (const TransportFailure& failure) {
      using Kind = TransportFailure::Kind;
      // Without a network an error at once is worth more than one after half a minute.
      const bool is_worth_it =
          failure.kind() == Kind::kCut || (failure.kind() == Kind::kUnreachable && has_answered_);
      if (is_worth_it && retry.pause(failure.what())) continue;
      throw_unreachable(failure, settings_, context);
    }
    const auto& head = answer.head;
    const bool leads_away = head.is_redirect() && !head.redirect.empty();
    if (head.is_success() || leads_away) return answer;
    const auto reason = fmt::format("{} answers {}", host_of(head.url), head.status);
    if (may_pass(head) && retry.pause(reason, head.retry_after)) continue;
    throw_refusal(head, settings_, id_, context);
  }
}

RepositoryInfo HubClient::info() {
  const auto& context = id_.repository;
  const auto answer = ask({.url = fmt::format("{}/api/models/{}/revision/{}", settings_.endpoint,
                                              id_.repository, percent_encode(id_.revision, false)),
                           .patience = settings_.metadata_patience},
                          Redirects::kAll, context);
  if (!Json::accept(answer.body)) throw_no_hub("is no JSON", settings_, context);
  const auto json = parse_json(answer.body, context);
  RepositoryInfo info{.commit = text_field(json, "sha"), .files = {}};
  if (!checkpoint::is_commit_hash(info.commit)) {
    throw_no_hub("names no commit", settings_, context);
  }
  std::set<std::string> names;
  if (json.contains("siblings")) {
    for (const auto& sibling : json["siblings"]) names.insert(text_field(sibling, "rfilename"));
  }
  std::copy_if(names.begin(), names.end(), std::back_inserter(info.files), is_sound_name);
  return info;
}

RemoteFile HubClient::describe(const std::string& commit, const std::string& name) {
  const auto context = context_of(name);
  const auto head = ask({.head_only = true,
                         .url = fmt::format("{}/{}/resolve/{}/{}", settings_.endpoint,
                                            id_.repository, commit, percent_encode(name, true)),
                         .headers = {std::string(kAsItIs)},
                         .patience = settings_.metadata_patience},
                        Redirects::kWithinSite, context)
                        .head;
  const auto told_commit = head.header("x-repo-commit");
  if (told_commit != commit) {
    throw_no_hub(
        told_commit.empty() ? "has no X-Repo-Commit" : "is about another commit than was asked for",
        settings_, context);
  }
  const auto linked_etag = head.header("x-linked-etag");
  auto etag = normalize_etag(linked_etag.empty() ? head.header("etag") : linked_etag);
  if (!is_digest(etag)) {
    throw_no_hub(etag.empty() ? "has no ETag"
                              : "has an ETag that is no digest to check the file by: " +
                                    checkpoint::quote(etag),
                 settings_, context);
  }
  auto size = read_size(head.header("x-linked-size"));
  // A redirect's own length is not the file's.
  if (!size && head.is_success()) size = read_size(head.header("content-length"));
  if (!size || *size > kLargestFile) throw_no_hub("has no size of the file", settings_, context);
  return {.name = name, .etag = std::move(etag), .size = *size, .url = head.url};
}

std::optional<HubClient::Trouble> HubClient::fetch_rest(const HttpRequest& request,
                                                        const RemoteFile& file, PartFile& part) {
  const auto context = context_of(file.name);
  bool has_begun = false;
  HttpResponse head;
  try {
    head = follow(request, Redirects::kAll, [&](const HttpResponse& seen, std::string_view bytes) {
      if (!std::exchange(has_begun, true)) check_head(seen, file, part, context);
      part.append(bytes);
    });
  } catch (const TransportFailure& failure) {
    if (failure.kind() == TransportFailure::Kind::kHopeless) {
      throw_unreachable(failure, settings_, context);
    }
    return Trouble{failure.what()};
  }
  if (head.status == 416) {
    part.restart();
    return Trouble{"the server does not have the rest of the file"};
  }
  if (head.is_success()) {
    if (part.is_complete()) return std::nullopt;
    return Trouble{"the answer ended too early"};
  }
  if (!may_pass(head)) throw_refusal(head, settings_, id_, context);
  return Trouble{fmt::format("{} answers {}", host_of(head.url), head.status), head.retry_after};
}

void HubClient::download(const RemoteFile& file, PartFile& part) {
  Retry retry(policy_, tick_);
  while (!part.is_complete()) {
    HttpRequest request{.url = file.url,
                        .headers = {std::string(kAsItIs)},
                        .patience = settings_.download_patience};
    const auto before = part.size();
    if (before > 0) request.headers.push_back(fmt::format("Range: bytes={}-", before));
    const auto trouble = fetch_rest(request, file, part);
    if (!trouble) return;
    if (part.size() >= before + kWorthwhile) retry.start_anew();
    if (!retry.pause(fmt::format("{}: {}", file.name, trouble->reason), trouble->asked_pause)) {
      throw Error(ErrorCode::kIo,
                  fmt::format("the download does not get on: {}; pull again later: what is there "
                              "is kept",
                              trouble->reason),
                  context_of(file.name));
    }
  }
}

}  // namespace clipclap::hub
