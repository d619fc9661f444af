#include "checkpoint/preprocessing_config.h"

#include <array>
#include <string>

#include <fmt/format.h>

#include "checkpoint/json_fields.h"
#include "checkpoint/model_config.h"
#include "checkpoint/processor_document.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

using media::Preprocessing;

ProcessorDocument read_document(const CheckpointFiles& files) {
  return read_processor_document(files, "image_processor", "pictures");
}

struct Size {
  bool shortest_edge = false;
  int height = 224;
  int width = 224;
};

/// One class of transformers and what it does with a file that leaves things out.
struct ProcessorClass {
  std::string_view name;
  bool fast;      ///< a "Fast" class, or one of those that follow them since transformers 5
  bool can_crop;  ///< obeys do_center_crop
  bool crops;     ///< where the file does not say
  Size size;
  std::array<double, 3> mean;
  std::array<double, 3> std;
  media::Filter filter = media::Filter::kBicubic;
  bool keeps_shape = false;  ///< as many patches as a limit allows, in the picture's own shape
};

constexpr std::array<double, 3> kClipMean{0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kClipStd{0.26862954, 0.26130258, 0.27577711};
constexpr std::array<double, 3> kHalf{0.5, 0.5, 0.5};
constexpr Size kShortest{.shortest_edge = true};
constexpr Size kSquare{};

constexpr ProcessorClass kClasses[] = {
    {"CLIPImageProcessor", false, true, true, kShortest, kClipMean, kClipStd},
    {"CLIPImageProcessorFast", true, true, true, kShortest, kClipMean, kClipStd},
    {"CLIPImageProcessorPil", true, true, true, kShortest, kClipMean, kClipStd},
    {"SiglipImageProcessor", false, false, false, kSquare, kHalf, kHalf},
    {"SiglipImageProcessorFast", true, true, false, kSquare, kHalf, kHalf},
    {"SiglipImageProcessorPil", true, true, false, kSquare, kHalf, kHalf},
    {"Siglip2ImageProcessor", false, false, false, kSquare, kHalf, kHalf, media::Filter::kBilinear,
     true},
    {"Siglip2ImageProcessorFast", true, false, false, kSquare, kHalf, kHalf,
     media::Filter::kBilinear, true},
    {"Siglip2ImageProcessorPil", true, false, false, kSquare, kHalf, kHalf,
     media::Filter::kBilinear, true},
};

// Image processors were once called feature extractors.
std::string read_class_name(const JsonFields& fields, std::string_view default_type) {
  constexpr std::string_view kOldName = "FeatureExtractor";
  for (const std::string_view key : {"image_processor_type", "feature_extractor_type"}) {
    if (fields.find_given(key) == nullptr) continue;
    auto name = fields.string(key, "");
    if (name.ends_with(kOldName)) {
      name.replace(name.size() - kOldName.size(), kOldName.size(), "ImageProcessor");
    }
    return name;
  }
  return std::string(default_type);
}

const ProcessorClass& find_class(const JsonFields& fields, std::string_view default_type) {
  const auto name = read_class_name(fields, default_type);
  std::string known;
  for (const auto& row : kClasses) {
    if (row.name == name) return row;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
  }
  fields.refuse("image_processor_type",
                fmt::format("is {}, which is not known; known are {}", quote(name), known),
                ErrorCode::kUnsupported);
}

// The fields of one image processor, null as its class takes it: false for a flag, the default for
// a size, mean or deviation unless the class is a fast one, and wrong elsewhere.
class ProcessorFields {
 public:
  ProcessorFields(const JsonFields& fields, const ProcessorClass& row)
      : fields_(fields), row_(row) {}

  bool flag(std::string_view key, bool fallback) const {
    const auto* value = fields_.find(key);
    return value != nullptr && value->is_null() ? false : fields_.boolean(key, fallback);
  }

  // A number for all channels, or one each.
  std::array<double, 3> channels(std::string_view key,
                                 const std::array<double, 3>& fallback) const {
    if (is_default(key)) return fallback;
    const auto* value = fields_.find(key);
    if (!value->is_array()) {
      const double all = fields_.as_number(key, *value);
      return {all, all, all};
    }
    if (value->size() != 3) {
      fields_.refuse(key,
                     fmt::format("has {} numbers, but pictures have 3 channels", value->size()));
    }
    std::array<double, 3> result{};
    for (std::size_t i = 0; i < 3; ++i) result[i] = fields_.as_number(key, value->at(i));
    return result;
  }

  // An integer, [height, width], or one of the objects {"shortest_edge"}, {"height", "width"}.
  Size size(std::string_view key, const Size& fallback, bool integer_is_shortest_edge) const {
    if (is_default(key)) return fallback;
    const auto* value = fields_.find(key);
    if (value->is_object()) return size_object(key, *value);
    if (value->is_array()) {
      if (value->size() != 2) fields_.refuse(key, "is a list of other than two sizes");
      return {false, side(key, value->at(0)), side(key, value->at(1))};
    }
    const int both = side(key, *value);
    return {integer_is_shortest_edge, both, both};
  }

 private:
  bool is_default(std::string_view key) const {
    const auto* value = fields_.find(key);
    return value == nullptr || (value->is_null() && !row_.fast);
  }

  int side(std::string_view key, const Json& value) const {
    return fields_.as_integer(key, value, 1, kMaximumImageSize);
  }

  Size size_object(std::string_view key, const Json& object) const {
    const auto holds = [&](const char* name) { return object.contains(name); };
    if (object.size() == 2 && holds("height") && holds("width")) {
      return {false, side(key, object.at("height")), side(key, object.at("width"))};
    }
    if (holds("shortest_edge") && object.size() == (holds("longest_edge") ? 2U : 1U)) {
      // The class that is not fast has never looked at the longest edge.
      if (row_.fast && holds("longest_edge") && !object.at("longest_edge").is_null()) {
        fields_.refuse(key, "limits the longest edge, which is not supported",
                       ErrorCode::kUnsupported);
      }
      const int edge = side(key, object.at("shortest_edge"));
      return {true, edge, edge};
    }
    fields_.refuse(key,
                   "must be a number, [height, width], {\"shortest_edge\"} or {\"height\", "
                   "\"width\"}",
                   holds("longest_edge") || holds("max_height") ? ErrorCode::kUnsupported
                                                                : ErrorCode::kInvalidData);
  }

  const JsonFields& fields_;
  const ProcessorClass& row_;
};

media::Filter read_filter(const JsonFields& json, const ProcessorClass& row) {
  constexpr int kLastFilter = static_cast<int>(media::Filter::kHamming);
  return static_cast<media::Filter>(
      json.integer("resample", static_cast<int>(row.filter), 0, kLastFilter));
}

void read_patch_budget(Preprocessing& result, const JsonFields& json, const ProcessorClass& row,
                       int patch_size) {
  if (!ProcessorFields(json, row).flag("do_resize", true)) {
    json.refuse("do_resize", "is off, but the tower takes only whole patches",
                ErrorCode::kUnsupported);
  }
  result.resize = Preprocessing::Resize::kPatchBudget;
  result.center_crop = false;
  result.filter = read_filter(json, row);
  result.patch_size = json.integer("patch_size", 16, 1, kMaximumImageSize);
  result.patch_limit = json.integer("max_num_patches", 256, 1, kMaximumTokens);
  if (result.patch_size == patch_size) return;
  json.refuse("patch_size", fmt::format("is {}, but the tower takes patches of {} "
                                        "(config.json: vision_config.patch_size)",
                                        result.patch_size, patch_size));
}

void read_geometry(Preprocessing& result, const JsonFields& json, const ProcessorClass& row) {
  const ProcessorFields fields(json, row);
  result.resize = Preprocessing::Resize::kNone;
  if (fields.flag("do_resize", true)) {
    const bool square = row.fast && fields.flag("default_to_square", false);
    const auto size = fields.size("size", row.size, !square);
    result.resize =
        size.shortest_edge ? Preprocessing::Resize::kShortestEdge : Preprocessing::Resize::kSquash;
    result.resize_height = size.height;
    result.resize_width = size.width;
    result.filter = read_filter(json, row);
  }
  result.center_crop = row.can_crop && fields.flag("do_center_crop", row.crops);
  if (result.center_crop) {
    const auto crop = fields.size("crop_size", kSquare, false);
    if (crop.shortest_edge) json.refuse("crop_size", "must have a height and a width");
    result.crop_height = crop.height;
    result.crop_width = crop.width;
  }
  if (row.fast && fields.flag("do_pad", false)) {
    json.refuse("do_pad", "is on; padding is not supported", ErrorCode::kUnsupported);
  }
}

void read_values(Preprocessing& result, const JsonFields& json, const ProcessorClass& row) {
  const ProcessorFields fields(json, row);
  result.rescale = 1;
  if (fields.flag("do_rescale", true)) result.rescale = json.number("rescale_factor", 1.0 / 255);
  if (!fields.flag("do_normalize", true)) return;
  result.mean = fields.channels("image_mean", row.mean);
  result.std = fields.channels("image_std", row.std);
  for (const double deviation : result.std) {
    if (deviation == 0) json.refuse("image_std", "is 0, which nothing can be divided by");
  }
}

void check_fits(const Preprocessing& result, const JsonFields& json, int image_size) {
  const bool squash = result.resize == Preprocessing::Resize::kSquash;
  if (!result.center_crop && !squash) {
    json.refuse("do_center_crop",
                fmt::format("is off, so that pictures keep their shape, but the tower takes only "
                            "{0} by {0} pixels",
                            image_size),
                ErrorCode::kUnsupported);
  }
  const int height = result.center_crop ? result.crop_height : result.resize_height;
  const int width = result.center_crop ? result.crop_width : result.resize_width;
  if (height == image_size && width == image_size) return;
  json.refuse(result.center_crop ? "crop_size" : "size",
              fmt::format("makes pictures of {} by {} pixels, but the tower takes {} by {} "
                          "(config.json: vision_config.image_size); do the two files belong "
                          "together?",
                          width, height, image_size, image_size));
}

}  // namespace

Preprocessing parse_preprocessing(const CheckpointFiles& files, int image_size,
                                  std::string_view default_type) {
  const auto document = read_document(files);
  const auto fields = document.fields();
  const auto& row = find_class(fields, default_type);
  if (row.keeps_shape) {
    fields.refuse("image_processor_type",
                  fmt::format("is {}, which keeps a picture's shape, but the tower takes only "
                              "squares of {} pixels",
                              row.name, image_size));
  }
  Preprocessing result;
  read_geometry(result, fields, row);
  read_values(result, fields, row);
  check_fits(result, fields, image_size);
  return result;
}

Preprocessing parse_flexible_preprocessing(const CheckpointFiles& files, int patch_size) {
  const auto document = read_document(files);
  const auto fields = document.fields();
  const auto& row = find_class(fields, "Siglip2ImageProcessor");
  if (!row.keeps_shape) {
    fields.refuse("image_processor_type",
                  fmt::format("is {}, but the tower takes pictures in their own shape; do the two "
                              "files belong together?",
                              row.name));
  }
  Preprocessing result;
  read_patch_budget(result, fields, row, patch_size);
  read_values(result, fields, row);
  return result;
}

}  // namespace clipclap::checkpoint
