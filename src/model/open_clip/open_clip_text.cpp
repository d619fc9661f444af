#include "model/open_clip/open_clip_text.h"

#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/quote.h"
#include "model/text_layout.h"

namespace clipclap::model {
namespace {

using checkpoint::TextPool;

constexpr std::string_view kTokenizer = "tokenizer.json";

[[noreturn]] void throw_no_tokenizer(const checkpoint::CheckpointFiles& files,
                                     const checkpoint::OpenClipTokenizerConfig& config) {
  const auto remedy =
      config.hub_name.empty()
          ? std::string(
                "open_clip keeps CLIP's vocabulary in its own package: copy tokenizer.json "
                "of openai/clip-vit-large-patch14 into the folder")
          : fmt::format("copy that of {} into the folder", checkpoint::quote(config.hub_name));
  throw Error(ErrorCode::kNotFound, fmt::format("holds no {}; {}", kTokenizer, remedy),
              files.name());
}

// Padding may be left out where neither attention nor pooling could see it.
bool padding_matters(const checkpoint::OpenClipTextConfig& config, std::int64_t pad_id) {
  if (!config.causal) return true;
  switch (config.pool) {
    case TextPool::kFirst:
      return false;
    case TextPool::kLast:
      return true;
    case TextPool::kLargestId:
      return pad_id != 0;
    case TextPool::kEndToken:
      return pad_id == config.end_id;
  }
  return true;
}

}  // namespace

TextSide load_open_clip_text_side(const checkpoint::CheckpointFiles& files,
                                  const checkpoint::OpenClipTextConfig& config) {
  if (!files.contains(kTokenizer)) throw_no_tokenizer(files, config.tokenizer);
  const auto origin = files.describe(kTokenizer);
  auto tokenizer = text::Tokenizer::from_json(files.text(kTokenizer), origin);
  require_vocabulary_fits(tokenizer, config.vocabulary_size, origin);
  const auto length = static_cast<std::size_t>(config.position_count);
  TextLayout layout;
  // open_clip's own tokenizer pads with 0, whatever a tokenizer_config.json beside it says.
  if (!config.tokenizer.hub_name.empty()) layout = read_text_layout(files, tokenizer, length);
  layout.length = length;
  layout.padding_matters = padding_matters(config, layout.pad_id);
  if (config.tokenizer.blank_separator) {
    layout.blanked_id = read_special_id(files, tokenizer, "sep_token");
  }
  return {std::move(tokenizer), layout, nullptr};
}

}  // namespace clipclap::model
