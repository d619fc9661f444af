// A model that sees or hears: texts, pictures and sounds become points in one space.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/picture.h>
#include <clipclap/tokenizer.h>

namespace clipclap {

namespace model {
struct DualEncoder;
}

/// Row-major embeddings, each row of Euclidean length 1.
struct Embeddings {
  std::size_t count = 0;
  std::size_t dimension = 0;
  std::vector<float> values{};

  std::span<const float> row(std::size_t index) const {
    return std::span(values).subspan(index * dimension, dimension);
  }
};

/// The numbers that a tower computes with, whatever the checkpoint stores.
enum class Precision {
  kAuto,      ///< bfloat16 where a short trial finds it faster on this machine, else float32
  kFloat32,   ///< the reference's numbers
  kBfloat16,  ///< faster where the processor has it; cosines within 0.001 of float32's
  kFloat16,   ///< only where the device does it well
  kInt8,      ///< the products of picture and sound towers in 8 bits, texts in float32
};

/// "auto", "fp32", "bf16", "fp16" or "int8".
CLIPCLAP_API std::string_view to_string(Precision precision) noexcept;
/// Throws Error (kInvalidArgument) for any other name.
CLIPCLAP_API Precision parse_precision(std::string_view name);

/// What a TorchScript file does not say of itself; other models refuse what is set here, but for
/// msclap's, which take a tokenizer and a scale.
struct ScriptOptions {
  /// A tokenizer.json, a SentencePiece model, or a folder with what its tokenizer needs; needed.
  std::string tokenizer;
  std::optional<double> logit_scale{};  ///< the factor itself; otherwise the model's own answer
  int image_size = 0;                   ///< pixels a side; 0 finds it out by trying
  bool normalize = true;                ///< whether embeddings are divided by their length
  int text_length = 0;                  ///< tokens; 0 finds it out by trying
  int sample_rate = 0;                  ///< of sound, samples a second; likewise
  double sample_seconds = 0;            ///< of sound heard at once; likewise
  std::string forward_order{};          ///< "media" or "text" comes first; empty: by trying
};

struct ModelOptions {
  /// A checkpoint folder, a hub id in the local Hugging Face cache, a TorchScript file (which runs
  /// code that is in the file: open none that you don't trust), one of embedded_models(), or empty:
  /// the first of these.
  std::string model{};
  /// Threads that one operation of a tower may use; 0 takes every core. A setting of the process.
  int threads = 0;
  /// Where towers compute: "cpu", "cuda", "cuda:1", "xpu:0", "mps"; several with commas between
  /// them, which share the batches; or "auto", every accelerator that LibTorch sees, else "cpu".
  std::string device = "cpu";
  /// None: kFloat32 on a processor, and what is fastest elsewhere.
  std::optional<Precision> precision{};
  ScriptOptions script{};
};

struct ModelInfo {
  std::string name;          ///< folder, or "embedded demo model"
  std::string family;        ///< "CLIP"
  std::string architecture;  ///< the registry's row, e.g. "clip-hf"
  bool sees = false;
  bool hears = false;
  int image_size = 0;  ///< pixels a side; 0 where pictures keep their shape
  int patch_size = 0;
  int patch_limit = 0;  ///< patches a picture has at most, where it keeps its shape
  int vision_layers = 0;
  int vision_width = 0;
  int sample_rate = 0;        ///< samples a second
  double window_seconds = 0;  ///< of sound that the model hears at once
  int audio_layers = 0;
  int audio_width = 0;
  int text_layers = 0;
  int text_width = 0;
  int text_length = 0;  ///< tokens
  int embedding_dimension = 0;
  std::size_t parameters = 0;
  std::string data_type;   ///< as stored, e.g. "F32"
  std::string precision;   ///< as computed with, e.g. "fp32"
  std::string device;      ///< where, e.g. "cpu"
  std::string tokenizer;   ///< one line
  std::string score;       ///< "softmax" or "sigmoid"
  double logit_scale = 0;  ///< the factor itself, already exponentiated
  double logit_bias = 0;   ///< added to the scaled cosine, for sigmoid
};

/// A row of the registry: a kind of checkpoint that can be opened.
struct ArchitectureInfo {
  std::string name;       ///< "clip-hf"
  std::string family;     ///< "CLIP"
  std::string packaging;  ///< what the user has on disk
  std::string senses;     ///< "pictures" or "sounds"
  std::string text;       ///< the tokenizer that belongs to it
  std::string score;      ///< "softmax" or "sigmoid"
};

/// The demo models inside the library: "embedded:demo", which sees, and "embedded:demo-audio",
/// which hears.
CLIPCLAP_API std::vector<std::string> embedded_models();

/// Every kind of checkpoint that Model::open recognises.
CLIPCLAP_API std::vector<ArchitectureInfo> known_architectures();

/// A loaded checkpoint. Immutable and cheap to copy; copies share the weights. Any number of
/// threads may call any function at once.
class CLIPCLAP_API Model {
 public:
  /// Throws Error: kNotFound, kInvalidData (names the file and the tensor or key), kUnsupported,
  /// kInvalidArgument for what is no device.
  static Model open(const ModelOptions& options = {});

  const ModelInfo& info() const;

  TokenizedText tokenize(const std::string& text) const;
  /// Texts too long for the tower are cut as the reference cuts them. Throws Error
  /// (kInvalidArgument) for text that is not UTF-8.
  Embeddings embed_texts(std::span<const std::string> texts) const;
  /// Pictures of any size; resized, cropped and normalised as the checkpoint orders. Throws Error
  /// (kUnsupported) where the model does not see.
  Embeddings embed_pictures(std::span<const Picture> pictures) const;

  /// For the library itself.
  const model::DualEncoder& encoder() const { return *encoder_; }

 private:
  explicit Model(std::shared_ptr<const model::DualEncoder> encoder);
  std::shared_ptr<const model::DualEncoder> encoder_;
};

}  // namespace clipclap
