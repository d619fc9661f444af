// The last stage: puts special tokens around what the model gave.
#pragma once

#include <memory>
#include <vector>

#include "text/json/json_node.h"
#include "text/pre_tokenized_text.h"

namespace clipclap::text {

/// The tokens of one text, or a part of the result.
using TokenList = std::vector<Token>;

/// Immutable; any number of threads may use it at once.
class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  /// How many tokens it adds to one text.
  virtual std::size_t added_tokens() const = 0;
  /// Begins with the list of one text; what it returns, one behind the other, is the result. In a
  /// sequence the next one gets these lists, and takes two for a pair of texts, as the reference
  /// does. Throws Error (kUnsupported) without a context where they are too many.
  virtual std::vector<TokenList> process(std::vector<TokenList> lists,
                                         bool add_special_tokens) const = 0;
};

using PostProcessorPointer = std::unique_ptr<const PostProcessor>;

/// Builds what "post_processor" of a tokenizer.json describes. Throws Error: kInvalidData,
/// kUnsupported, with the path of what is wrong.
PostProcessorPointer parse_post_processor(const JsonNode& node);

// The rows of the table, one file a family.
PostProcessorPointer parse_roberta_processing(const JsonNode& node);   // RobertaProcessing
PostProcessorPointer parse_bert_processing(const JsonNode& node);      // BertProcessing
PostProcessorPointer parse_template_processing(const JsonNode& node);  // TemplateProcessing
PostProcessorPointer parse_byte_level_processing(const JsonNode& node);
PostProcessorPointer parse_post_processor_sequence(const JsonNode& node);

}  // namespace clipclap::text
