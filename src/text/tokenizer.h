// From text to ids: the tokenizer.json format of Hugging Face `tokenizers`, interpreted, and what
// other files make of the same stages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipclap::text {

struct Encoding {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> mask;  ///< 1 for what the text gave, 0 for padding; as long as `ids`
  /// As the vocabulary spells them, but as the text does where a token is unknown to Unigram or an
  /// added token took white space with it. As long as `ids`.
  std::vector<std::string> tokens;
};

/// What the caller of a tokenizer sets, as `tokenizer(text, max_length=…, padding=…)` does in the
/// reference. What is not set here is taken from the file's own "truncation" and "padding".
struct EncodeOptions {
  bool add_special_tokens = true;
  std::optional<std::size_t> max_length{};  ///< cut so that the special tokens still fit
  std::optional<std::size_t> pad_to{};      ///< pad on the right to this length with `pad_id`
  std::int64_t pad_id = 0;
};

struct Pipeline;

/// What a model family's own code does around a tokenizer.
struct Wrapping {
  std::function<std::string(std::string_view)> clean{};  ///< before all else; empty for nothing
  /// Where not empty: put behind every text, after a space, and the last token of one that is cut.
  std::string end_token{};
  std::optional<std::int64_t> zeroed_id{};  ///< becomes 0 wherever it comes out
};

/// Immutable after construction: any number of threads may encode at once. Cheap to copy.
class Tokenizer {
 public:
  /// Interprets the contents of a tokenizer.json; `origin` names the file in messages.
  /// Throws Error: kInvalidData (not JSON, a key missing or of the wrong type, named by its path),
  /// kUnsupported (a component that is not known, named).
  static Tokenizer from_json(std::string_view json, const std::string& origin);
  /// Puts stages together. Throws Error (kInvalidData, kUnsupported) for added tokens that are
  /// wrong.
  explicit Tokenizer(Pipeline pipeline);

  /// The same tokenizer with one more wrapping around it.
  Tokenizer wrapped(Wrapping wrapping) const;

  /// Throws Error: kInvalidArgument for text that is not UTF-8 or longer than 16 MiB and for a
  /// length without room for the special tokens; kInvalidData and kUnsupported where the file turns
  /// out to be broken: a regular expression that does not end, no token for a character.
  Encoding encode(std::string_view text, const EncodeOptions& options = {}) const;

  std::optional<std::int64_t> token_to_id(std::string_view token) const;
  std::size_t vocabulary_size() const;  ///< added tokens included

  /// One line for people, e.g. "BPE, 49408 tokens".
  std::string description() const;

 private:
  struct Implementation;
  void finish(const Wrapping& wrapping, Encoding& encoding) const;

  std::shared_ptr<const Implementation> implementation_;
  std::vector<Wrapping> wrappings_;  ///< from the inside
};

}  // namespace clipclap::text
