#include "model/blocks/window_attention.h"

#include <cmath>
#include <cstdint>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

#include "model/blocks/avx512.h"

namespace clipclap::model {
namespace {

using Index = std::int64_t;

constexpr Index kStates = 64;
constexpr Index kMostWidth = 32;

#ifdef CLIPCLAP_AVX512

/// Rows of a product at once: as many sums as registers hold.
constexpr Index kScoreRows = 4;
constexpr Index kMixRows = 8;
constexpr Index kScoreVectors = kStates / kLanes;
constexpr Index kMixVectors = kMostWidth / kLanes;

CLIPCLAP_AVX512_INLINE float widen(float value) { return value; }
CLIPCLAP_AVX512_INLINE float widen(std::uint16_t bfloat16) {
  return __builtin_bit_cast(float, std::uint32_t{bfloat16} << 16U);
}

CLIPCLAP_AVX512_INLINE void narrow(float value, float& target) { target = value; }
/// To the nearest, and of two to the even one.
CLIPCLAP_AVX512_INLINE void narrow(float value, std::uint16_t& target) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  constexpr std::uint32_t kQuiet = 0x7fc0;
  const auto rounded = (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
  target = static_cast<std::uint16_t>(value == value ? rounded : kQuiet);
}

/// One head of one window, as the products below read it.
struct alignas(64) Head {
  float queries[kStates][kMostWidth];  ///< by 1 / √width
  float keys[kMostWidth][kStates];     ///< turned
  float values[kStates][kMostWidth];   ///< with zeros behind the width
  float scores[kMixRows][kStates];     ///< of those under way
  float mixed[kStates][kMostWidth];
};

/// Of queries from `first` on.
CLIPCLAP_AVX512_INLINE void score_rows(Head& head, Index first, Index width, const float* bias,
                                       float (*scores)[kStates]) {
  Lanes sums[kScoreRows][kScoreVectors];
  for (Index row = 0; row < kScoreRows; ++row) {
    for (Index i = 0; i < kScoreVectors; ++i) {
      sums[row][i] = load(bias + (first + row) * kStates + i * kLanes);
    }
  }
  for (Index k = 0; k < width; ++k) {
    for (Index i = 0; i < kScoreVectors; ++i) {
      const Lanes keys = load(&head.keys[k][i * kLanes]);
      for (Index row = 0; row < kScoreRows; ++row) {
        sums[row][i] += head.queries[first + row][k] * keys;
      }
    }
  }
  for (Index row = 0; row < kScoreRows; ++row) {
    for (Index i = 0; i < kScoreVectors; ++i) {
      store(&scores[row][i * kLanes], sums[row][i]);
    }
  }
}

/// In place, without the division; gives the sum.
CLIPCLAP_AVX512_INLINE float soften(float* scores) {
  Lanes most = load(scores);
  for (Index i = 1; i < kScoreVectors; ++i) {
    const Lanes some = load(scores + i * kLanes);
    most = some > most ? some : most;
  }
  float peak = most[0];
  for (Index lane = 1; lane < kLanes; ++lane) peak = most[lane] > peak ? most[lane] : peak;
  Lanes sums = {};
  for (Index i = 0; i < kScoreVectors; ++i) {
    const Lanes some = exponential(load(scores + i * kLanes) - peak);
    store(scores + i * kLanes, some);
    sums += some;
  }
  float sum = 0;
  for (Index lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  return sum;
}

CLIPCLAP_AVX512_INLINE void mix_rows(Head& head, Index first, const float* sums) {
  Lanes mixed[kMixRows][kMixVectors] = {};
  for (Index state = 0; state < kStates; ++state) {
    for (Index i = 0; i < kMixVectors; ++i) {
      const Lanes values = load(&head.values[state][i * kLanes]);
      for (Index row = 0; row < kMixRows; ++row) {
        mixed[row][i] += head.scores[row][state] * values;
      }
    }
  }
  for (Index row = 0; row < kMixRows; ++row) {
    for (Index i = 0; i < kMixVectors; ++i) {
      store(&head.mixed[first + row][i * kLanes], mixed[row][i] * (1 / sums[row]));
    }
  }
}

CLIPCLAP_AVX512 void attend(Head& head, Index width, const float* bias) {
  for (Index row = 0; row < kStates; row += kMixRows) {
    for (Index i = 0; i < kMixRows; i += kScoreRows) {
      score_rows(head, row + i, width, bias, head.scores + i);
    }
    float sums[kMixRows];
    for (Index i = 0; i < kMixRows; ++i) sums[i] = soften(head.scores[i]);
    mix_rows(head, row, sums);
  }
}

/// `rows` is the head's query of the grid's first state, `places` where the window's states stand;
/// rows of queries, keys and values are 3 · `model_width` apart.
template <typename Value>
CLIPCLAP_AVX512 void read_head(Head& head, const Value* rows, const Index* places, Index width,
                               Index model_width) {
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  for (Index state = 0; state < kStates; ++state) {
    const Value* __restrict query = rows + places[state] * 3 * model_width;
    const Value* __restrict key = query + model_width;
    const Value* __restrict value = key + model_width;
    for (Index i = 0; i < width; ++i) head.queries[state][i] = scale * widen(query[i]);
    for (Index i = 0; i < width; ++i) head.values[state][i] = widen(value[i]);
    for (Index i = 0; i < width; ++i) head.keys[i][state] = widen(key[i]);
  }
}

template <typename Value>
CLIPCLAP_AVX512 void write_head(const Head& head, Value* rows, const Index* places, Index width,
                                Index model_width) {
  for (Index state = 0; state < kStates; ++state) {
    Value* __restrict row = rows + places[state] * model_width;
    for (Index i = 0; i < width; ++i) narrow(head.mixed[state][i], row[i]);
  }
}

template <typename Value>
void attend_all(const Value* input, Index batch, Index head_count, Index width,
                const WindowGrid& grid, const at::Tensor& bias, Value* output) {
  const auto model_width = head_count * width;
  const auto windows = grid.window_count();
  const auto groups = bias.size(0);
  const auto* places = grid.places().const_data_ptr<Index>();
  const auto* biases = bias.const_data_ptr<float>();
  at::parallel_for(0, batch * windows * head_count, 16, [&](std::int64_t begin, std::int64_t end) {
    Head head{};
    for (auto i = begin; i < end; ++i) {
      const auto number = i % head_count;
      const auto window = i / head_count % windows;
      const auto first_row = i / head_count / windows * windows * kStates;
      const auto* standing = places + window * kStates;
      const auto* scored = biases + ((window % groups) * head_count + number) * kStates * kStates;
      read_head(head, input + first_row * 3 * model_width + number * width, standing, width,
                model_width);
      attend(head, width, scored);
      write_head(head, output + first_row * model_width + number * width, standing, width,
                 model_width);
    }
  });
}

#endif

}  // namespace

bool suits_windows(const at::Tensor& states, std::int64_t head_count, const WindowGrid& grid,
                   const at::Tensor& bias) {
  static const bool processor = has_avx512();
  const auto type = states.scalar_type();
  const auto is_readable = [](const at::Tensor& tensor) {
    return tensor.device().is_cpu() && tensor.is_contiguous();
  };
  return processor && grid.is_even() && grid.states_a_window() == kStates && bias.defined() &&
         is_readable(states) && (type == at::kFloat || type == at::kBFloat16) &&
         states.size(2) <= head_count * kMostWidth && is_readable(bias) &&
         bias.scalar_type() == at::kFloat && bias.dim() == 4 && bias.size(1) == head_count &&
         bias.size(2) == kStates && bias.size(3) == kStates &&
         grid.window_count() % bias.size(0) == 0;
}

at::Tensor attend_in_windows(const at::Tensor& query_key_value, std::int64_t head_count,
                             const WindowGrid& grid, const at::Tensor& bias) {
  const auto batch = query_key_value.size(0);
  const auto model_width = query_key_value.size(2) / 3;
  auto output = at::empty({batch, query_key_value.size(1), model_width}, query_key_value.options());
#ifdef CLIPCLAP_AVX512
  const auto width = model_width / head_count;
  if (query_key_value.scalar_type() == at::kFloat) {
    attend_all(query_key_value.const_data_ptr<float>(), batch, head_count, width, grid, bias,
               output.mutable_data_ptr<float>());
  } else {
    attend_all(static_cast<const std::uint16_t*>(query_key_value.const_data_ptr()), batch,
               head_count, width, grid, bias,
               static_cast<std::uint16_t*>(output.mutable_data_ptr()));
  }
  return output;
#else
  TORCH_INTERNAL_ASSERT(false, "suits_windows() was not asked");
#endif
}

}  // namespace clipclap::model
