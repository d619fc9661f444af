#include "checkpoint/safetensors.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/quote.h"
#include "checkpoint/safetensors_header.h"

namespace clipclap::checkpoint {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;

struct DataTypeRow {
  DataType type;
  std::string_view name;
  std::size_t bits;
};

// In the order of the enumeration.
constexpr DataTypeRow kDataTypes[] = {
    {DataType::kBool, "BOOL", 8},
    {DataType::kFloat4, "F4", 4},
    {DataType::kFloat6E2M3, "F6_E2M3", 6},
    {DataType::kFloat6E3M2, "F6_E3M2", 6},
    {DataType::kUint8, "U8", 8},
    {DataType::kInt8, "I8", 8},
    {DataType::kFloat8E5M2, "F8_E5M2", 8},
    {DataType::kFloat8E4M3, "F8_E4M3", 8},
    {DataType::kFloat8E8M0, "F8_E8M0", 8},
    {DataType::kFloat8E4M3Fnuz, "F8_E4M3FNUZ", 8},
    {DataType::kFloat8E5M2Fnuz, "F8_E5M2FNUZ", 8},
    {DataType::kInt16, "I16", 16},
    {DataType::kUint16, "U16", 16},
    {DataType::kFloat16, "F16", 16},
    {DataType::kBfloat16, "BF16", 16},
    {DataType::kInt32, "I32", 32},
    {DataType::kUint32, "U32", 32},
    {DataType::kFloat32, "F32", 32},
    {DataType::kComplex64, "C64", 64},
    {DataType::kFloat64, "F64", 64},
    {DataType::kInt64, "I64", 64},
    {DataType::kUint64, "U64", 64},
};

constexpr const DataTypeRow& row_of(DataType type) {
  return kDataTypes[static_cast<std::size_t>(type)];
}

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(kDataTypes); ++i) {
    if (kDataTypes[i].type != static_cast<DataType>(i)) return false;
  }
  return true;
}
static_assert(is_in_order());

[[noreturn]] void refuse(const std::string& origin, const std::string& message) {
  throw Error(ErrorCode::kInvalidData, message, origin);
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The header's text, checked to lie inside the file.
std::string_view find_header(std::span<const std::byte> bytes, const std::string& origin) {
  if (as_text(bytes).starts_with("version https://git-lfs.github.com")) {
    refuse(origin, "is a Git LFS pointer, not the weights; fetch them with: git lfs pull");
  }
  if (bytes.size() < kLengthBytes) {
    refuse(origin, fmt::format("has {} bytes, too few for a safetensors file; fetch it again",
                               bytes.size()));
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  }
  if (length > kLongestHeader) {
    refuse(origin,
           fmt::format("is not a safetensors file: its header would be {} bytes long", length));
  }
  if (length > bytes.size() - kLengthBytes) {
    refuse(origin,
           fmt::format("its header is {} bytes long, but only {} follow; the file is cut short, "
                       "fetch it again",
                       length, bytes.size() - kLengthBytes));
  }
  const auto header = as_text(bytes.subspan(kLengthBytes, static_cast<std::size_t>(length)));
  if (!header.starts_with('{')) {
    refuse(origin, "is not a safetensors file: its header does not begin with \"{\"");
  }
  return header;
}

std::string describe(const HeaderTensor& tensor) {
  return fmt::format("tensor {}", quote(tensor.name));
}

// Bytes that shape and type ask for; nothing where the number has no place in 64 bits or the
// packed elements do not fill their last byte.
std::optional<std::uint64_t> wanted_bytes(const HeaderTensor& tensor) {
  std::uint64_t count = 1;
  for (const auto size : tensor.shape) {
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count)) return {};
  }
  if (__builtin_mul_overflow(count, size_in_bits(tensor.type), &count)) return {};
  if (count % 8 != 0) return {};
  return count / 8;
}

// `start` is where the tensor before it ended.
void check_tensor(const HeaderTensor& tensor, std::uint64_t start, std::uint64_t data_size,
                  const std::string& origin) {
  const auto refuse_tensor = [&](const std::string& message) {
    refuse(origin, fmt::format("{}: {}", describe(tensor), message));
  };
  const auto offsets = fmt::format("data_offsets [{}, {}]", tensor.begin, tensor.end);
  if (tensor.end < tensor.begin) refuse_tensor(offsets + " end before they begin");
  if (tensor.begin < start) {
    refuse_tensor(fmt::format("{} overlap the tensor before it, which ends at {}", offsets, start));
  }
  if (tensor.begin > start) {
    refuse_tensor(fmt::format("{} leave a hole behind the tensor before it, which ends at {}",
                              offsets, start));
  }
  const auto wanted = wanted_bytes(tensor);
  const auto type_and_shape =
      fmt::format("{} of shape [{}]", to_string(tensor.type), fmt::join(tensor.shape, ", "));
  if (!wanted)
    refuse_tensor(fmt::format("{} is no whole number of bytes below 2^61", type_and_shape));
  if (*wanted != tensor.end - tensor.begin) {
    refuse_tensor(fmt::format("{} takes {} bytes, but {} span {}", type_and_shape, *wanted, offsets,
                              tensor.end - tensor.begin));
  }
  if (tensor.end > data_size) {
    refuse_tensor(
        fmt::format("{} lie beyond the file's {} bytes of data; the file is cut short, fetch it "
                    "again",
                    offsets, data_size));
  }
}

}  // namespace

std::string_view to_string(DataType type) { return row_of(type).name; }

std::size_t size_in_bits(DataType type) { return row_of(type).bits; }

std::optional<DataType> parse_data_type(std::string_view name) {
  for (const auto& row : kDataTypes) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

std::size_t TensorView::element_count() const { return data.size() * 8 / size_in_bits(type); }

TensorViews parse_safetensors(std::span<const std::byte> bytes, const std::string& origin) {
  const auto header = find_header(bytes, origin);
  auto entries = read_safetensors_header(header, origin);
  const auto data = bytes.subspan(kLengthBytes + header.size());
  std::stable_sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
    return std::tie(left.begin, left.end) < std::tie(right.begin, right.end);
  });

  TensorViews tensors;
  std::uint64_t start = 0;
  for (auto& entry : entries) {
    check_tensor(entry, start, data.size(), origin);
    start = entry.end;
    TensorView view{entry.type, std::move(entry.shape),
                    data.subspan(static_cast<std::size_t>(entry.begin),
                                 static_cast<std::size_t>(entry.end - entry.begin)),
                    origin, nullptr};
    if (!tensors.try_emplace(entry.name, std::move(view)).second) {
      refuse(origin, fmt::format("{} stands twice", describe(entry)));
    }
  }
  if (start != data.size()) {
    refuse(origin, fmt::format("the last {} bytes belong to no tensor; fetch the file again",
                               data.size() - start));
  }
  return tensors;
}

}  // namespace clipclap::checkpoint
