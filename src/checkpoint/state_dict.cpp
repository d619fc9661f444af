#include "checkpoint/state_dict.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/pickle.h"
#include "checkpoint/quote.h"
#include "checkpoint/zip_archive.h"

namespace clipclap::checkpoint {
namespace {

using Kind = PickledValue::Kind;
using Entries = std::map<std::string, std::span<const std::byte>, std::less<>>;

constexpr std::string_view kPickle = "/data.pkl";
constexpr std::size_t kMostCopies = 8;  ///< of the whole file

[[noreturn]] void refuse(const std::string& origin, const std::string& message,
                         ErrorCode code = ErrorCode::kInvalidData) {
  throw Error(code, message, origin);
}

// torch.save puts everything into one folder, named after the file.
std::string find_folder(const Entries& entries, const std::string& origin) {
  for (const auto& [name, bytes] : entries) {
    if (name.ends_with(kPickle)) return name.substr(0, name.size() - kPickle.size());
  }
  refuse(origin, "is a zip archive, but none that torch.save wrote: it has no data.pkl");
}

void require_little_endian(const Entries& entries, const std::string& folder,
                           const std::string& origin) {
  const auto found = entries.find(folder + "/byteorder");
  if (found == entries.end()) return;
  const std::string_view order{reinterpret_cast<const char*>(found->second.data()),
                               found->second.size()};
  if (order != "little") {
    refuse(origin, "was written on a big-endian machine", ErrorCode::kUnsupported);
  }
}

/// Turns the pickle's tensors into views of the archive's entries.
class TensorReader {
 public:
  /// `file_size` in bytes bounds what is copied.
  TensorReader(const Entries& entries, std::string folder, const std::string& origin,
               std::size_t file_size)
      : entries_(entries),
        folder_(std::move(folder)),
        origin_(origin),
        copies_left_(kMostCopies * file_size) {}

  TensorView read(const std::string& name, const PickledTensor& tensor) {
    const auto storage = find_storage(name, tensor);
    const auto element = size_in_bits(tensor.type) / 8;
    const auto count = count_elements(name, tensor);
    TensorView view{tensor.type, tensor.shape, {}, origin_, nullptr};
    const auto start = static_cast<std::size_t>(tensor.offset) * element;
    if (count == 0) return view;
    if (is_row_major(tensor)) {
      view.data = storage.subspan(start, count * element);
    } else {
      // A small pickle could name one storage ever so often.
      if (count * element > copies_left_) {
        refuse(origin_, fmt::format("tensor {} and others before it are not stored row by row, and "
                                    "their copies would fill {} times the file",
                                    quote(name), kMostCopies));
      }
      copies_left_ -= count * element;
      view.copy = gather(storage.subspan(start), tensor, count, element);
      view.data = *view.copy;
    }
    return view;
  }

 private:
  std::span<const std::byte> find_storage(const std::string& name,
                                          const PickledTensor& tensor) const {
    const auto found = entries_.find(fmt::format("{}/data/{}", folder_, tensor.storage));
    const auto element = size_in_bits(tensor.type) / 8;
    if (found == entries_.end() || found->second.size() / element < tensor.storage_count) {
      refuse(origin_, fmt::format("the numbers of tensor {} are not in the file; fetch it again",
                                  quote(name)));
    }
    return found->second.first(static_cast<std::size_t>(tensor.storage_count) * element);
  }

  // Throws unless every element lies inside the storage, which bounds the work too.
  std::size_t count_elements(const std::string& name, const PickledTensor& tensor) const {
    std::uint64_t count = 1;
    std::uint64_t last = tensor.offset;
    bool fits = true;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      const auto size = static_cast<std::uint64_t>(tensor.shape[i]);
      const auto stride = static_cast<std::uint64_t>(tensor.strides[i]);
      std::uint64_t reach = 0;
      fits = fits && !__builtin_mul_overflow(count, size, &count) &&
             !__builtin_mul_overflow(size == 0 ? 0 : size - 1, stride, &reach) &&
             !__builtin_add_overflow(last, reach, &last);
    }
    fits = fits && (count == 0 || (last < tensor.storage_count && count <= tensor.storage_count));
    if (!fits) {
      refuse(origin_,
             fmt::format("tensor {} of shape [{}] does not fit into the {} numbers that "
                         "are stored for it",
                         quote(name), fmt::join(tensor.shape, ", "), tensor.storage_count));
    }
    return static_cast<std::size_t>(count);
  }

  static bool is_row_major(const PickledTensor& tensor) {
    std::int64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
      if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
      expected *= tensor.shape[i];
    }
    return true;
  }

  // The elements row by row: transposed weights are stored as they were before.
  static std::shared_ptr<const std::vector<std::byte>> gather(std::span<const std::byte> storage,
                                                              const PickledTensor& tensor,
                                                              std::size_t count,
                                                              std::size_t element) {
    auto rows = std::make_shared<std::vector<std::byte>>(count * element);
    std::vector<std::int64_t> index(tensor.shape.size(), 0);
    for (std::size_t i = 0; i < count; ++i) {
      const auto place =
          std::inner_product(index.begin(), index.end(), tensor.strides.begin(), std::int64_t{0});
      std::memcpy(rows->data() + i * element,
                  storage.data() + static_cast<std::size_t>(place) * element, element);
      for (std::size_t axis = index.size(); axis-- > 0;) {
        if (++index[axis] < tensor.shape[axis]) break;
        index[axis] = 0;
      }
    }
    return rows;
  }

  const Entries& entries_;
  std::string folder_;
  const std::string& origin_;
  std::size_t copies_left_;
};

using NamedTensors = std::vector<std::pair<std::string, const PickledTensor*>>;

const PickledValue* find_key(const PickledDocument& document, const PickledValue& dict,
                             std::string_view key) {
  const auto& values = document.containers[dict.index];
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
    if (values[i].kind == Kind::kText && values[i].text == key) return &values[i + 1];
  }
  return nullptr;
}

// The dict that holds the tensors: the document's own, or one inside a training run's checkpoint.
PickledValue find_state_dict(const PickledDocument& document, const std::string& origin) {
  if (document.root.kind != Kind::kDict) {
    refuse(origin, "holds no state dict: its pickle is not a dictionary");
  }
  for (const std::string_view key : {"model", "state_dict"}) {
    const auto* inner = find_key(document, document.root, key);
    if (inner != nullptr && inner->kind == Kind::kDict) return *inner;
  }
  return document.root;
}

NamedTensors list_tensors(const PickledDocument& document, const std::string& origin) {
  const auto& values = document.containers[find_state_dict(document, origin).index];
  NamedTensors tensors;
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
    if (values[i].kind != Kind::kText || values[i + 1].kind != Kind::kTensor) continue;
    tensors.emplace_back(values[i].text, &document.tensors[values[i + 1].index]);
  }
  if (tensors.empty()) refuse(origin, "holds no state dict: no tensor stands under a name");
  return tensors;
}

// What torch.nn.DataParallel puts before every name.
void drop_module_prefix(NamedTensors& tensors) {
  constexpr std::string_view kPrefix = "module.";
  if (!std::all_of(tensors.begin(), tensors.end(),
                   [&](const auto& tensor) { return tensor.first.starts_with(kPrefix); })) {
    return;
  }
  for (auto& [name, tensor] : tensors) name.erase(0, kPrefix.size());
}

}  // namespace

TensorViews parse_state_dict(std::span<const std::byte> bytes, const std::string& origin) {
  if (!is_zip_archive(bytes)) {
    refuse(origin,
           "is not in the zip format that torch.save writes since PyTorch 1.6; write it anew in "
           "Python with torch.save(torch.load(name, weights_only=True), name)",
           ErrorCode::kUnsupported);
  }
  const auto entries = read_zip_archive(bytes, origin);
  const auto folder = find_folder(entries, origin);
  require_little_endian(entries, folder, origin);
  const auto document = read_pickle(entries.at(folder + std::string(kPickle)), origin);
  auto tensors = list_tensors(document, origin);
  drop_module_prefix(tensors);

  TensorViews views;
  TensorReader reader(entries, folder, origin, bytes.size());
  for (const auto& [name, tensor] : tensors) {
    if (!views.try_emplace(name, reader.read(name, *tensor)).second) {
      refuse(origin, fmt::format("tensor {} stands twice", quote(name)));
    }
  }
  return views;
}

}  // namespace clipclap::checkpoint
