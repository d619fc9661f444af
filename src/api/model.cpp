#include <cstring>
#include <utility>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <clipclap/error.h>
#include <clipclap/model.h>

#include "checkpoint/checkpoint_files.h"
#include "media/preprocessing.h"
#include "model/architectures.h"
#include "model/dual_encoder.h"
#include "model/embedded_model.h"

namespace clipclap {
namespace {

Embeddings to_plain(const at::Tensor& rows) {
  const auto* values = rows.const_data_ptr<float>();
  return {.count = static_cast<std::size_t>(rows.size(0)),
          .dimension = static_cast<std::size_t>(rows.size(1)),
          .values = std::vector<float>(values, values + rows.numel())};
}

}  // namespace

Model::Model(std::shared_ptr<const model::DualEncoder> encoder) : encoder_(std::move(encoder)) {}

Model Model::open(const ModelOptions& options) {
  if (options.threads < 0) {
    throw Error(ErrorCode::kInvalidArgument, "the number of threads must not be negative");
  }
  if (options.threads > 0) at::set_num_threads(options.threads);
  return Model(model::load_model(model::open_files(options.model), options));
}

std::vector<std::string> embedded_models() {
  std::vector<std::string> names;
  for (const auto& row : model::embedded_models()) names.emplace_back(row.name);
  return names;
}

std::vector<ArchitectureInfo> known_architectures() {
  std::vector<ArchitectureInfo> rows;
  for (const auto& row : model::architectures()) {
    rows.push_back({std::string(row.name), std::string(row.family), std::string(row.packaging),
                    std::string(row.senses), std::string(row.text), std::string(row.score)});
  }
  return rows;
}

const ModelInfo& Model::info() const { return encoder_->info; }

TokenizedText Model::tokenize(const std::string& text) const {
  const auto& side = encoder_->text;
  auto encoding = model::encode_text(side, text, side.layout.pads);
  return {std::move(encoding.ids), std::move(encoding.mask), std::move(encoding.tokens)};
}

Embeddings Model::embed_texts(std::span<const std::string> texts) const {
  if (texts.empty()) {
    return {.dimension = static_cast<std::size_t>(info().embedding_dimension)};
  }
  return to_plain(model::embed_texts(*encoder_, texts));
}

Embeddings Model::embed_pictures(std::span<const Picture> pictures) const {
  if (pictures.empty()) {
    return {.dimension = static_cast<std::size_t>(info().embedding_dimension)};
  }
  return to_plain(model::embed_pictures(*encoder_, pictures));
}

}  // namespace clipclap
