#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/hub.h>

#include "base/environment.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "checkpoint/quote.h"
#include "checkpoint/weights_index.h"
#include "hub/disk.h"
#include "hub/file_lock.h"
#include "hub/hub_client.h"
#include "hub/needed_files.h"
#include "hub/part_file.h"
#include "hub/store.h"

namespace clipclap {
namespace hub {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestIndex = 64 << 20;

checkpoint::HubId read_id(const PullOptions& options) {
  const auto id = checkpoint::parse_hub_id(options.id);
  if (!id) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} cannot be a hub id, which looks like owner/name or "
                            "owner/name@revision",
                            checkpoint::quote(options.id)));
  }
  if (options.revision.empty()) return *id;
  if (options.id.find('@') != std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the revision is given twice: {} and {}", options.id,
                            checkpoint::quote(options.revision)));
  }
  const auto with_revision = checkpoint::parse_hub_id(options.id + '@' + options.revision);
  if (!with_revision) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{} cannot be a revision: name a branch, a tag or a commit hash",
                            checkpoint::quote(options.revision)));
  }
  return *with_revision;
}

RetryPolicy read_policy(const PullOptions& options) {
  if (options.retries < 0 || !(options.first_pause_seconds >= 0)) {
    throw Error(ErrorCode::kInvalidArgument, "retries and their pause cannot be negative");
  }
  RetryPolicy policy{.retries = options.retries};
  policy.first_pause = std::chrono::duration<double>(options.first_pause_seconds);
  return policy;
}

// Tells how far the pull has come, and ends it.
class Meter {
 public:
  explicit Meter(const PullOptions& options)
      : on_progress_(options.on_progress), stop_(options.stop) {}

  PullProgress progress{};

  /// Counts a part's bytes as long as it lives.
  class Watch {
   public:
    Watch(Meter& meter, const PartFile& part)
        : meter_(meter),
          part_(part),
          done_before_(meter.progress.bytes_done),
          fetched_before_(meter.progress.bytes_fetched) {
      meter_.watch_ = this;
    }
    ~Watch() {
      settle();
      meter_.progress.bytes_done = done_before_;
      meter_.watch_ = nullptr;
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void settle() const {
      meter_.progress.bytes_done = done_before_ + part_.size();
      meter_.progress.bytes_fetched = fetched_before_ + part_.appended();
    }

   private:
    Meter& meter_;
    const PartFile& part_;
    std::uint64_t done_before_;
    std::uint64_t fetched_before_;
  };

  void tick() {
    if (stop_ != nullptr && stop_->load()) throw Error(ErrorCode::kCancelled, "stopped");
    constexpr std::chrono::milliseconds kInterval{100};
    const auto now = std::chrono::steady_clock::now();
    if (!on_progress_ || now - last_ < kInterval) return;
    last_ = now;
    if (watch_ != nullptr) watch_->settle();
    on_progress_(progress);
  }

 private:
  std::function<void(const PullProgress&)> on_progress_;
  const std::atomic<bool>* stop_;
  const Watch* watch_ = nullptr;
  std::chrono::steady_clock::time_point last_{};
};

void warn_of_pickles(const std::vector<std::string>& weights, const std::string& repository) {
  for (const auto& name : weights) {
    if (!is_pickle(name)) continue;
    log_warning(
        fmt::format("{}: {} is a pickle; its tensors are read and nothing in it is run, but "
                    "safetensors load sooner where there are any",
                    repository, name));
  }
}

// One pull, from the id to the last file.
class Pull {
 public:
  explicit Pull(const PullOptions& options)
      : options_(options),
        id_(read_id(options)),
        meter_(options),
        tick_([this] { meter_.tick(); }),
        client_(read_hub_settings(), id_, read_policy(options), tick_) {}

  PulledModel run();

 private:
  std::unique_ptr<Store> open_store() const;
  void plan(const std::vector<std::string>& names);
  void fetch_planned();
  bool fetch(const RemoteFile& file);
  void download(const RemoteFile& file);
  std::vector<std::string> shards_in(const std::string& index,
                                     const std::vector<std::string>& listed) const;

  const PullOptions& options_;
  const checkpoint::HubId id_;
  Meter meter_;
  const Tick tick_;
  HubClient client_;
  PulledModel result_;
  std::unique_ptr<Store> store_;
  std::vector<RemoteFile> planned_;
};

std::unique_ptr<Store> Pull::open_store() const {
  const auto cache = checkpoint::hub_cache_folder();
  if (options_.into.empty()) return make_cache_store(cache, id_, result_.commit);
  return make_folder_store(expand_home(options_.into), cache, id_, result_.commit, tick_);
}

// Asks about the files that are not there yet.
void Pull::plan(const std::vector<std::string>& names) {
  auto& progress = meter_.progress;
  for (const auto& name : names) {
    progress.file = name;
    if (const auto size = store_->find(name)) {
      log_info(fmt::format("{}: is there", name));
      result_.files.push_back({.name = name, .size = *size, .fetched = false});
      progress.bytes_done += *size;
      progress.bytes_total += *size;
      continue;
    }
    planned_.push_back(client_.describe(result_.commit, name));
    progress.bytes_total += planned_.back().size;
  }
  progress.file_count += planned_.size();
  std::uint64_t to_write = 0;
  for (const auto& file : planned_) to_write += store_->bytes_to_write(file);
  require_space(store_->folder(), to_write);
}

void Pull::fetch_planned() {
  auto& progress = meter_.progress;
  for (const auto& file : planned_) {
    progress.file = file.name;
    ++progress.file_number;
    const bool fetched = fetch(file);
    progress.bytes_done += file.size;
    log_info(fmt::format("{}: {}, {}", file.name, fetched ? "fetched" : "is there",
                         format_size(file.size)));
    result_.files.push_back({.name = file.name, .size = file.size, .fetched = fetched});
  }
  planned_.clear();
}

bool Pull::fetch(const RemoteFile& file) {
  const FileLock lock(store_->lock_path(file), tick_);
  if (store_->adopt(file)) return false;
  download(file);
  store_->put(file);
  return true;
}

// What an earlier download left need not be the file's beginning: other programs write into the
// same name in their own order. What was resumed and is wrong is fetched once more, as a whole.
void Pull::download(const RemoteFile& file) {
  while (true) {
    PartFile part(store_->part_path(file), file, tick_);
    const Meter::Watch watch(meter_, part);
    try {
      client_.download(file, part);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInvalidData) part.remove();
      throw;
    }
    const auto digest = part.finish();
    if (digest == file.etag) {
      part.flush();
      return;
    }
    part.remove();
    if (part.kept() == 0) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("what was fetched has the digest {} where the hub tells {}, and is "
                              "removed; pull again, and if that does not help, something between "
                              "changes the file",
                              digest, file.etag),
                  fmt::format("{}: {}", id_.repository, file.name));
    }
    log_info(fmt::format("{}: what an earlier download left is not of this file", file.name));
  }
}

std::vector<std::string> Pull::shards_in(const std::string& index,
                                         const std::vector<std::string>& listed) const {
  const auto path = store_->folder() / index;
  if (fs::file_size(path) > kLargestIndex) {
    throw Error(ErrorCode::kInvalidData, "is too large to be an index of weights", path.string());
  }
  std::vector<std::string> names;
  for (const auto& shard :
       checkpoint::shards_of(parse_json(read_file(path), path.string()), path.string())) {
    if (std::find(listed.begin(), listed.end(), shard) == listed.end()) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("names the file {}, which the repository does not have",
                              checkpoint::quote(shard)),
                  path.string());
    }
    names.push_back(shard);
  }
  return names;
}

PulledModel Pull::run() {
  meter_.progress.file = id_.repository;
  const auto info = client_.info();
  result_.commit = info.commit;
  store_ = open_store();
  result_.folder = store_->folder().string();
  const auto needed = choose_files(info.files, options_.weights, id_.repository);
  warn_of_pickles(needed.weights, id_.repository);
  auto names = needed.beside;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& weights : needed.weights) {
    if (!is_index(weights)) {
      add(weights);
      continue;
    }
    // What it names is known once it is here.
    plan({weights});
    fetch_planned();
    for (const auto& shard : shards_in(weights, info.files)) add(shard);
  }
  plan(names);
  fetch_planned();
  store_->finish();
  return std::move(result_);
}

}  // namespace
}  // namespace hub

PulledModel pull_model(const PullOptions& options) { return hub::Pull(options).run(); }

std::string format_size(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, kUnits[unit]);
}

}  // namespace clipclap
