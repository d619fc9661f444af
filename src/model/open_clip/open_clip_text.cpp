#include "model/open_clip/open_clip_text.h"

#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/quote.h"
#include "model/text_side.h"

namespace clipclap::model {
namespace {

using checkpoint::TextPool;

[[noreturn]] void throw_no_tokenizer(const checkpoint::CheckpointFiles& files,
                                     const checkpoint::OpenClipTokenizer& config) {
  const auto remedy =
      config.hub_name.empty()
          ? std::string(
                "open_clip keeps CLIP's vocabulary in its own package: copy tokenizer.json "
                "of openai/clip-vit-large-patch14 into the folder")
          : fmt::format("copy the tokenizer.json of {} into the folder",
                        checkpoint::quote(config.hub_name));
  throw Error(ErrorCode::kNotFound, fmt::format("holds no tokenizer; {}", remedy), files.name());
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
  if (!checkpoint::has_tokenizer(files)) throw_no_tokenizer(files, config.tokenizer);
  const auto family = config.tokenizer.hub_name.empty() ? checkpoint::TextFamily::kOpenClip
                                                        : checkpoint::TextFamily::kOpenClipHf;
  auto side = make_text_side(checkpoint::load_tokenizer(files, family), config.vocabulary_size,
                             config.position_count);
  side.layout.padding_matters = padding_matters(config, side.layout.pad_id);
  return side;
}

}  // namespace clipclap::model
