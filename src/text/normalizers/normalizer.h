// The first stage: changes the text before it is cut.
#pragma once

#include <memory>

#include "text/json/json_node.h"
#include "text/normalized_text.h"

namespace clipclap::text {

/// Immutable; any number of threads may normalize at once.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  /// Throws Error without a context where the text cannot be changed so.
  virtual void normalize(NormalizedText& text) const = 0;
};

using NormalizerPointer = std::unique_ptr<const Normalizer>;

/// Builds the normalizer that "normalizer" of a tokenizer.json describes. Throws Error:
/// kInvalidData, kUnsupported, with the path of what is wrong.
NormalizerPointer parse_normalizer(const JsonNode& node);

// The rows of the table, one file a family.
NormalizerPointer parse_unicode_form(const JsonNode& node);     // NFC, NFD, NFKC, NFKD
NormalizerPointer parse_lowercase(const JsonNode& node);        // Lowercase
NormalizerPointer parse_strip(const JsonNode& node);            // Strip
NormalizerPointer parse_strip_accents(const JsonNode& node);    // StripAccents
NormalizerPointer parse_nmt(const JsonNode& node);              // Nmt
NormalizerPointer parse_replace(const JsonNode& node);          // Replace
NormalizerPointer parse_prepend(const JsonNode& node);          // Prepend
NormalizerPointer parse_precompiled(const JsonNode& node);      // Precompiled
NormalizerPointer parse_byte_normalizer(const JsonNode& node);  // ByteLevel
NormalizerPointer parse_bert_normalizer(const JsonNode& node);  // BertNormalizer
NormalizerPointer parse_normalizer_sequence(const JsonNode& node);

}  // namespace clipclap::text
