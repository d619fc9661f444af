#include "checkpoint/weights_index.h"

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/file_source.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

[[noreturn]] void refuse(const std::string& origin, const std::string& message) {
  throw Error(ErrorCode::kInvalidData, message, origin);
}

}  // namespace

std::set<std::string> shards_of(const Json& index, const std::string& origin) {
  const auto map = index.is_object() ? index.find("weight_map") : index.end();
  if (map == index.end() || !map->is_object() || map->empty()) {
    refuse(origin, "has no weight_map that maps tensors to files");
  }
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map->items()) {
    if (!shard.is_string()) {
      refuse(origin, fmt::format("weight_map: {} is no string", quote(tensor)));
    }
    const auto& file = shard.get_ref<const std::string&>();
    if (!stays_inside(file)) {
      refuse(origin, fmt::format("weight_map: the file {} is not inside the folder", quote(file)));
    }
    shards.insert(file);
  }
  return shards;
}

}  // namespace clipclap::checkpoint
