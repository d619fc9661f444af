#include "text/sentencepiece/pipelines.h"

#include <fmt/format.h>

#include <clipclap/error.h>

#include "text/normalizers/letters.h"
#include "text/sentencepiece/models.h"
#include "text/sentencepiece/normalizer.h"

namespace clipclap::text {
namespace {

using PieceType = SentencePieceModel::PieceType;

/// TemplateProcessing with one token before the text, or behind it, or both; null for neither.
PostProcessorPointer make_frame(const Json& begin, const Json& end, const Model& model,
                                const std::string& origin) {
  Json special = Json::object();
  const auto part = [&](const Json& token) -> Json {
    const auto content = token["content"].get<std::string>();
    const auto id = model.token_to_id(content);
    if (!id) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("the special token \"{}\" is not in the vocabulary", content));
    }
    special[content] = {
        {"id", content}, {"ids", Json::array({*id})}, {"tokens", Json::array({content})}};
    return {{"SpecialToken", {{"id", content}, {"type_id", 0}}}};
  };
  Json single = Json::array();
  if (!begin.is_null()) single.push_back(part(begin));
  single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
  if (!end.is_null()) single.push_back(part(end));
  const Json frame = {{"type", "TemplateProcessing"},
                      {"single", single},
                      {"pair", single},
                      {"special_tokens", special}};
  return parse_post_processor(JsonNode(frame, origin, "post_processor"));
}

class LowercaseFirst final : public Normalizer {
 public:
  explicit LowercaseFirst(NormalizerPointer next) : next_(std::move(next)) {}
  void normalize(NormalizedText& text) const override {
    lowercase(text);
    next_->normalize(text);
  }

 private:
  NormalizerPointer next_;
};

}  // namespace

Tokenizer make_sentencepiece_tokenizer(const SentencePieceModel& model, const std::string& origin) {
  Pipeline pipeline{origin};
  pipeline.normalizer = make_sentencepiece_normalizer(model);
  pipeline.model = make_sentencepiece_model(model);
  return Tokenizer(std::move(pipeline));
}

Tokenizer make_siglip2_tokenizer(const SentencePieceModel& model, const TokenSettings& settings,
                                 bool makes_lower_case, const std::string& origin) {
  Pipeline pipeline{origin};
  const auto token = [&](std::string_view role, const char* content) {
    return settings.token(role, make_token(content, false));
  };
  const auto add = [&](Json added) {
    // They are looked for in the text as it is.
    if (!added.is_null()) added["normalized"] = false;
    add_token(pipeline.added_tokens, std::move(added));
  };
  const Json begin = token("bos_token", "<bos>");
  const Json end = token("eos_token", "<eos>");
  for (const auto& special :
       {begin, end, token("unk_token", "<unk>"), token("pad_token", "<pad>")}) {
    add(special);
  }
  for (auto& other : settings.other_tokens()) add(std::move(other));
  for (const auto type : {PieceType::kControl, PieceType::kUserDefined}) {
    for (const auto id : model.ids_of(type)) {
      add(make_token(std::string(model.pieces[id]), false));
    }
  }
  pipeline.normalizer = make_sentencepiece_normalizer(model);
  if (makes_lower_case) {
    pipeline.normalizer = std::make_unique<LowercaseFirst>(std::move(pipeline.normalizer));
  }
  pipeline.model = make_sentencepiece_model(model);
  pipeline.post_processor = make_frame(
      settings.flag("add_bos_token").value_or(false) ? begin : Json(),
      settings.flag("add_eos_token").value_or(true) ? end : Json(), *pipeline.model, origin);
  return Tokenizer(std::move(pipeline));
}

}  // namespace clipclap::text
