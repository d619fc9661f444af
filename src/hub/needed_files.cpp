#include "hub/needed_files.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/quote.h"

namespace clipclap::hub {
namespace {

// Whose files they are. A repository may hold a model twice; its other half is left where it is.
enum class Packaging { kAny, kHuggingFace, kOpenClip };

struct Row {
  std::string_view name;  // or "*" and an ending
  Packaging packaging;
};

// Fetched where they are there and the weights are of their packaging.
constexpr Row kBeside[] = {
    {"config.json", Packaging::kHuggingFace},
    {"open_clip_config.json", Packaging::kOpenClip},
    {"preprocessor_config.json", Packaging::kAny},
    {"processor_config.json", Packaging::kAny},
    {"tokenizer.json", Packaging::kAny},
    {"tokenizer_config.json", Packaging::kAny},
    {"special_tokens_map.json", Packaging::kAny},
    {"added_tokens.json", Packaging::kAny},
    {"vocab.json", Packaging::kAny},
    {"merges.txt", Packaging::kAny},
    {"vocab.txt", Packaging::kAny},
    {"spiece.model", Packaging::kAny},
    {"tokenizer.model", Packaging::kAny},
};

// The first row that the repository has files for. Known names come before endings: adapters and
// half-precision copies lie beside them.
constexpr Row kWeights[] = {
    {"model.safetensors", Packaging::kHuggingFace},
    {"model.safetensors.index.json", Packaging::kHuggingFace},
    {"open_clip_model.safetensors", Packaging::kOpenClip},
    {"pytorch_model.bin", Packaging::kHuggingFace},
    {"pytorch_model.bin.index.json", Packaging::kHuggingFace},
    {"open_clip_pytorch_model.bin", Packaging::kOpenClip},
    {"*.safetensors", Packaging::kAny},
    {"*.pt", Packaging::kAny},
    {"*.pth", Packaging::kAny},
    {"*.bin", Packaging::kAny},
};

// What training leaves beside the weights.
constexpr std::string_view kNoWeights[] = {"optimizer.pt", "optimizer.bin",     "scheduler.pt",
                                           "scaler.pt",    "training_args.bin", "rng_state.pth",
                                           "scheduler.bin"};

bool matches(const Row& row, std::string_view name) {
  if (!row.name.starts_with('*')) return name == row.name;
  return name.find('/') == name.npos && name.ends_with(row.name.substr(1)) &&
         std::find(std::begin(kNoWeights), std::end(kNoWeights), name) == std::end(kNoWeights);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string join_quoted(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + checkpoint::quote(names[i]);
  }
  if (names.size() > kMost) text += fmt::format(" and {} more", names.size() - kMost);
  return text;
}

[[noreturn]] void throw_no_weights(const std::vector<std::string>& listed,
                                   const std::string& repository) {
  throw Error(ErrorCode::kNotFound,
              listed.empty() ? std::string("the repository is empty")
                             : "the repository has no weights that clipclap reads; it holds: " +
                                   join_quoted(listed),
              repository);
}

struct Weights {
  std::vector<std::string> names;
  Packaging packaging;
};

Weights choose_weights(const std::vector<std::string>& listed, const std::string& repository) {
  for (const auto& row : kWeights) {
    std::vector<std::string> names;
    std::copy_if(listed.begin(), listed.end(), std::back_inserter(names),
                 [&](const auto& name) { return matches(row, name); });
    if (names.empty()) continue;
    if (names.size() == 1) return {names, row.packaging};
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("the repository has several weights and none by a name that says which "
                            "it is meant to be: {}; choose with --weights",
                            join_quoted(names)),
                repository);
  }
  throw_no_weights(listed, repository);
}

Weights take_asked(const std::vector<std::string>& listed, const std::vector<std::string>& asked,
                   const std::string& repository) {
  std::optional<Packaging> packaging;
  for (const auto& name : asked) {
    if (!contains(listed, name)) {
      throw Error(ErrorCode::kNotFound,
                  fmt::format("the repository has no file {}; it holds: {}",
                              checkpoint::quote(name), join_quoted(listed)),
                  repository);
    }
    const auto* row = std::find_if(std::begin(kWeights), std::end(kWeights),
                                   [&](const Row& known) { return known.name == name; });
    const auto its = row == std::end(kWeights) ? Packaging::kAny : row->packaging;
    packaging = packaging && packaging != its ? Packaging::kAny : its;
  }
  return {asked, *packaging};
}

}  // namespace

NeededFiles choose_files(const std::vector<std::string>& listed,
                         const std::vector<std::string>& asked, const std::string& repository) {
  const auto weights =
      asked.empty() ? choose_weights(listed, repository) : take_asked(listed, asked, repository);
  NeededFiles needed{.beside = {}, .weights = weights.names};
  for (const auto& row : kBeside) {
    const bool belongs = row.packaging == Packaging::kAny || weights.packaging == Packaging::kAny ||
                         row.packaging == weights.packaging;
    if (belongs && contains(listed, row.name)) needed.beside.emplace_back(row.name);
  }
  return needed;
}

bool is_index(std::string_view name) { return name.ends_with(".index.json"); }

bool is_pickle(std::string_view name) {
  return !name.ends_with(".safetensors") && !name.ends_with(".safetensors.index.json");
}

}  // namespace clipclap::hub
