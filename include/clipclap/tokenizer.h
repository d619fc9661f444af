// From words to numbers, without a model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <clipclap/export.h>

namespace clipclap {

/// What a tokenizer makes of a text, as the model gets it.
struct TokenizedText {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> mask;
  std::vector<std::string> tokens;
};

struct TokenizerOptions {
  /// A checkpoint folder, a hub id in the local Hugging Face cache, a tokenizer.json or a
  /// SentencePiece model.
  std::string tokenizer;
  /// Whose rules to follow: "clip", "roberta", "gpt2", "msclap", "siglip", "siglip2", "open_clip",
  /// "open_clip_hf" or "plain". Empty: what the folder's files tell, and "plain" for a single file.
  std::string family;
};

/// A tokenizer alone: no weights are read. Immutable and cheap to copy; any number of threads may
/// call it at once.
class CLIPCLAP_API Tokenizer {
 public:
  /// Throws Error: kInvalidArgument (no such family), kNotFound, kInvalidData (names file and
  /// place), kUnsupported.
  static Tokenizer open(const TokenizerOptions& options);

  /// Ids and mask as the family's models get them: cut, and filled up where those are. Throws Error
  /// (kInvalidArgument) for text that is not UTF-8.
  TokenizedText tokenize(const std::string& text) const;

 private:
  struct Implementation;
  explicit Tokenizer(std::shared_ptr<const Implementation> implementation);
  std::shared_ptr<const Implementation> implementation_;
};

}  // namespace clipclap
