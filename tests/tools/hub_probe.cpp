// Does what clipclap's talk with the hub is made of, one line of JSON for each argument, so that the
// tests can hold it against huggingface_hub and requests:
//   hub_probe pull OPTIONS…       OPTIONS: PullOptions as JSON; with what was logged and told
//   hub_probe choose NAMES…       NAMES: {"listed": […], "asked": […]}
//   hub_probe quote|quote_all|etag|range|relative TEXT…
//   hub_probe token HOME TARGET…  whether the token for HOME may be sent to TARGET
//   hub_probe settings IGNORED    what the environment says
//   hub_probe short_hash NAME…
//   hub_probe digest ETAG FILE…   the digest of a file, of the kind that the ETag is
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <clipclap/hub.h>
#include <clipclap/log.h>

#include "base/file.h"
#include "hub/digest.h"
#include "hub/http_text.h"
#include "hub/hub_settings.h"
#include "hub/needed_files.h"
#include "json_answers.h"

namespace clipclap::hub {
namespace {

PullOptions read_options(const Json& json) {
  PullOptions options;
  options.id = json.value("id", "");
  options.revision = json.value("revision", "");
  options.into = json.value("into", "");
  options.weights = json.value("weights", std::vector<std::string>());
  options.retries = json.value("retries", 2);
  options.first_pause_seconds = json.value("first_pause_seconds", 0.01);
  return options;
}

Json pull(const std::string& text) {
  auto options = read_options(Json::parse(text));
  auto told = Json::array();
  options.on_progress = [&](const PullProgress& progress) {
    told.push_back({{"file", progress.file},
                    {"number", progress.file_number},
                    {"count", progress.file_count},
                    {"done", progress.bytes_done},
                    {"total", progress.bytes_total},
                    {"fetched", progress.bytes_fetched}});
  };
  static Json log;
  log = Json::array();
  set_log_handler([](LogLevel level, std::string_view message) {
    log.push_back((level == LogLevel::kWarning ? "warning: " : "") + std::string(message));
  });
  const auto model = pull_model(options);
  auto files = Json::object();
  for (const auto& file : model.files) files[file.name] = {file.size, file.fetched};
  return {{"folder", model.folder}, {"commit", model.commit}, {"files", files},
          {"progress", told},       {"log", log}};
}

Json choose(const std::string& text) {
  const auto json = Json::parse(text);
  const auto needed = choose_files(json.value("listed", std::vector<std::string>()),
                                   json.value("asked", std::vector<std::string>()), "org/name");
  return {{"beside", needed.beside}, {"weights", needed.weights}};
}

Json range(const std::string& text) {
  const auto read = read_content_range(text);
  if (!read) return nullptr;
  return {read->first, read->last, read->total ? Json(*read->total) : Json()};
}

Json may_send(const std::string& home, const std::string& target) {
  const auto from = read_origin(home);
  const auto to = read_origin(target);
  return from && to && may_have_token(*from, *to);
}

Json settings(const std::string&) {
  const auto read = read_hub_settings();
  return {{"endpoint", read.endpoint},
          {"token", read.token},
          {"token_source", read.token_source},
          {"certificates", read.certificates},
          {"metadata_patience", read.metadata_patience.count()},
          {"download_patience", read.download_patience.count()}};
}

Json digest(const std::string& etag, const std::string& path) {
  const auto contents = read_file(path);
  Digest made({.name = path, .etag = etag, .size = contents.size()});
  made.update(contents);
  return made.finish();
}

int run(std::vector<std::string> arguments) {
  using Read = std::function<Json(const std::string&)>;
  const auto take = [&] {
    if (arguments.empty()) throw std::runtime_error("an argument is missing");
    auto first = arguments.front();
    arguments.erase(arguments.begin());
    return first;
  };
  const std::vector<std::pair<std::string, std::function<Read()>>> commands{
      {"pull", [] { return pull; }},
      {"choose", [] { return choose; }},
      {"range", [] { return range; }},
      {"settings", [] { return settings; }},
      {"short_hash", [] { return short_hash; }},
      {"etag", [] { return normalize_etag; }},
      {"relative", [] { return is_relative_reference; }},
      {"quote", [] { return [](const std::string& text) { return percent_encode(text, true); }; }},
      {"quote_all",
       [] { return [](const std::string& text) { return percent_encode(text, false); }; }},
      {"token",
       [&] {
         return [home = take()](const std::string& target) { return may_send(home, target); };
       }},
      {"digest",
       [&] { return [etag = take()](const std::string& path) { return digest(etag, path); }; }}};
  const auto command = take();
  for (const auto& [name, make] : commands) {
    if (name != command) continue;
    const auto read = make();
    print_answers(arguments, read);
    return 0;
  }
  return 2;
}

}  // namespace
}  // namespace clipclap::hub

int main(int count, char** arguments) {
  try {
    return clipclap::hub::run({arguments + 1, arguments + count});
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}
