#include "text/post_processors/post_processor.h"

#include "text/registry.h"

namespace clipclap::text {
namespace {

constexpr Row<PostProcessor> kRows[] = {
    {"Sequence", parse_post_processor_sequence},
    {"TemplateProcessing", parse_template_processing},
    {"RobertaProcessing", parse_roberta_processing},
    {"BertProcessing", parse_bert_processing},
    {"ByteLevel", parse_byte_level_processing},
};

class Sequence final : public PostProcessor {
 public:
  explicit Sequence(const JsonNode& node) {
    for (const auto& element : node.at("processors").elements()) {
      processors_.push_back(parse_post_processor(element));
    }
  }

  std::size_t added_tokens() const override {
    std::size_t sum = 0;
    for (const auto& processor : processors_) sum += processor->added_tokens();
    return sum;
  }

  std::vector<TokenList> process(std::vector<TokenList> lists,
                                 bool add_special_tokens) const override {
    for (const auto& processor : processors_) {
      lists = processor->process(std::move(lists), add_special_tokens);
    }
    return lists;
  }

 private:
  std::vector<PostProcessorPointer> processors_;
};

/// Moves offsets, which nobody asks for here.
class ByteLevel final : public PostProcessor {
 public:
  std::size_t added_tokens() const override { return 0; }
  std::vector<TokenList> process(std::vector<TokenList> lists, bool) const override {
    return lists;
  }
};

}  // namespace

PostProcessorPointer parse_post_processor(const JsonNode& node) {
  return parse_component<PostProcessor>("post-processor", kRows, node);
}

PostProcessorPointer parse_post_processor_sequence(const JsonNode& node) {
  return std::make_unique<Sequence>(node);
}

PostProcessorPointer parse_byte_level_processing(const JsonNode&) {
  return std::make_unique<ByteLevel>();
}

}  // namespace clipclap::text
