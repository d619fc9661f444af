#include "model/text_side.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::model {

TextSide make_text_side(checkpoint::LoadedTokenizer loaded, std::int64_t row_count,
                        std::int64_t position_count) {
  const auto token_count = loaded.tokenizer.vocabulary_size();
  if (token_count > static_cast<std::size_t>(row_count)) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("has {} tokens, but the model's token embedding has {} rows; take the "
                            "tokenizer that belongs to the model",
                            token_count, row_count),
                loaded.origin);
  }
  const auto longest = static_cast<std::size_t>(position_count);
  const TextLayout layout{.length = std::min(longest, loaded.length.value_or(longest)),
                          .pad_id = loaded.pad_id.value_or(0),
                          .pads = loaded.pads};
  return {std::move(loaded.tokenizer), layout, nullptr};
}

TextSide load_text_side(const checkpoint::CheckpointFiles& files,
                        const checkpoint::TextConfig& config) {
  return make_text_side(checkpoint::load_tokenizer(files), config.vocabulary_size,
                        config.position_count);
}

}  // namespace clipclap::model
