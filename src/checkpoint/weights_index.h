// The index of a checkpoint whose tensors lie in several files (transformers, *.index.json).
#pragma once

#include <set>
#include <string>

#include "base/json.h"

namespace clipclap::checkpoint {

/// The files that the index maps tensors to, each a name that stays inside the folder. `origin` is
/// the index's name for messages. Throws Error (kInvalidData).
std::set<std::string> shards_of(const Json& index, const std::string& origin);

}  // namespace clipclap::checkpoint
