// RobertaProcessing and BertProcessing: a token before and a token behind. They differ in pairs.
#include "text/post_processors/post_processor.h"

namespace clipclap::text {
namespace {

class ClsSep final : public PostProcessor {
 public:
  ClsSep(const JsonNode& node, bool separates_before_second)
      : cls_(parse_token(node.at("cls"))),
        sep_(parse_token(node.at("sep"))),
        separates_before_second_(separates_before_second) {}

  std::size_t added_tokens() const override { return 2; }

  std::vector<TokenList> process(std::vector<TokenList> lists,
                                 bool add_special_tokens) const override {
    if (!add_special_tokens) return lists;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (i == 0) {
        lists[i].insert(lists[i].begin(), cls_);
      } else if (separates_before_second_) {
        lists[i].insert(lists[i].begin(), sep_);
      }
      lists[i].push_back(sep_);
    }
    return lists;
  }

 private:
  /// ["</s>", 2]
  static Token parse_token(const JsonNode& node) {
    const auto parts = node.elements();
    if (parts.size() != 2) {
      node.fail(ErrorCode::kInvalidData, "should be a token and its id, [\"</s>\", 2]");
    }
    return {parts[1].id(), parts[0].string()};
  }

  Token cls_;
  Token sep_;
  bool separates_before_second_;
};

}  // namespace

PostProcessorPointer parse_roberta_processing(const JsonNode& node) {
  return std::make_unique<ClsSep>(node, true);
}

PostProcessorPointer parse_bert_processing(const JsonNode& node) {
  return std::make_unique<ClsSep>(node, false);
}

}  // namespace clipclap::text
