#include "text/pipeline.h"

#include <fmt/format.h>

namespace clipclap::text {

Pipeline read_pipeline(TokenizerDocument document, std::string origin) {
  const JsonNode root(document.root, origin);
  if (const auto version = root.find("version"); version && version->string() != "1.0") {
    version->fail(ErrorCode::kUnsupported,
                  fmt::format("is \"{}\"; only \"1.0\" is known", version->string()));
  }
  Pipeline pipeline;
  pipeline.model = parse_model(root.at("model"), document);
  if (const auto node = root.find("normalizer")) pipeline.normalizer = parse_normalizer(*node);
  if (const auto node = root.find("pre_tokenizer")) {
    pipeline.pre_tokenizer = parse_pre_tokenizer(*node);
  }
  if (const auto node = root.find("post_processor")) {
    pipeline.post_processor = parse_post_processor(*node);
  }
  if (const auto node = root.find("truncation")) pipeline.truncation = Truncation::parse(*node);
  if (const auto node = root.find("padding")) pipeline.padding = Padding::parse(*node);
  if (root.find("added_tokens")) pipeline.added_tokens = std::move(document.root["added_tokens"]);
  pipeline.origin = std::move(origin);
  return pipeline;
}

}  // namespace clipclap::text
