#include "model/blocks/tile_attention.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/cpu/Utils.h>
#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

#include "model/blocks/avx512.h"

#ifdef CLIPCLAP_AVX512
#include <immintrin.h>

#define CLIPCLAP_AMX_FEATURES CLIPCLAP_AVX512_FEATURES ",avx512bf16,amx-tile,amx-bf16"
#define CLIPCLAP_AMX __attribute__((target(CLIPCLAP_AMX_FEATURES)))
#define CLIPCLAP_AMX_INLINE __attribute__((target(CLIPCLAP_AMX_FEATURES), always_inline)) inline
#endif

namespace clipclap::model {
namespace {

using Index = std::int64_t;

constexpr Index kWidth = 64;

#ifdef CLIPCLAP_AVX512

using Bfloat16 = std::uint16_t;

/// A tile (Intel, Architecture Instruction Set Extensions, chapter 3): 16 rows of 64 bytes. A
/// product's right side has two rows of numbers in one of the tile's, in turns. Tiles 0 to 3 are
/// sums, 4 and 5 left sides, 6 and 7 right ones: the compiler wants them as literals.
constexpr Index kTileRows = 16;
constexpr Index kRowBytes = 64;
constexpr Index kDepth = 32;  ///< bfloat16 numbers in a row
constexpr Index kTileNumbers = kTileRows * kDepth;

struct alignas(64) TileConfig {
  TileConfig() {
    for (int tile = 0; tile < 8; ++tile) {
      row_bytes[tile] = kRowBytes;
      rows[tile] = kTileRows;
    }
  }

  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfig) == 64);

/// Zeros at first, where a cache line begins.
template <typename Number>
class Numbers {
 public:
  explicit Numbers(Index count) : rows_(static_cast<std::size_t>(count) / kInARow) {}

  Number* data() { return reinterpret_cast<Number*>(rows_.data()); }

 private:
  static constexpr std::size_t kInARow = kRowBytes / sizeof(Number);
  struct alignas(kRowBytes) Row {
    Number numbers[kInARow];
  };
  std::vector<Row> rows_;
};

/// One head, with zeros behind its tokens until tiles are full.
struct Head {
  explicit Head(Index tokens)
      : tokens(tokens),
        padded((tokens + kDepth - 1) / kDepth * kDepth),
        queries(padded * kWidth),
        keys(padded * kWidth),
        values(padded * kWidth),
        scores(kTileRows * padded),
        weights(kTileRows * padded),
        mixed(kTileRows * kWidth) {}

  Index tokens;
  Index padded;
  Numbers<Bfloat16> queries;  ///< [padded, width]
  Numbers<Bfloat16> keys;     ///< right sides: two for every 16 tokens
  Numbers<Bfloat16> values;   ///< right sides: four for every 32 tokens
  Numbers<float> scores;      ///< of 16 queries, [16, padded]
  Numbers<Bfloat16> weights;  ///< their exponentials
  Numbers<float> mixed;       ///< [16, width]
};

/// The compiler does not know what tiles read, and would write it when it likes.
CLIPCLAP_AMX_INLINE void write_before_tiles() { __asm__ volatile("" ::: "memory"); }

/// Of a row from `first` on, those that are tokens.
CLIPCLAP_AMX_INLINE __mmask16 tokens_from(Index first, Index tokens) {
  return static_cast<__mmask16>((1U << std::min(kLanes, tokens - first)) - 1);
}

CLIPCLAP_AMX_INLINE void write(Lanes lanes, float* to) { store(to, lanes); }
CLIPCLAP_AMX_INLINE void write(Lanes lanes, Bfloat16* to) {
  const auto narrowed = _mm512_cvtneps_pbh((__m512)lanes);
  std::memcpy(to, &narrowed, sizeof narrowed);
}

CLIPCLAP_AMX_INLINE void copy_row(const Bfloat16* from, Bfloat16* to) {
  std::memcpy(to, from, kWidth * sizeof *to);
}
CLIPCLAP_AMX_INLINE void copy_row(const float* from, Bfloat16* to) {
  for (Index i = 0; i < kWidth; i += kLanes) write(load(from + i), to + i);
}

/// rows[i][j] becomes rows[j][i].
CLIPCLAP_AMX_INLINE void turn(__m512i (&rows)[kTileRows]) {
  __m512i turned[kTileRows];
  for (int i = 0; i < 16; i += 2) {
    turned[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    turned[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int half = 0; half < 2; ++half) {
      rows[i + 2 * half] = _mm512_unpacklo_epi64(turned[i + half], turned[i + half + 2]);
      rows[i + 2 * half + 1] = _mm512_unpackhi_epi64(turned[i + half], turned[i + half + 2]);
    }
  }
  for (int i = 0; i < 16; i += 8) {
    for (int j = 0; j < 4; ++j) {
      turned[i + j] = _mm512_shuffle_i32x4(rows[i + j], rows[i + j + 4], 0x88);
      turned[i + j + 4] = _mm512_shuffle_i32x4(rows[i + j], rows[i + j + 4], 0xdd);
    }
  }
  for (int j = 0; j < 8; ++j) {
    rows[j] = _mm512_shuffle_i32x4(turned[j], turned[j + 8], 0x88);
    rows[j + 8] = _mm512_shuffle_i32x4(turned[j], turned[j + 8], 0xdd);
  }
}

/// Sixteen keys, [16, width]: turned, so that pairs of their numbers stand side by side.
CLIPCLAP_AMX_INLINE void pack_keys(const Bfloat16* from, Bfloat16* to) {
  for (Index part = 0; part < kWidth; part += kDepth) {
    __m512i rows[kTileRows];
    for (Index i = 0; i < kTileRows; ++i) {
      rows[i] = _mm512_loadu_si512(from + i * kWidth + part);
    }
    turn(rows);
    for (const auto& row : rows) {
      _mm512_storeu_si512(to, row);
      to += kDepth;
    }
  }
}

/// Of the values of two tokens side by side, [2, width], their row in each of four tiles.
CLIPCLAP_AMX_INLINE void pack_values(const Bfloat16* pair, Bfloat16* to) {
  for (Index i = 0; i < kWidth; i += kLanes) {
    const auto* even = reinterpret_cast<const __m256i*>(pair + i);
    const auto* odd = reinterpret_cast<const __m256i*>(pair + kWidth + i);
    const auto low = _mm512_cvtepu16_epi32(_mm256_loadu_si256(even));
    const auto high = _mm512_cvtepu16_epi32(_mm256_loadu_si256(odd));
    _mm512_storeu_si512(to, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    to += kTileNumbers;
  }
}

/// `rows` is the head's query of the first token; tokens are 3 · `model_width` apart.
template <typename Value>
CLIPCLAP_AMX void read_head(Head& head, const Value* rows, Index model_width) {
  const auto stride = 3 * model_width;
  Bfloat16 keys[kTileRows * kWidth];
  Bfloat16 values[2 * kWidth];
  for (Index token = 0; token < head.padded; ++token) {
    auto* key = keys + token % kTileRows * kWidth;
    auto* value = values + token % 2 * kWidth;
    if (token < head.tokens) {
      const auto* query = rows + token * stride;
      copy_row(query, head.queries.data() + token * kWidth);
      copy_row(query + model_width, key);
      copy_row(query + 2 * model_width, value);
    } else {
      std::memset(key, 0, kWidth * sizeof *key);
      std::memset(value, 0, kWidth * sizeof *value);
    }
    if (token % kTileRows == kTileRows - 1) {
      pack_keys(keys, head.keys.data() + (token + 1 - kTileRows) * kWidth);
    }
    if (token % 2 == 1) {
      const auto row = token % kDepth / 2 * kDepth;
      pack_values(values, head.values.data() + token / kDepth * kDepth * kWidth + row);
    }
  }
}

/// Of 16 queries from `first` on with all keys.
CLIPCLAP_AMX void score(Head& head, Index first) {
  write_before_tiles();
  const auto* queries = head.queries.data() + first * kWidth;
  const auto* keys = head.keys.data();
  _tile_loadd(4, queries, kWidth * sizeof *queries);
  _tile_loadd(5, queries + kDepth, kWidth * sizeof *queries);
  for (Index key = 0; key < head.padded; key += kDepth) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_loadd(6, keys, kRowBytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, keys + 2 * kTileNumbers, kRowBytes);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(6, keys + kTileNumbers, kRowBytes);
    _tile_dpbf16ps(0, 5, 6);
    _tile_loadd(7, keys + 3 * kTileNumbers, kRowBytes);
    _tile_dpbf16ps(1, 5, 7);
    keys += 4 * kTileNumbers;
    auto* scores = head.scores.data() + key;
    _tile_stored(0, scores, head.padded * sizeof *scores);
    _tile_stored(1, scores + kTileRows, head.padded * sizeof *scores);
  }
}

/// Of a query's scores by 1 / √width, less the greatest, their exponentials; gives the sum.
CLIPCLAP_AMX_INLINE float soften(const Head& head, const float* scores, Bfloat16* weights) {
  constexpr float kScale = 1.0F / 8;
  const auto none = _mm512_set1_ps(-std::numeric_limits<float>::max());
  auto most = none;
  for (Index i = 0; i < head.tokens; i += kLanes) {
    most = _mm512_mask_max_ps(most, tokens_from(i, head.tokens), most, _mm512_loadu_ps(scores + i));
  }
  const float peak = _mm512_reduce_max_ps(most) * kScale;
  Lanes sums = {};
  for (Index i = 0; i < head.tokens; i += kLanes) {
    const auto scaled = (__m512)exponential(load(scores + i) * kScale - peak);
    const auto some = (Lanes)_mm512_maskz_mov_ps(tokens_from(i, head.tokens), scaled);
    write(some, weights + i);
    sums += some;
  }
  return _mm512_reduce_add_ps((__m512)sums);
}

CLIPCLAP_AMX void mix(Head& head) {
  write_before_tiles();
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  const auto* values = head.values.data();
  for (Index token = 0; token < head.padded; token += kDepth) {
    _tile_loadd(4, head.weights.data() + token, head.padded * sizeof(Bfloat16));
    _tile_loadd(6, values, kRowBytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, values + kTileNumbers, kRowBytes);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(6, values + 2 * kTileNumbers, kRowBytes);
    _tile_dpbf16ps(2, 4, 6);
    _tile_loadd(7, values + 3 * kTileNumbers, kRowBytes);
    _tile_dpbf16ps(3, 4, 7);
    values += 4 * kTileNumbers;
  }
  auto* mixed = head.mixed.data();
  _tile_stored(0, mixed, kWidth * sizeof *mixed);
  _tile_stored(1, mixed + kTileRows, kWidth * sizeof *mixed);
  _tile_stored(2, mixed + 2 * kTileRows, kWidth * sizeof *mixed);
  _tile_stored(3, mixed + 3 * kTileRows, kWidth * sizeof *mixed);
}

/// `rows` is the head's part of the first token's row; rows are `model_width` apart.
template <typename Value>
CLIPCLAP_AMX void attend(Head& head, Value* rows, Index model_width) {
  for (Index first = 0; first < head.tokens; first += kTileRows) {
    const auto count = std::min(kTileRows, head.tokens - first);
    float sums[kTileRows];
    score(head, first);
    for (Index i = 0; i < count; ++i) {
      const auto place = i * head.padded;
      sums[i] = soften(head, head.scores.data() + place, head.weights.data() + place);
    }
    mix(head);
    for (Index i = 0; i < count; ++i) {
      const auto* mixed = head.mixed.data() + i * kWidth;
      auto* row = rows + (first + i) * model_width;
      for (Index j = 0; j < kWidth; j += kLanes) {
        write(load(mixed + j) * (1 / sums[i]), row + j);
      }
    }
  }
}

template <typename Value>
CLIPCLAP_AMX void attend_some(const Value* input, Value* output, Index tokens, Index head_count,
                              Index begin, Index end) {
  const auto model_width = head_count * kWidth;
  const TileConfig config;
  Head head(tokens);
  write_before_tiles();
  _tile_loadconfig(&config);
  for (auto i = begin; i < end; ++i) {
    const auto row = i / head_count * tokens * model_width;
    const auto place = i % head_count * kWidth;
    read_head(head, input + 3 * row + place, model_width);
    attend(head, output + row + place, model_width);
  }
  _tile_release();
}

template <typename Value>
void attend_all(const at::Tensor& input, Index head_count, const at::Tensor& output) {
  const auto tokens = input.size(1);
  const auto* from = static_cast<const Value*>(input.const_data_ptr());
  auto* to = static_cast<Value*>(output.mutable_data_ptr());
  at::parallel_for(0, input.size(0) * head_count, 8, [&](Index begin, Index end) {
    attend_some(from, to, tokens, head_count, begin, end);
  });
}

#endif

}  // namespace

bool suits_tiles(const at::Tensor& query_key_value, std::int64_t head_count) {
#ifdef CLIPCLAP_AVX512
  static const bool processor =
      has_avx512() && __builtin_cpu_supports("avx512bf16") != 0 && at::cpu::init_amx();
  const auto type = query_key_value.scalar_type();
  return processor && query_key_value.device().is_cpu() && query_key_value.is_contiguous() &&
         (type == at::kFloat || type == at::kBFloat16) &&
         query_key_value.size(2) == 3 * head_count * kWidth;
#else
  return false;
#endif
}

at::Tensor attend_in_tiles(const at::Tensor& query_key_value, std::int64_t head_count) {
#ifdef CLIPCLAP_AVX512
  const auto batch = query_key_value.size(0);
  auto output =
      at::empty({batch, query_key_value.size(1), head_count * kWidth}, query_key_value.options());
  if (query_key_value.scalar_type() == at::kFloat) {
    attend_all<float>(query_key_value, head_count, output);
  } else {
    attend_all<Bfloat16>(query_key_value, head_count, output);
  }
  return output;
#else
  TORCH_INTERNAL_ASSERT(false, "suits_tiles() was not asked");
#endif
}

}  // namespace clipclap::model
