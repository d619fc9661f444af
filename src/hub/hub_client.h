// The requests that a pull makes of the hub.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/hub_cache.h"
#include "hub/http_client.h"
#include "hub/hub_settings.h"
#include "hub/part_file.h"
#include "hub/remote_file.h"
#include "hub/retry.h"
#include "hub/tick.h"

namespace clipclap::hub {

/// A repository at one revision.
struct RepositoryInfo {
  std::string commit;
  std::vector<std::string> files;  ///< each once, none that leads out of its folder
};

/// Speaks to the hub about one repository. Answers that may pass (5xx, 408, 429, a cut connection)
/// are waited for and asked for again; the others throw Error as hub_refusal.h says. The token goes
/// to the hub's own host and to no other.
class HubClient {
 public:
  HubClient(const HubSettings& settings, const checkpoint::HubId& id, const RetryPolicy& policy,
            const Tick& tick);

  /// What the revision stands for (GET /api/models/ID/revision/REVISION).
  RepositoryInfo info();

  /// A file's size and ETag (HEAD /ID/resolve/COMMIT/FILE). Throws Error (kInvalidData) where an
  /// answer lacks them.
  RemoteFile describe(const std::string& commit, const std::string& name);

  /// Fetches what the part still lacks (GET of what describe() found). Every try begins at the
  /// hub's own address: those that it leads on to are valid for an hour.
  void download(const RemoteFile& file, PartFile& part);

 private:
  enum class Redirects { kAll, kWithinSite };
  struct Answer {
    HttpResponse head;
    std::string body;
  };
  /// Why a try has not brought the whole file.
  struct Trouble {
    std::string reason;
    std::optional<std::chrono::seconds> asked_pause{};
  };

  HttpResponse follow(HttpRequest request, Redirects redirects, const BodySink& sink);
  Answer ask(const HttpRequest& request, Redirects redirects, const std::string& context);
  std::optional<Trouble> fetch_rest(const HttpRequest& request, const RemoteFile& file,
                                    PartFile& part);
  std::string context_of(const std::string& name) const;

  HubSettings settings_;
  checkpoint::HubId id_;
  RetryPolicy policy_;
  Tick tick_;
  HttpClient http_;
  bool has_answered_ = false;
};

}  // namespace clipclap::hub
