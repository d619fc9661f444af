// The towers of a TorchScript file.
#pragma once

#include <memory>

#include "media/preprocessing.h"
#include "model/dual_encoder.h"
#include "model/script/script_probe.h"

namespace clipclap::model {

std::unique_ptr<const PictureTower> make_script_picture_tower(
    std::shared_ptr<const ScriptModule> module, const ScriptProbe& probe,
    const media::Preprocessing& preprocessing);

/// Shorter sounds than the model takes are repeated to fill it, longer ones cut.
std::unique_ptr<const SoundTower> make_script_sound_tower(
    std::shared_ptr<const ScriptModule> module, const ScriptProbe& probe);

std::unique_ptr<const TextTower> make_script_text_tower(std::shared_ptr<const ScriptModule> module,
                                                        const ScriptProbe& probe);

}  // namespace clipclap::model
