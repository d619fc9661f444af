// TemplateProcessing: special tokens where a template puts them.
#include <optional>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "text/post_processors/post_processor.h"

namespace clipclap::text {
namespace {

class TemplateProcessing final : public PostProcessor {
 public:
  explicit TemplateProcessing(const JsonNode& node) {
    parse_special_tokens(node.at("special_tokens"));
    single_ = parse_template(node.at("single"), false);
    pair_ = parse_template(node.at("pair"), true);
  }

  std::size_t added_tokens() const override {
    std::size_t sum = 0;
    for (const auto& part : single_) sum += part.tokens.size();
    return sum;
  }

  std::vector<TokenList> process(std::vector<TokenList> lists,
                                 bool add_special_tokens) const override {
    if (lists.size() != 1 && lists.size() != 2) {
      throw Error(ErrorCode::kUnsupported,
                  fmt::format("a TemplateProcessing is given {} parts by the one before it, but "
                              "may have one or two",
                              lists.size()));
    }
    std::vector<TokenList> result;
    for (const auto& part : lists.size() == 1 ? single_ : pair_) {
      if (part.sequence) {
        result.push_back(lists[*part.sequence]);
      } else if (add_special_tokens) {
        result.push_back(part.tokens);
      }
    }
    return result;
  }

 private:
  struct Part {
    std::optional<std::size_t> sequence;  ///< 0 for A, 1 for B
    TokenList tokens;
  };

  void parse_special_tokens(const JsonNode& node) {
    for (const auto& [name, entry] : node.members()) {
      const auto ids = entry.at("ids").elements();
      const auto tokens = entry.at("tokens").elements();
      if (ids.size() != tokens.size()) {
        entry.fail(ErrorCode::kInvalidData, "has not as many \"ids\" as \"tokens\"");
      }
      TokenList& list = special_tokens_[std::string(name)];
      for (std::size_t i = 0; i < ids.size(); ++i) {
        list.push_back({ids[i].id(), tokens[i].string()});
      }
    }
  }

  std::vector<Part> parse_template(const JsonNode& node, bool is_pair) const {
    std::vector<Part> parts;
    std::size_t sequences = 0;
    for (const auto& element : node.elements()) {
      if (const auto sequence = element.find("Sequence")) {
        constexpr std::size_t kMaximumSequences = 16;
        if (++sequences > kMaximumSequences) {
          node.fail(ErrorCode::kUnsupported, "repeats the text too often");
        }
        parts.push_back({parse_sequence(sequence->at("id"), is_pair), {}});
        continue;
      }
      const auto name = element.at("SpecialToken").at("id");
      const auto found = special_tokens_.find(name.string());
      if (found == special_tokens_.end()) {
        name.fail(ErrorCode::kInvalidData,
                  fmt::format("\"{}\" is not one of the \"special_tokens\"", name.string()));
      }
      parts.push_back({std::nullopt, found->second});
    }
    return parts;
  }

  static std::size_t parse_sequence(const JsonNode& id, bool is_pair) {
    if (id.string() == "A") return 0;
    if (id.string() == "B" && is_pair) return 1;
    id.fail(ErrorCode::kInvalidData,
            is_pair ? "should be \"A\" or \"B\"" : "should be \"A\": there is only one text");
  }

  std::unordered_map<std::string, TokenList> special_tokens_;
  std::vector<Part> single_;
  std::vector<Part> pair_;
};

}  // namespace

PostProcessorPointer parse_template_processing(const JsonNode& node) {
  return std::make_unique<TemplateProcessing>(node);
}

}  // namespace clipclap::text
