// A model that sees: texts and pictures become points in one space.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
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

struct ModelOptions {
  /// A checkpoint folder, a hub id in the local Hugging Face cache, or empty: the embedded demo
  /// model.
  std::string model;
  /// Threads that one operation of a tower may use; 0 takes every core. A setting of the process.
  int threads = 0;
};

struct ModelInfo {
  std::string name;          ///< folder, or "embedded demo model"
  std::string family;        ///< "CLIP"
  std::string architecture;  ///< the registry's row, e.g. "clip-hf"
  bool sees = false;
  bool hears = false;
  int image_size = 0;  ///< pixels a side
  int patch_size = 0;
  int vision_layers = 0;
  int vision_width = 0;
  int text_layers = 0;
  int text_width = 0;
  int text_length = 0;  ///< tokens
  int embedding_dimension = 0;
  std::size_t parameters = 0;
  std::string data_type;   ///< as stored, e.g. "F32"
  std::string tokenizer;   ///< one line
  std::string score;       ///< "softmax"
  double logit_scale = 0;  ///< the factor itself, already exponentiated
};

/// A loaded checkpoint. Immutable and cheap to copy; copies share the weights. Any number of
/// threads may call any function at once.
class CLIPCLAP_API Model {
 public:
  /// Throws Error: kNotFound, kInvalidData (names the file and the tensor or key), kUnsupported.
  static Model open(const ModelOptions& options = {});

  const ModelInfo& info() const;

  TokenizedText tokenize(const std::string& text) const;
  /// Texts too long for the tower are cut as the reference cuts them. Throws Error
  /// (kInvalidArgument) for text that is not UTF-8.
  Embeddings embed_texts(std::span<const std::string> texts) const;
  /// Pictures of any size; resized, cropped and normalised as the checkpoint orders.
  Embeddings embed_pictures(std::span<const Picture> pictures) const;

  /// For the library itself.
  const model::DualEncoder& encoder() const { return *encoder_; }

 private:
  explicit Model(std::shared_ptr<const model::DualEncoder> encoder);
  std::shared_ptr<const model::DualEncoder> encoder_;
};

}  // namespace clipclap
