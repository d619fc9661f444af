// A loaded TorchScript module, and which of its outputs is what.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace clipclap::model {

/// What forward() takes first.
enum class ForwardOrder { kMediaFirst, kTextFirst };

/// What a module makes of one batch of each side.
struct ScriptOutput {
  at::Tensor media;  ///< [media batch, width]: pictures or sounds
  at::Tensor text;   ///< [text batch, width]
  std::optional<double> logit_scale{};
  std::optional<double> logit_bias{};
};

/// Any number of threads may call it. It moves its inputs to its device.
class ScriptModule {
 public:
  /// Throws Error (kInvalidData) for what is no TorchScript.
  ScriptModule(const std::string& path, at::Device device);
  ~ScriptModule();
  ScriptModule(const ScriptModule&) = delete;
  ScriptModule& operator=(const ScriptModule&) = delete;

  at::Device device() const;
  /// How many inputs forward() takes.
  std::size_t input_count() const;
  std::size_t parameter_count() const;

  /// Runs forward(). Outputs are told apart by their rows, so the two batches must differ in size.
  /// Throws Error: kInvalidData where the outputs hold no two embeddings, kInternal where the
  /// module fails, as with inputs that do not fit.
  ScriptOutput run(const at::Tensor& media, const std::vector<at::Tensor>& text,
                   ForwardOrder order) const;

  /// Towers that can be called alone: the first of these methods or submodules that the module has.
  /// Nothing where it has none.
  std::optional<at::Tensor> run_media_alone(const at::Tensor& media) const;
  std::optional<at::Tensor> run_text_alone(const std::vector<at::Tensor>& text) const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap::model
