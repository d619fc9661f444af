#include "checkpoint/safetensors_header.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

// What serde_json, the reference's parser, allows.
constexpr int kMaximumDepth = 127;

// A push parser: the format has few levels, and a header of 100 MB must not become a tree of
// gigabytes before anybody looks at it.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::string& origin) : origin_(origin) {}

  std::vector<HeaderTensor> take() { return std::move(tensors_); }

  bool null() override {
    if (state_ == State::kMetadataStart) return enter(State::kTop);
    return scalar("null");
  }
  bool boolean(bool /*value*/) override { return scalar("a boolean"); }
  bool number_float(double /*value*/, const std::string& /*text*/) override {
    return scalar("a number that is no whole one");
  }
  bool number_integer(std::int64_t /*value*/) override { return scalar("a negative number"); }
  bool binary(Json::binary_t& /*value*/) override { return scalar("binary data"); }

  bool number_unsigned(std::uint64_t value) override {
    if (state_ == State::kShape) return add_dimension(value);
    if (state_ == State::kOffsets) return add_offset(value);
    return scalar("a number");
  }

  bool string(std::string& value) override {
    if (state_ == State::kMetadata) return true;
    if (state_ == State::kType) return set_type(value);
    return scalar("a string");
  }

  bool start_object(std::size_t /*size*/) override {
    switch (state_) {
      case State::kStart:
        return enter(State::kTop);
      case State::kMetadataStart:
        return enter(State::kMetadata);
      case State::kTensorStart:
        return enter(State::kTensor);
      default:
        return start_nested("an object");
    }
  }

  bool key(std::string& name) override {
    if (state_ == State::kTop) return start_entry(name);
    if (state_ == State::kTensor) return start_field(name);
    return true;  // of the metadata or of something skipped
  }

  bool end_object() override {
    if (state_ == State::kMetadata) return enter(State::kTop);
    if (state_ == State::kTensor) return end_tensor();
    return end_nested();
  }

  bool start_array(std::size_t /*size*/) override {
    if (state_ == State::kShapeStart) return enter(State::kShape);
    if (state_ == State::kOffsetsStart) return enter(State::kOffsets);
    return start_nested("a list");
  }

  bool end_array() override {
    if (state_ == State::kShape) return enter(State::kTensor);
    if (state_ == State::kOffsets) return end_offsets();
    return end_nested();
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const Json::exception& /*failure*/) override {
    refuse(
        fmt::format("the header is not valid JSON at its byte {}; fetch the file again", position));
  }

 private:
  enum class State {
    kStart,
    kTop,
    kMetadataStart,
    kMetadata,
    kTensorStart,
    kTensor,
    kType,
    kShapeStart,
    kShape,
    kOffsetsStart,
    kOffsets,
    kSkipped,
  };

  [[noreturn]] void refuse(const std::string& message) const {
    throw Error(ErrorCode::kInvalidData, message, origin_);
  }

  [[noreturn]] void refuse_tensor(const std::string& message) const {
    refuse(fmt::format("tensor {}: {}", quote(tensors_.back().name), message));
  }

  bool enter(State state) {
    state_ = state;
    return true;
  }

  // A value where the format wants another kind, or one inside a field that it does not know.
  bool scalar(std::string_view what) {
    if (state_ != State::kSkipped) refuse_value(what);
    if (skipped_depth_ == 0) state_ = State::kTensor;
    return true;
  }

  bool start_nested(std::string_view what) {
    if (state_ != State::kSkipped) refuse_value(what);
    constexpr int kDepthOfField = 2;
    if (++skipped_depth_ + kDepthOfField > kMaximumDepth) refuse_tensor("is nested too deeply");
    return true;
  }

  bool end_nested() {
    if (state_ == State::kSkipped && --skipped_depth_ == 0) state_ = State::kTensor;
    return true;
  }

  [[noreturn]] void refuse_value(std::string_view what) const {
    switch (state_) {
      case State::kStart:
        refuse(fmt::format("the header is {}, not an object", what));
      case State::kMetadataStart:
      case State::kMetadata:
        refuse(fmt::format("__metadata__ must map strings to strings, but holds {}", what));
      case State::kTensorStart:
        refuse_tensor(fmt::format("is {}, not an object", what));
      case State::kType:
        refuse_tensor(fmt::format("dtype is {}, not a string", what));
      case State::kShapeStart:
      case State::kShape:
        refuse_tensor(fmt::format("shape must be a list of sizes, but is or holds {}", what));
      default:
        refuse_tensor(fmt::format("data_offsets must be [begin, end], but is or holds {}", what));
    }
  }

  bool start_entry(std::string& name) {
    if (name == "__metadata__") {
      if (std::exchange(has_metadata_, true)) refuse("__metadata__ stands twice");
      return enter(State::kMetadataStart);
    }
    tensors_.emplace_back().name = std::move(name);
    has_type_ = has_shape_ = has_offsets_ = false;
    return enter(State::kTensorStart);
  }

  bool start_field(const std::string& name) {
    if (name == "dtype") return start_known_field(name, has_type_, State::kType);
    if (name == "shape") return start_known_field(name, has_shape_, State::kShapeStart);
    if (name == "data_offsets") return start_known_field(name, has_offsets_, State::kOffsetsStart);
    skipped_depth_ = 0;
    return enter(State::kSkipped);
  }

  bool start_known_field(const std::string& name, bool& seen, State state) {
    if (std::exchange(seen, true)) refuse_tensor(name + " stands twice");
    offset_count_ = 0;
    return enter(state);
  }

  bool set_type(const std::string& name) {
    const auto type = parse_data_type(name);
    if (!type) refuse_tensor(fmt::format("dtype {} is unknown", quote(name)));
    tensors_.back().type = *type;
    return enter(State::kTensor);
  }

  bool add_dimension(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      refuse_tensor(fmt::format("a dimension of {} is too large", value));
    }
    tensors_.back().shape.push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool add_offset(std::uint64_t value) {
    if (offset_count_ == 2) refuse_tensor("data_offsets has more than two numbers");
    (offset_count_++ == 0 ? tensors_.back().begin : tensors_.back().end) = value;
    return true;
  }

  bool end_offsets() {
    if (offset_count_ != 2) refuse_tensor("data_offsets has fewer than two numbers");
    return enter(State::kTensor);
  }

  bool end_tensor() {
    if (!has_type_) refuse_tensor("has no dtype");
    if (!has_shape_) refuse_tensor("has no shape");
    if (!has_offsets_) refuse_tensor("has no data_offsets");
    return enter(State::kTop);
  }

  const std::string& origin_;
  std::vector<HeaderTensor> tensors_;
  State state_ = State::kStart;
  int skipped_depth_ = 0;
  int offset_count_ = 0;
  bool has_metadata_ = false;
  bool has_type_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
};

}  // namespace

std::vector<HeaderTensor> read_safetensors_header(std::string_view header,
                                                  const std::string& origin) {
  // The parser takes a NUL for the end of its input and would not see what stands behind it.
  if (header.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kInvalidData, "the header holds a NUL byte; fetch the file again",
                origin);
  }
  HeaderReader reader(origin);
  Json::sax_parse(header.begin(), header.end(), &reader);
  return reader.take();
}

}  // namespace clipclap::checkpoint
