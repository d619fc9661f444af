// Plain data as JSON text: one object, no line break, always valid UTF-8 (what is not becomes
// U+FFFD).
#pragma once

#include <string>
#include <vector>

#include <clipclap/benchmark.h>
#include <clipclap/device.h>
#include <clipclap/export.h>
#include <clipclap/model.h>

namespace clipclap {

/// {"ids":[…],"mask":[…],"tokens":[…]}
CLIPCLAP_API std::string to_json(const TokenizedText& text);

/// {"name":…,"family":…, …}: the fields of ModelInfo under their own names, in their order.
CLIPCLAP_API std::string to_json(const ModelInfo& info);

/// [{"name":…,"precisions":[…],"threads":…,"free_bytes":…,"total_bytes":…}, …], a number null where
/// it is not known.
CLIPCLAP_API std::string to_json(const std::vector<DeviceInfo>& devices);

/// {"model":…,"precision":…,"items":…,"batch":…,"threads":…,"rounds":…,"items_per_second":…, the
/// median, "lowest":…,"highest":…,"roofline_share":…}, the last one null where it is not known.
CLIPCLAP_API std::string to_json(const BenchmarkResult& result);

}  // namespace clipclap
