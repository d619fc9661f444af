#include "model/script/script_towers.h"

#include <array>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

namespace clipclap::model {
namespace {

// forward() computes both sides. Beside a batch of one goes an example of the other side with
// another number of rows, so that the outputs can be told apart.
at::Tensor other_rows(const at::Tensor& example, std::int64_t rows) {
  std::vector<std::int64_t> repeats(static_cast<std::size_t>(example.dim()), 1);
  repeats[0] = rows == 1 ? 2 : 1;
  return example.repeat(repeats);
}

at::Tensor run_media(const ScriptModule& module, const ScriptProbe& probe,
                     const at::Tensor& media) {
  if (probe.media_alone) return *module.run_media_alone(media);
  std::vector<at::Tensor> text;
  text.reserve(probe.text_example.size());
  for (const auto& example : probe.text_example) {
    text.push_back(other_rows(example, media.size(0)));
  }
  return module.run(media, text, probe.order).media;
}

at::Tensor per_channel(const std::array<double, 3>& values, at::Device device) {
  return at::tensor(at::ArrayRef<double>(values), at::kFloat).view({1, 3, 1, 1}).to(device);
}

class ScriptPictureTower final : public PictureTower {
 public:
  ScriptPictureTower(std::shared_ptr<const ScriptModule> module, ScriptProbe probe,
                     const media::Preprocessing& preprocessing)
      : module_(std::move(module)),
        probe_(std::move(probe)),
        rescale_(preprocessing.rescale),
        mean_(per_channel(preprocessing.mean, module_->device())),
        std_(per_channel(preprocessing.std, module_->device())) {}

  at::Tensor encode(const at::Tensor& pixels) const override {
    const auto planes = pixels.permute({0, 3, 1, 2}).to(at::kFloat);
    return run_media(*module_, probe_, ((planes * rescale_ - mean_) / std_).contiguous());
  }

 private:
  std::shared_ptr<const ScriptModule> module_;
  ScriptProbe probe_;
  double rescale_;
  at::Tensor mean_;  ///< [1, 3, 1, 1]
  at::Tensor std_;
};

class ScriptSoundTower final : public SoundTower {
 public:
  ScriptSoundTower(std::shared_ptr<const ScriptModule> module, ScriptProbe probe)
      : module_(std::move(module)), probe_(std::move(probe)) {}

  at::Tensor encode(const at::Tensor& samples) const override {
    const auto repeats = (probe_.sample_count + samples.size(1) - 1) / samples.size(1);
    const auto filled = samples.repeat({1, repeats}).narrow(1, 0, probe_.sample_count);
    return run_media(*module_, probe_, filled.contiguous());
  }

 private:
  std::shared_ptr<const ScriptModule> module_;
  ScriptProbe probe_;
};

class ScriptTextTower final : public TextTower {
 public:
  ScriptTextTower(std::shared_ptr<const ScriptModule> module, ScriptProbe probe)
      : module_(std::move(module)), probe_(std::move(probe)) {}

  at::Tensor encode(const at::Tensor& ids, const at::Tensor& mask) const override {
    std::vector<at::Tensor> text{ids};
    if (probe_.masks) text.push_back(mask);
    if (probe_.text_alone) return *module_->run_text_alone(text);
    return module_->run(other_rows(probe_.media_example, ids.size(0)), text, probe_.order).text;
  }

 private:
  std::shared_ptr<const ScriptModule> module_;
  ScriptProbe probe_;
};

}  // namespace

std::unique_ptr<const PictureTower> make_script_picture_tower(
    std::shared_ptr<const ScriptModule> module, const ScriptProbe& probe,
    const media::Preprocessing& preprocessing) {
  return std::make_unique<ScriptPictureTower>(std::move(module), probe, preprocessing);
}

std::unique_ptr<const SoundTower> make_script_sound_tower(
    std::shared_ptr<const ScriptModule> module, const ScriptProbe& probe) {
  return std::make_unique<ScriptSoundTower>(std::move(module), probe);
}

std::unique_ptr<const TextTower> make_script_text_tower(std::shared_ptr<const ScriptModule> module,
                                                        const ScriptProbe& probe) {
  return std::make_unique<ScriptTextTower>(std::move(module), probe);
}

}  // namespace clipclap::model
