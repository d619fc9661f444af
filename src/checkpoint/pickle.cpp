#include "checkpoint/pickle.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "checkpoint/little_endian.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

using Kind = PickledValue::Kind;
using Values = std::vector<PickledValue>;

enum class Callable { kOrderedDict, kTensor, kParameter, kStorageType };

/// Everything that a pickle may name.
struct Global {
  std::string_view name;
  Callable callable;
  DataType type = DataType::kFloat32;  ///< of a storage
};

constexpr Global kGlobals[] = {
    {"collections OrderedDict", Callable::kOrderedDict},
    {"torch._utils _rebuild_tensor_v2", Callable::kTensor},
    {"torch._utils _rebuild_parameter", Callable::kParameter},
    {"torch FloatStorage", Callable::kStorageType, DataType::kFloat32},
    {"torch DoubleStorage", Callable::kStorageType, DataType::kFloat64},
    {"torch HalfStorage", Callable::kStorageType, DataType::kFloat16},
    {"torch BFloat16Storage", Callable::kStorageType, DataType::kBfloat16},
    {"torch LongStorage", Callable::kStorageType, DataType::kInt64},
    {"torch IntStorage", Callable::kStorageType, DataType::kInt32},
    {"torch ShortStorage", Callable::kStorageType, DataType::kInt16},
    {"torch CharStorage", Callable::kStorageType, DataType::kInt8},
    {"torch ByteStorage", Callable::kStorageType, DataType::kUint8},
    {"torch BoolStorage", Callable::kStorageType, DataType::kBool},
};

class Interpreter {
 public:
  Interpreter(std::span<const std::byte> bytes, const std::string& origin)
      : bytes_(bytes), origin_(origin) {}

  PickledDocument run() {
    constexpr char kStop = '.';
    for (char code = opcode(); code != kStop; code = opcode()) step(code);
    document_.root = pop();
    return std::move(document_);
  }

 private:
  [[noreturn]] void refuse(const std::string& message,
                           ErrorCode code = ErrorCode::kInvalidData) const {
    throw Error(code, message, origin_);
  }
  void require(bool holds) const {
    if (!holds) refuse("its pickle is broken; fetch the file again");
  }

  template <typename Number>
  Number number() {
    const auto found = read_number<Number>(bytes_, place_);
    require(found.has_value());
    place_ += sizeof(Number);
    return *found;
  }
  char opcode() { return static_cast<char>(number<std::uint8_t>()); }

  std::string_view text(std::size_t size) {
    const auto found = read_bytes(bytes_, place_, size);
    require(found.has_value());
    place_ += size;
    return {reinterpret_cast<const char*>(found->data()), size};
  }

  // "module\nname\n".
  void push_global() {
    const std::string_view rest{reinterpret_cast<const char*>(bytes_.data()) + place_,
                                bytes_.size() - place_};
    const auto module_end = rest.find('\n');
    const auto end = module_end == rest.npos ? rest.npos : rest.find('\n', module_end + 1);
    require(end != rest.npos);
    place_ += end + 1;
    const auto name = fmt::format("{} {}", rest.substr(0, module_end),
                                  rest.substr(module_end + 1, end - module_end - 1));
    const auto* found = std::find_if(std::begin(kGlobals), std::end(kGlobals),
                                     [&](const Global& row) { return row.name == name; });
    if (found == std::end(kGlobals)) {
      refuse(fmt::format("its pickle names {}, which no state dict needs; such a pickle can run "
                         "code, so it is not read. Save the state dict alone: as safetensors, or "
                         "with torch.save(model.state_dict(), …)",
                         quote(name)),
             ErrorCode::kUnsupported);
    }
    push({.kind = Kind::kGlobal, .index = static_cast<std::size_t>(found - std::begin(kGlobals))});
  }

  void push(PickledValue value) { stack_.push_back(value); }
  void push_integer(std::int64_t value) { push({.kind = Kind::kInteger, .integer = value}); }
  void push_text() { push({.kind = Kind::kText, .text = text(number<std::uint32_t>())}); }

  PickledValue pop() {
    // What lies below a mark belongs to those who set it.
    require(!stack_.empty() && (marks_.empty() || stack_.size() > marks_.back()));
    const auto value = stack_.back();
    stack_.pop_back();
    return value;
  }

  PickledValue pop(Kind kind) {
    const auto value = pop();
    require(value.kind == kind);
    return value;
  }

  Values pop_to_mark() {
    require(!marks_.empty());
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    Values values(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return values;
  }

  Values pop_several(std::size_t count) {
    Values values(count);
    std::generate(values.rbegin(), values.rend(), [this] { return pop(); });
    return values;
  }

  void push_container(Kind kind, Values values = {}) {
    push({.kind = kind, .index = document_.containers.size()});
    document_.containers.push_back(std::move(values));
  }

  const Values& container(const PickledValue& value) const {
    return document_.containers[value.index];
  }

  void extend(Kind kind, const Values& values) {
    require(!stack_.empty() && stack_.back().kind == kind);
    require(kind == Kind::kList || values.size() % 2 == 0);
    auto& target = document_.containers[stack_.back().index];
    target.insert(target.end(), values.begin(), values.end());
  }

  void put(std::uint32_t place) {
    require(!stack_.empty());
    memo_[place] = stack_.back();
  }

  void get(std::uint32_t place) {
    const auto found = memo_.find(place);
    require(found != memo_.end());
    push(found->second);
  }

  // LONG1: so many bytes, the lowest first.
  void push_long() {
    const auto size = number<std::uint8_t>();
    require(size <= sizeof(std::int64_t));
    if (size == 0) return push_integer(0);
    std::uint64_t value = 0;
    for (int shift = 0; shift < 8 * size; shift += 8) {
      value |= std::uint64_t{number<std::uint8_t>()} << shift;
    }
    const int unused = 64 - 8 * size;
    push_integer(static_cast<std::int64_t>(value << unused) >> unused);  // with its sign
  }

  std::int64_t integer(const PickledValue& value) const {
    require(value.kind == Kind::kInteger && value.integer >= 0);
    return value.integer;
  }

  std::vector<std::int64_t> integers(const PickledValue& tuple) const {
    constexpr std::size_t kMostDimensions = 64;  // PyTorch's own limit
    require(tuple.kind == Kind::kTuple && container(tuple).size() <= kMostDimensions);
    std::vector<std::int64_t> result;
    for (const auto& value : container(tuple)) result.push_back(integer(value));
    return result;
  }

  // ("storage", type, entry, device, count): torch/serialization.py, persistent_id.
  void push_storage() {
    const auto& values = container(pop(Kind::kTuple));
    require(values.size() == 5 && values[0].text == "storage" && values[1].kind == Kind::kGlobal &&
            values[2].kind == Kind::kText);
    const auto& type = kGlobals[values[1].index];
    require(type.callable == Callable::kStorageType);
    PickledTensor storage;
    storage.type = type.type;
    storage.storage = values[2].text;
    storage.storage_count = static_cast<std::uint64_t>(integer(values[4]));
    push({.kind = Kind::kStorage, .index = document_.tensors.size()});
    document_.tensors.push_back(std::move(storage));
  }

  // (storage, offset, size, stride, …): torch/_utils.py, _rebuild_tensor_v2.
  void push_tensor(const Values& arguments) {
    require(arguments.size() >= 4 && arguments[0].kind == Kind::kStorage);
    auto tensor = document_.tensors[arguments[0].index];
    tensor.offset = static_cast<std::uint64_t>(integer(arguments[1]));
    tensor.shape = integers(arguments[2]);
    tensor.strides = integers(arguments[3]);
    require(tensor.shape.size() == tensor.strides.size());
    push({.kind = Kind::kTensor, .index = document_.tensors.size()});
    document_.tensors.push_back(std::move(tensor));
  }

  void call() {
    const auto& arguments = container(pop(Kind::kTuple));
    const auto callable = kGlobals[pop(Kind::kGlobal).index].callable;
    if (callable == Callable::kTensor) return push_tensor(arguments);
    if (callable == Callable::kParameter) {
      require(!arguments.empty() && arguments[0].kind == Kind::kTensor);
      return push(arguments[0]);
    }
    require(callable == Callable::kOrderedDict && arguments.empty());
    push_container(Kind::kDict);
  }

  // Attributes of an OrderedDict: versions of modules, which nobody asks for.
  void drop_attributes() {
    pop();
    require(!stack_.empty() && stack_.back().kind == Kind::kDict);
  }

  struct Opcode {
    char code;
    void (*run)(Interpreter& self);
  };
  static const Opcode kOpcodes[];

  void step(char code);

  std::span<const std::byte> bytes_;
  const std::string& origin_;
  std::size_t place_ = 0;
  Values stack_;
  std::vector<std::size_t> marks_;  ///< heights of the stack
  std::unordered_map<std::uint32_t, PickledValue> memo_;
  PickledDocument document_;
};

// Named as CPython's Lib/pickletools.py does.
const Interpreter::Opcode Interpreter::kOpcodes[] = {
    {'\x80', [](Interpreter& self) { self.number<std::uint8_t>(); }},                   // PROTO
    {'N', [](Interpreter& self) { self.push({}); }},                                    // NONE
    {'\x88', [](Interpreter& self) { self.push({}); }},                                 // NEWTRUE
    {'\x89', [](Interpreter& self) { self.push({}); }},                                 // NEWFALSE
    {'G', [](Interpreter& self) { self.number<double>(), self.push({}); }},             // BINFLOAT
    {'J', [](Interpreter& self) { self.push_integer(self.number<std::int32_t>()); }},   // BININT
    {'K', [](Interpreter& self) { self.push_integer(self.number<std::uint8_t>()); }},   // BININT1
    {'M', [](Interpreter& self) { self.push_integer(self.number<std::uint16_t>()); }},  // BININT2
    {'\x8a', [](Interpreter& self) { self.push_long(); }},                              // LONG1
    {'X', [](Interpreter& self) { self.push_text(); }},                           // BINUNICODE
    {'c', [](Interpreter& self) { self.push_global(); }},                         // GLOBAL
    {'q', [](Interpreter& self) { self.put(self.number<std::uint8_t>()); }},      // BINPUT
    {'r', [](Interpreter& self) { self.put(self.number<std::uint32_t>()); }},     // LONG_BINPUT
    {'h', [](Interpreter& self) { self.get(self.number<std::uint8_t>()); }},      // BINGET
    {'j', [](Interpreter& self) { self.get(self.number<std::uint32_t>()); }},     // LONG_BINGET
    {'(', [](Interpreter& self) { self.marks_.push_back(self.stack_.size()); }},  // MARK
    {'}', [](Interpreter& self) { self.push_container(Kind::kDict); }},           // EMPTY_DICT
    {']', [](Interpreter& self) { self.push_container(Kind::kList); }},           // EMPTY_LIST
    {')', [](Interpreter& self) { self.push_container(Kind::kTuple); }},          // EMPTY_TUPLE
    {'t',
     [](Interpreter& self) { self.push_container(Kind::kTuple, self.pop_to_mark()); }},  // TUPLE
    {'\x85',
     [](Interpreter& self) { self.push_container(Kind::kTuple, self.pop_several(1)); }},  // TUPLE1
    {'\x86',
     [](Interpreter& self) { self.push_container(Kind::kTuple, self.pop_several(2)); }},  // TUPLE2
    {'\x87',
     [](Interpreter& self) { self.push_container(Kind::kTuple, self.pop_several(3)); }},  // TUPLE3
    {'a', [](Interpreter& self) { self.extend(Kind::kList, self.pop_several(1)); }},      // APPEND
    {'e', [](Interpreter& self) { self.extend(Kind::kList, self.pop_to_mark()); }},       // APPENDS
    {'s', [](Interpreter& self) { self.extend(Kind::kDict, self.pop_several(2)); }},      // SETITEM
    {'u', [](Interpreter& self) { self.extend(Kind::kDict, self.pop_to_mark()); }},  // SETITEMS
    {'Q', [](Interpreter& self) { self.push_storage(); }},                           // BINPERSID
    {'R', [](Interpreter& self) { self.call(); }},                                   // REDUCE
    {'b', [](Interpreter& self) { self.drop_attributes(); }},                        // BUILD
};

void Interpreter::step(char code) {
  for (const auto& opcode : kOpcodes) {
    if (opcode.code == code) return opcode.run(*this);
  }
  refuse(
      fmt::format("its pickle has the opcode 0x{:02x}, which torch.save does not write by itself "
                  "(protocol 2)",
                  static_cast<unsigned char>(code)),
      ErrorCode::kUnsupported);
}

}  // namespace

PickledDocument read_pickle(std::span<const std::byte> bytes, const std::string& origin) {
  return Interpreter(bytes, origin).run();
}

}  // namespace clipclap::checkpoint
