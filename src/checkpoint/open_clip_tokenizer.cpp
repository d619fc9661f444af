#include "checkpoint/open_clip_tokenizer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "checkpoint/model_config.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

constexpr std::string_view kConfig = "open_clip_config.json";
constexpr std::array<std::string_view, 3> kCleanings{"whitespace", "lower", "canonicalize"};

// A string that open_clip takes for absent where it is null or empty.
std::string optional_string(const JsonFields& fields, std::string_view key) {
  return fields.find_given(key) == nullptr ? std::string() : fields.string(key, "");
}

std::string read_cleaning(const JsonFields& options, std::string_view otherwise) {
  auto name = options.string("clean", otherwise);
  if (std::find(kCleanings.begin(), kCleanings.end(), name) != kCleanings.end()) return name;
  options.refuse("clean",
                 fmt::format("is {}; known are {}", quote(name), fmt::join(kCleanings, ", ")),
                 ErrorCode::kUnsupported);
}

}  // namespace

OpenClipTokenizer parse_open_clip_tokenizer(const JsonFields& fields) {
  OpenClipTokenizer tokenizer;
  tokenizer.hub_name = optional_string(fields, "hf_tokenizer_name");
  const bool is_own = tokenizer.hub_name.empty();
  const auto options = fields.below("tokenizer_kwargs");
  options.allow_only(std::array<std::string_view, 2>{"clean", "strip_sep_token"});
  tokenizer.cleaning = read_cleaning(options, is_own ? "lower" : "whitespace");
  tokenizer.blanks_separator =
      options.find_given("strip_sep_token") != nullptr && options.boolean("strip_sep_token", false);
  if (is_own && tokenizer.blanks_separator) {
    options.refuse("strip_sep_token", "is on, but CLIP's own tokenizer has no separator");
  }
  if (!is_own && !optional_string(fields, "tokenizer_mode").empty()) {
    fields.refuse("tokenizer_mode", "is given; no such mode is known", ErrorCode::kUnsupported);
  }
  constexpr int kDefaultLength = 77;
  tokenizer.length =
      static_cast<std::size_t>(fields.integer("context_length", kDefaultLength, 1, kMaximumTokens));
  return tokenizer;
}

OpenClipTokenizer read_open_clip_tokenizer(const CheckpointFiles& files) {
  if (!files.contains(kConfig)) return {};
  const auto origin = files.describe(kConfig);
  const auto config = parse_json(files.text(kConfig), origin);
  return parse_open_clip_tokenizer(JsonFields(config, origin).below("model_cfg").below("text_cfg"));
}

}  // namespace clipclap::checkpoint
