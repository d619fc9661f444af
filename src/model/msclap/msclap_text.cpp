#include "model/msclap/msclap_text.h"

#include <utility>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>

#include "model/blocks/transformer.h"
#include "model/msclap/msclap_sound.h"
#include "model/transformer_layers.h"

namespace clipclap::model {
namespace {

// GPT-2 stores weights as [in, out] (transformers, pytorch_utils.py, Conv1D).
std::pair<at::Tensor, at::Tensor> load_transposed(const Weights& weights, std::int64_t in,
                                                  std::int64_t out) {
  return {weights.tensor("weight", {in, out}).t().contiguous(), weights.tensor("bias", {out})};
}

TransformerLayer load_gpt2_layer(const Weights& layer,
                                 const checkpoint::TransformerConfig& config) {
  const std::int64_t width = config.hidden_size;
  const auto [joined, joined_bias] = load_transposed(layer.below("attn.c_attn"), width, 3 * width);
  const auto [output, output_bias] = load_transposed(layer.below("attn.c_proj"), width, width);
  const auto [in, in_bias] =
      load_transposed(layer.below("mlp.c_fc"), width, config.intermediate_size);
  const auto [out, out_bias] =
      load_transposed(layer.below("mlp.c_proj"), config.intermediate_size, width);
  const auto weights = joined.chunk(3);
  const auto biases = joined_bias.chunk(3);
  layer.leave_out("attn.bias");  // the causal mask
  layer.leave_out("attn.masked_bias");
  return {LayerNorm(layer, "ln_1", config),
          SelfAttention({weights[0], biases[0], weights[1], biases[1], weights[2], biases[2],
                         output, output_bias},
                        config.head_count, /*causal=*/true),
          LayerNorm(layer, "ln_2", config), Mlp({in, in_bias, out, out_bias}, config.activation)};
}

struct Parts {
  at::Tensor token_embedding;     ///< [vocabulary, width]
  at::Tensor position_embedding;  ///< [positions, width]
  LayerNorm norm;                 ///< GPT-2's behind its layers, BERT's before them
  Transformer transformer;
  MsclapProjection projection;

  at::Tensor embed(const at::Tensor& ids) const {
    return at::embedding(token_embedding, ids) + position_embedding.narrow(0, 0, ids.size(1));
  }
};

class Gpt2TextTower final : public TextTower {
 public:
  explicit Gpt2TextTower(Parts parts) : parts_(std::move(parts)) {}

  // What lies behind the place that is read, padding above all, has no say under a causal mask.
  at::Tensor encode(const at::Tensor& ids, const at::Tensor& /*mask*/) const override {
    const auto states = parts_.transformer(parts_.embed(ids), Readout::kAllTokens);
    const auto place = ids.ne(0).sum(1) - 1;
    const auto read = states.index({at::arange(ids.size(0), ids.options()), place});
    return parts_.projection(parts_.norm(read));
  }

 private:
  Parts parts_;
};

class BertTextTower final : public TextTower {
 public:
  explicit BertTextTower(Parts parts) : parts_(std::move(parts)) {}

  at::Tensor encode(const at::Tensor& ids, const at::Tensor& mask) const override {
    const auto seen = mask.to(at::kBool).unsqueeze(1).unsqueeze(1);
    const auto first =
        parts_.transformer(parts_.norm(parts_.embed(ids)), Readout::kFirstToken, seen);
    return parts_.projection(first.squeeze(1));
  }

 private:
  Parts parts_;
};

std::unique_ptr<const TextTower> make_gpt2(const Weights& base,
                                           const checkpoint::TextConfig& config,
                                           MsclapProjection projection) {
  const auto& transformer = config.transformer;
  const std::int64_t width = transformer.hidden_size;
  std::vector<TransformerLayer> layers;
  layers.reserve(static_cast<std::size_t>(transformer.layer_count));
  for (int i = 0; i < transformer.layer_count; ++i) {
    layers.push_back(load_gpt2_layer(base.below("h", i), transformer));
  }
  return std::make_unique<Gpt2TextTower>(
      Parts{.token_embedding = base.tensor("wte.weight", {config.vocabulary_size, width}),
            .position_embedding = base.tensor("wpe.weight", {config.position_count, width}),
            .norm = LayerNorm(base, "ln_f", transformer),
            .transformer = Transformer(std::move(layers)),
            .projection = std::move(projection)});
}

std::unique_ptr<const TextTower> make_bert(const Weights& base,
                                           const checkpoint::TextConfig& config,
                                           MsclapProjection projection) {
  constexpr std::int64_t kTokenTypes = 2;  // of which one is used
  const auto& transformer = config.transformer;
  const std::int64_t width = transformer.hidden_size;
  const auto embeddings = base.below("embeddings");
  const auto type = embeddings.exact("token_type_embeddings.weight", {kTokenTypes, width})[0];
  const auto positions =
      embeddings.exact("position_embeddings.weight", {config.position_count, width});
  base.leave_out("pooler");
  return std::make_unique<BertTextTower>(
      Parts{.token_embedding =
                embeddings.tensor("word_embeddings.weight", {config.vocabulary_size, width}),
            .position_embedding = (positions + type).to(base.options()),
            .norm = LayerNorm(embeddings, "LayerNorm", transformer),
            .transformer =
                load_transformer(base.below("encoder"), transformer, /*causal=*/false, kBertLayers),
            .projection = std::move(projection)});
}

}  // namespace

std::unique_ptr<const TextTower> make_msclap_text_tower(const Weights& weights,
                                                        const checkpoint::MsclapConfig& config) {
  const auto encoder = weights.below("caption_encoder");
  MsclapProjection projection(encoder.below("projection"), config.text.transformer.hidden_size,
                              config.projection_dim);
  const bool is_gpt2 = config.text_tower == checkpoint::MsclapConfig::TextTower::kGpt2;
  return (is_gpt2 ? make_gpt2 : make_bert)(encoder.below("base"), config.text,
                                           std::move(projection));
}

}  // namespace clipclap::model
