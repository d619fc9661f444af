#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <clipclap/tokenizer.h>

#include "checkpoint/tokenizer_files.h"

namespace clipclap {

struct Tokenizer::Implementation {
  checkpoint::LoadedTokenizer loaded;
};

Tokenizer::Tokenizer(std::shared_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Tokenizer Tokenizer::open(const TokenizerOptions& options) {
  std::optional<checkpoint::TextFamily> family;
  if (!options.family.empty()) family = checkpoint::parse_text_family(options.family);
  std::error_code ignored;
  const auto status = std::filesystem::status(options.tokenizer, ignored);
  const bool is_file = std::filesystem::exists(status) && !std::filesystem::is_directory(status);
  auto loaded = is_file ? checkpoint::load_tokenizer_file(options.tokenizer, family)
                        : checkpoint::load_tokenizer(
                              checkpoint::CheckpointFiles::open(options.tokenizer), family);
  return Tokenizer(std::make_shared<const Implementation>(Implementation{std::move(loaded)}));
}

TokenizedText Tokenizer::tokenize(const std::string& text) const {
  const auto& loaded = implementation_->loaded;
  auto encoding = loaded.tokenizer.encode(text, loaded.options());
  return {std::move(encoding.ids), std::move(encoding.mask), std::move(encoding.tokens)};
}

}  // namespace clipclap
