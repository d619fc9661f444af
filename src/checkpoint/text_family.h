// Whose rules texts go by before and after the tokenizer's file has its say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/checkpoint_files.h"
#include "text/files/token_settings.h"

namespace clipclap::checkpoint {

enum class TextFamily {
  kClip,        ///< transformers' CLIP
  kRoberta,     ///< CLAP's text tower
  kGpt2,        ///< GPT-2 as it is
  kMsclap,      ///< GPT-2 with " <|endoftext|>" behind each text and "!" for padding
  kSiglip,      ///< kSiglip2 where the tokenizer is Gemma's: the first SigLIP 2 goes by this name
  kSiglip2,     ///< Gemma's tokenizer with "<eos>" at the end, and lower case
  kOpenClip,    ///< open_clip's SimpleTokenizer
  kOpenClipHf,  ///< open_clip's HFTokenizer: a cleaning before another tokenizer
  kPlain,       ///< as the tokenizer's file says, and nothing else
};

/// One row of the families' table.
struct TextFamilyRow {
  TextFamily family;
  std::string_view name;              ///< for users, "open_clip"
  std::string_view pad_token;         ///< where the files name none; empty for none
  std::optional<std::size_t> length;  ///< tokens that texts are cut to
  bool keeps_length;                  ///< whatever "model_max_length" says
  bool pads;                          ///< texts are filled up to the length
};
const TextFamilyRow& row_of(TextFamily family);

/// By its name. Throws Error (kInvalidArgument) that tells the names.
TextFamily parse_text_family(std::string_view name);

/// What "tokenizer_class" stands for, "CLIPTokenizer" or "CLIPTokenizerFast"; nothing where that is
/// missing or not one of the families'.
std::optional<TextFamily> family_of_class(const text::TokenSettings& settings);

/// The family that a checkpoint's config.json ("model_type"), open_clip_config.json or
/// tokenizer_config.json tells of, asked in this order. Throws Error (kInvalidData) where one is
/// broken.
std::optional<TextFamily> find_text_family(const CheckpointFiles& files,
                                           const text::TokenSettings& settings);

}  // namespace clipclap::checkpoint
