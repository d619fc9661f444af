#include "model/clap/clap_towers.h"

#include <utility>

#include <ATen/core/Tensor.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/tanh.h>

#include "model/clap/clap_spectrograms.h"
#include "model/htsat/htsat.h"
#include "model/transformer_layers.h"

namespace clipclap::model {
namespace {

struct Projection {
  Linear in, out;
  checkpoint::Activation activation;

  at::Tensor operator()(const at::Tensor& states) const {
    return out(in.activated(states, activation));
  }
};

Projection load_projection(const Weights& weights, std::int64_t width,
                           const checkpoint::ClapConfig& config) {
  const std::int64_t inner = config.projection_dim;
  const auto in = weights.below("linear1");
  const auto out = weights.below("linear2");
  return {Linear(in.tensor("weight", {inner, width}), in.tensor("bias", {inner})),
          Linear(out.tensor("weight", {inner, inner}), out.tensor("bias", {inner})),
          config.projection_activation};
}

class ClapSoundTower final : public SoundTower {
 public:
  ClapSoundTower(const checkpoint::AudioPreprocessing& preprocessing, Htsat htsat,
                 Projection projection)
      : spectrograms_(preprocessing),
        htsat_(std::move(htsat)),
        projection_(std::move(projection)) {}

  at::Tensor encode(const at::Tensor& samples) const override {
    return projection_(htsat_(spectrograms_(samples)));
  }

 private:
  ClapSpectrograms spectrograms_;
  Htsat htsat_;
  Projection projection_;
};

struct TextParts {
  at::Tensor token_embedding;     ///< [vocabulary, width]
  at::Tensor position_embedding;  ///< [positions, width]; the one token type is added in
  LayerNorm embedding_norm;
  Transformer transformer;
  Linear pooler;
  Projection projection;
  std::int64_t pad_token_id;
};

class ClapTextTower final : public TextTower {
 public:
  explicit ClapTextTower(TextParts parts) : parts_(std::move(parts)) {}

  at::Tensor encode(const at::Tensor& ids, const at::Tensor& mask) const override {
    const auto states = at::embedding(parts_.token_embedding, ids) +
                        at::embedding(parts_.position_embedding, positions(ids));
    const auto seen = mask.to(at::kBool).unsqueeze(1).unsqueeze(1);
    const auto first =
        parts_.transformer(parts_.embedding_norm(states), Readout::kFirstToken, seen);
    return parts_.projection(at::tanh(parts_.pooler(first.squeeze(1))));
  }

 private:
  // Counted from behind the padding id's; padding ids, wherever they stand, are not counted
  // (create_position_ids_from_input_ids).
  at::Tensor positions(const at::Tensor& ids) const {
    const auto counts = ids.ne(parts_.pad_token_id).to(at::kLong);
    return counts.cumsum(1) * counts + parts_.pad_token_id;
  }

  TextParts parts_;
};

}  // namespace

std::unique_ptr<const SoundTower> make_clap_sound_tower(
    const Weights& weights, const checkpoint::ClapConfig& config,
    const checkpoint::AudioPreprocessing& preprocessing) {
  return std::make_unique<ClapSoundTower>(
      preprocessing,
      Htsat(weights.below("audio_model.audio_encoder"), config.audio, kHuggingFaceHtsat),
      load_projection(weights.below("audio_projection"), config.audio.output_width(), config));
}

std::unique_ptr<const TextTower> make_clap_text_tower(const Weights& weights,
                                                      const checkpoint::ClapConfig& config) {
  const auto& transformer = config.text.transformer;
  const std::int64_t width = transformer.hidden_size;
  const auto text = weights.below("text_model");
  const auto embeddings = text.below("embeddings");
  const auto pooler = text.below("pooler.dense");
  const auto type_embedding =
      embeddings.exact("token_type_embeddings.weight", {config.text.token_type_count, width});
  const auto position_embedding =
      embeddings.exact("position_embeddings.weight", {config.text.position_rows(), width});
  return std::make_unique<ClapTextTower>(TextParts{
      .token_embedding =
          embeddings.tensor("word_embeddings.weight", {config.text.vocabulary_size, width}),
      .position_embedding = (position_embedding + type_embedding[0]).to(weights.options()),
      .embedding_norm = LayerNorm(embeddings, "LayerNorm", width, transformer.layer_norm_eps),
      .transformer = load_transformer(text.below("encoder"), transformer, false, kBertLayers),
      .pooler = Linear(pooler.tensor("weight", {width, width}), pooler.tensor("bias", {width})),
      .projection = load_projection(weights.below("text_projection"), width, config),
      .pad_token_id = config.text.pad_token_id});
}

}  // namespace clipclap::model
