#include "hub/hub_refusal.h"

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/quote.h"
#include "hub/http_text.h"

namespace clipclap::hub {
namespace {

// What the user may do about a repository that is kept from him.
std::string way_in(const HubSettings& settings, const checkpoint::HubId& id) {
  return settings.token.empty()
             ? fmt::format(
                   "accept its terms at {0}/{1}, make a token at {0}/settings/tokens, set "
                   "HF_TOKEN to it and pull again",
                   settings.endpoint, id.repository)
             : fmt::format(
                   "accept its terms at {}/{} with the account that the token of {} belongs "
                   "to, and pull again",
                   settings.endpoint, id.repository, settings.token_source);
}

[[noreturn]] void throw_not_found(const HttpResponse& response, const HubSettings& settings,
                                  const checkpoint::HubId& id, const std::string& context) {
  const auto code = response.header("x-error-code");
  if (code == "RevisionNotFound") {
    throw Error(ErrorCode::kNotFound,
                fmt::format("the repository has no revision {}; name a branch, a tag or a full "
                            "commit hash with --revision",
                            checkpoint::quote(id.revision)),
                context);
  }
  if (code == "EntryNotFound") {
    throw Error(ErrorCode::kNotFound,
                "the hub lists the file and does not find it; pull again later", context);
  }
  // The hub answers so where anonymous users may not know whether there is something.
  throw Error(
      ErrorCode::kNotFound,
      fmt::format("{} has no such repository{}, or it is private or gated; check the name, or {}",
                  settings.endpoint, code.empty() ? " or revision" : "", way_in(settings, id)),
      context);
}

[[noreturn]] void throw_busy(const HttpResponse& response, const std::string& context) {
  const auto asked = response.retry_after
                         ? fmt::format(" and asks to wait {} s", response.retry_after->count())
                         : std::string();
  throw Error(ErrorCode::kIo,
              fmt::format("{} answers {}{}; pull again later", host_of(response.url),
                          response.status, asked),
              context);
}

}  // namespace

bool may_pass(const HttpResponse& response) {
  switch (response.status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

void throw_refusal(const HttpResponse& response, const HubSettings& settings,
                   const checkpoint::HubId& id, const std::string& context) {
  if (may_pass(response)) throw_busy(response, context);
  const auto home = read_origin(settings.endpoint);
  const auto asked = read_origin(response.url);
  const bool is_hub = home && asked && may_have_token(*home, *asked);
  const auto code = response.header("x-error-code");
  const auto said = response.header("x-error-message");
  if (is_hub && code == "GatedRepo") {
    throw Error(ErrorCode::kIo, "is gated: " + way_in(settings, id), context);
  }
  if (is_hub && response.status == 401 && !settings.token.empty()) {
    throw Error(ErrorCode::kIo,
                fmt::format("the hub does not take the token of {}; correct or unset it",
                            settings.token_source),
                context);
  }
  if (is_hub && said != "Access to this resource is disabled." &&
      (response.status == 404 || response.status == 401 || code == "RepoNotFound")) {
    throw_not_found(response, settings, id, context);
  }
  const auto reason = said.empty() ? std::string() : ": " + checkpoint::quote(said);
  const auto remedy = response.status == 403 && is_hub ? "; " + way_in(settings, id) : "";
  throw Error(
      ErrorCode::kIo,
      fmt::format("{} answers {}{}{}", host_of(response.url), response.status, reason, remedy),
      context);
}

void throw_unreachable(const TransportFailure& failure, const HubSettings& settings,
                       const std::string& context) {
  const std::string reason = failure.what();
  const auto* remedy =
      reason.find("certificate") == reason.npos
          ? "check the network, HF_ENDPOINT and the proxy variables, and pull again: what is there "
            "is kept"
          : "where the certificate is one to trust, name its file with SSL_CERT_FILE";
  throw Error(ErrorCode::kIo,
              fmt::format("cannot fetch from {}: {}; {}", settings.endpoint, reason, remedy),
              context);
}

}  // namespace clipclap::hub
