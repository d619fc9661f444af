// The tokenizer of a checkpoint, from whichever files it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/text_family.h"
#include "text/tokenizer.h"

namespace clipclap::checkpoint {

struct LoadedTokenizer {
  text::Tokenizer tokenizer;
  TextFamily family = TextFamily::kPlain;
  std::optional<std::int64_t> pad_id{};  ///< where the family or the files tell it
  std::optional<std::size_t> length{};   ///< tokens that texts are cut to, where they tell it
  bool pads = false;                     ///< and filled up to
  std::string origin{};                  ///< the file, for messages

  /// What `tokenizer.encode()` is to be called with for ids as the model gets them.
  text::EncodeOptions options() const;
};

/// Whether there is a file that load_tokenizer would take.
bool has_tokenizer(const CheckpointFiles& files);

/// Takes the file that was named, if it is a tokenizer's, else tokenizer.json, else vocab.json with
/// merges.txt, else spiece.model or tokenizer.model, and heeds tokenizer_config.json,
/// special_tokens_map.json and open_clip_config.json beside it. `family` is whose rules to follow;
/// it is looked for (find_text_family) where it is not given. Throws Error: kNotFound where there
/// is no tokenizer; kInvalidData for a broken one; kUnsupported for files that the family cannot
/// have, or that nothing tells the family of.
LoadedTokenizer load_tokenizer(const CheckpointFiles& files,
                               std::optional<TextFamily> family = std::nullopt);

/// One file alone, a tokenizer.json or a SentencePiece model; kPlain where no family is given.
/// Throws Error as above, and kIo.
LoadedTokenizer load_tokenizer_file(const std::string& path,
                                    std::optional<TextFamily> family = std::nullopt);

}  // namespace clipclap::checkpoint
