#include "checkpoint/open_clip_preprocessing.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "checkpoint/json_fields.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

using media::Preprocessing;
using Channels = std::array<double, 3>;

constexpr std::string_view kKeys[] = {"size",       "mode",          "mean",       "std",
                                      "fill_color", "interpolation", "resize_mode"};

// OPENAI_DATASET_MEAN and OPENAI_DATASET_STD (constants.py).
constexpr Channels kMean{0.48145466, 0.4578275, 0.40821073};
constexpr Channels kStd{0.26862954, 0.26130258, 0.27577711};

void warn_of_unknown(const JsonFields& fields, const Json& object) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) {
      log_warning(fields.place(key) + " is not a key of open_clip's and is left out");
    }
  }
}

// A number for all channels, or one each. What Python holds for false is the default: no list, an
// empty one, the number 0.
Channels read_channels(const JsonFields& fields, std::string_view key, const Channels& fallback) {
  const auto* value = fields.find_given(key);
  if (value == nullptr) return fallback;
  if (!value->is_array()) {
    const double all = fields.as_number(key, *value);
    return all == 0 ? fallback : Channels{all, all, all};
  }
  if (value->empty()) return fallback;
  if (value->size() != 1 && value->size() != 3) {
    fields.refuse(key, fmt::format("has {} numbers, but pictures have 3 channels", value->size()));
  }
  Channels result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = fields.as_number(key, value->at(value->size() == 1 ? 0 : i));
  }
  return result;
}

// One of a few words; null and the empty word mean the first.
std::string read_choice(const JsonFields& fields, std::string_view key,
                        const std::array<std::string_view, 3>& choices) {
  auto name = fields.find_given(key) == nullptr ? std::string() : fields.string(key, "");
  if (name.empty()) return std::string(choices[0]);
  if (std::find(choices.begin(), choices.end(), name) != choices.end()) return name;
  fields.refuse(key, fmt::format("is {}; known are {}", quote(name), fmt::join(choices, ", ")),
                ErrorCode::kUnsupported);
}

Preprocessing::Resize read_resize(const JsonFields& fields) {
  const auto mode = read_choice(fields, "resize_mode", {"shortest", "longest", "squash"});
  if (mode == "longest") return Preprocessing::Resize::kLongestEdge;
  return mode == "squash" ? Preprocessing::Resize::kSquash : Preprocessing::Resize::kShortestEdge;
}

}  // namespace

Preprocessing parse_open_clip_preprocessing(const Json& config, const std::string& origin,
                                            int image_size) {
  const auto fields = JsonFields(config, origin).below("preprocess_cfg");
  if (const auto given = config.find("preprocess_cfg"); given != config.end()) {
    warn_of_unknown(fields, *given);
  }
  if (fields.find_given("mode") != nullptr && fields.string("mode", "") != "RGB") {
    fields.refuse("mode", "is not RGB, which is all that is known", ErrorCode::kUnsupported);
  }
  Preprocessing result;
  result.resize = read_resize(fields);
  result.resize_height = result.resize_width = image_size;
  // "random" is for training and means bicubic here.
  const auto filter = read_choice(fields, "interpolation", {"bicubic", "bilinear", "random"});
  result.filter = filter == "bilinear" ? media::Filter::kBilinear : media::Filter::kBicubic;
  result.center_crop = result.resize != Preprocessing::Resize::kSquash;
  result.centering = Preprocessing::Centering::kTorchvision;
  result.crop_height = result.crop_width = image_size;
  if (const auto* fill = fields.find_given("fill_color")) {
    result.fill = static_cast<std::uint8_t>(fields.as_integer("fill_color", *fill, 0, 255));
  }
  result.mean = read_channels(fields, "mean", kMean);
  result.std = read_channels(fields, "std", kStd);
  if (std::find(result.std.begin(), result.std.end(), 0.0) != result.std.end()) {
    fields.refuse("std", "holds a 0, which nothing can be divided by");
  }
  return result;
}

}  // namespace clipclap::checkpoint
