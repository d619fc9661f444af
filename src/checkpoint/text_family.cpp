#include "checkpoint/text_family.h"

#include <algorithm>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/model_config.h"
#include "checkpoint/open_clip_tokenizer.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

constexpr std::string_view kOpenClipConfig = "open_clip_config.json";

constexpr TextFamilyRow kRows[] = {
    {TextFamily::kClip, "clip", "<|endoftext|>", 77, false, true},
    {TextFamily::kRoberta, "roberta", "<pad>", std::nullopt, false, false},
    {TextFamily::kGpt2, "gpt2", "", std::nullopt, false, false},
    {TextFamily::kMsclap, "msclap", "!", 77, true, true},
    {TextFamily::kSiglip, "siglip", "</s>", 64, false, true},
    {TextFamily::kSiglip2, "siglip2", "<pad>", 64, true, true},
    {TextFamily::kOpenClip, "open_clip", "", 77, true, true},
    {TextFamily::kOpenClipHf, "open_clip_hf", "", 77, true, true},
    {TextFamily::kPlain, "plain", "", std::nullopt, false, false},
};

struct NamedFamily {
  std::string_view name;
  TextFamily family;
};

constexpr NamedFamily kModelTypes[] = {
    {"clip", TextFamily::kClip},
    {"clap", TextFamily::kRoberta},
    {"siglip", TextFamily::kSiglip},
    {"siglip2", TextFamily::kSiglip2},
};

constexpr NamedFamily kClasses[] = {
    {"CLIPTokenizer", TextFamily::kClip},     {"RobertaTokenizer", TextFamily::kRoberta},
    {"GPT2Tokenizer", TextFamily::kGpt2},     {"SiglipTokenizer", TextFamily::kSiglip},
    {"GemmaTokenizer", TextFamily::kSiglip2}, {"Siglip2Tokenizer", TextFamily::kSiglip2},
};

template <std::size_t N>
std::optional<TextFamily> find_named(const NamedFamily (&rows)[N], std::string_view name) {
  const auto* row = std::find_if(std::begin(rows), std::end(rows),
                                 [&](const NamedFamily& named) { return named.name == name; });
  if (row == std::end(rows)) return std::nullopt;
  return row->family;
}

Json read_json(const CheckpointFiles& files, std::string_view file) {
  return parse_json(files.text(file), files.describe(file));
}

}  // namespace

const TextFamilyRow& row_of(TextFamily family) {
  return *std::find_if(std::begin(kRows), std::end(kRows),
                       [&](const TextFamilyRow& row) { return row.family == family; });
}

TextFamily parse_text_family(std::string_view name) {
  std::string known;
  for (const auto& row : kRows) {
    if (row.name == name) return row.family;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
  }
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{} is no family of tokenizers; known are {}", quote(name), known));
}

std::optional<TextFamily> family_of_class(const text::TokenSettings& settings) {
  auto name = settings.string("tokenizer_class");
  constexpr std::string_view kFast = "Fast";
  if (name.ends_with(kFast)) name.resize(name.size() - kFast.size());
  return find_named(kClasses, name);
}

std::optional<TextFamily> find_text_family(const CheckpointFiles& files,
                                           const text::TokenSettings& settings) {
  if (files.contains("config.json")) {
    const auto type = read_model_type(read_json(files, "config.json"));
    if (const auto family = find_named(kModelTypes, type)) return family;
  }
  if (files.contains(kOpenClipConfig)) {
    return read_open_clip_tokenizer(files).hub_name.empty() ? TextFamily::kOpenClip
                                                            : TextFamily::kOpenClipHf;
  }
  return family_of_class(settings);
}

}  // namespace clipclap::checkpoint
