#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <clipclap/boxes.h>
#include <clipclap/error.h>

#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

namespace clipclap {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// What a detector's float32 is off by is no pixel.
constexpr double kSlack = 1e-3;
constexpr double kFurthest = 1 << 30;

/// One line of the file, and the errors about it.
class BoxLine {
 public:
  BoxLine(const std::string& path, std::size_t number, std::string_view text)
      : path_(path), number_(number) {
    if (const auto offset = find_invalid_utf8(text)) {
      refuse(fmt::format("byte {}: is not UTF-8; save the file as UTF-8", *offset + 1));
    }
    // The parser takes a NUL for the end of its input.
    if (text.find('\0') == std::string_view::npos) {
      object_ = Json::parse(text.begin(), text.end(), nullptr, false);
    }
    if (!object_.is_object()) {
      refuse(R"(is no JSON object; write one a line, such as {"start":1.5,"box":[0,0,64,48]})");
    }
  }

  DetectedBox read() const {
    DetectedBox result{.box = read_box()};
    result.start_seconds = read_start();
    result.frame = read_frame();
    if (result.start_seconds && result.frame) {
      refuse(R"(has both a "start" and a "frame"; leave one of them)");
    }
    result.file = read_text("file");
    result.label = read_text(find("box_label") != nullptr ? "box_label" : "label");
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& message) const {
    throw Error(ErrorCode::kInvalidArgument, message, fmt::format("{}, line {}", path_, number_));
  }

  /// Null is how some writers say that there is nothing.
  const Json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  Box read_box() const {
    const Json* value = find("box");
    if (value == nullptr) refuse(R"(has no "box"; add one such as "box":[x,y,width,height])");
    const bool is_four = value->is_array() && value->size() == 4 &&
                         std::all_of(value->begin(), value->end(),
                                     [](const Json& side) { return side.is_number(); });
    if (!is_four) {
      refuse(R"("box" is not four numbers; write [x,y,width,height] in pixels)");
    }
    const auto [left, width] = widen((*value)[0].get<double>(), (*value)[2].get<double>());
    const auto [top, height] = widen((*value)[1].get<double>(), (*value)[3].get<double>());
    return {left, top, width, height};
  }

  /// To whole pixels.
  static std::pair<int, int> widen(double begin, double length) {
    const auto bound = [](double value) {
      return static_cast<int>(std::clamp(value, -kFurthest, kFurthest));
    };
    const int first = bound(std::floor(begin + kSlack));
    if (length <= 0) return {first, 0};
    const int behind = bound(std::ceil(begin + length - kSlack));
    return {first, std::max(behind - first, 1)};
  }

  std::optional<double> read_start() const {
    const Json* value = find("start");
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) refuse(R"("start" is no number; write seconds such as 1.5)");
    return value->get<double>();
  }

  std::optional<std::int64_t> read_frame() const {
    const Json* value = find("frame");
    if (value == nullptr) return std::nullopt;
    if (!value->is_number_integer() || *value < 0) {
      refuse(R"("frame" is no frame's number; write a whole number, the first frame is 0)");
    }
    return value->get<std::int64_t>();
  }

  std::string read_text(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (!value->is_string()) refuse(fmt::format(R"("{}" is no text; put it into quotes)", key));
    return value->get<std::string>();
  }

  const std::string& path_;
  std::size_t number_;
  Json object_;
};

}  // namespace

std::vector<DetectedBox> read_boxes(const std::string& path) {
  const auto contents = read_file(path);
  std::string_view rest = contents;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  std::vector<DetectedBox> boxes;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    boxes.push_back(BoxLine(path, number, line).read());
  }
  return boxes;
}

}  // namespace clipclap
