#include "model/embedded_model.h"

#include <cstddef>

#include "demo_model_symbols.inc"

namespace clipclap::model {

checkpoint::CheckpointFiles demo_model_files() {
  return checkpoint::CheckpointFiles::embedded("embedded demo model", {
#include "demo_model_entries.inc"
                                                                      });
}

}  // namespace clipclap::model
