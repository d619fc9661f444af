#include "text/regex/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <optional>

#include <fmt/format.h>
#include <pcre2.h>

#include <clipclap/error.h>

#include "text/regex/oniguruma.h"

namespace clipclap::text {
namespace {

constexpr std::uint32_t kMatchLimit = 10'000'000;  // Oniguruma's own limit of retries
constexpr std::uint32_t kHeapLimitKibibytes = 64 * 1024;
constexpr std::size_t kMaximumPatternBytes = std::size_t{256} << 10;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Code = std::unique_ptr<pcre2_code, Freer<pcre2_code_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Freer<pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;

PCRE2_SPTR as_units(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string describe_failure(int code) {
  char message[256];
  pcre2_get_error_message(code, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof message);
  return message;
}

Code compile(std::string_view original, const std::string& translated) {
  const CompileContext context(pcre2_compile_context_create(nullptr));
  if (!context) throw std::bad_alloc();
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  pcre2_set_bsr(context.get(), PCRE2_BSR_UNICODE);
  pcre2_set_max_pattern_length(context.get(), kMaximumPatternBytes);
  constexpr std::uint32_t kOptions =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK;
  int code = 0;
  std::size_t place = 0;
  Code result(pcre2_compile(as_units(translated), translated.size(), kOptions, &code, &place,
                            context.get()));
  if (!result) {
    throw Error(ErrorCode::kInvalidData,
                fmt::format("the regular expression \"{}\" cannot be compiled: {}",
                            shorten(original), describe_failure(code)));
  }
  // Without just-in-time compilation the interpreter gives the same matches, only later.
  pcre2_jit_compile(result.get(), PCRE2_JIT_COMPLETE);
  return result;
}

}  // namespace

struct Regex::Compiled {
  std::string pattern;
  Code code;
  MatchContext limits;

  /// Nothing where there is no match at or behind `offset`.
  std::optional<Stretch> search(std::string_view text, std::size_t offset,
                                pcre2_match_data* data) const {
    const auto match = [&](std::uint32_t options) {
      return pcre2_match(code.get(), as_units(text), text.size(), offset,
                         PCRE2_NO_UTF_CHECK | options, data, limits.get());
    };
    int result = match(0);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = match(PCRE2_NO_JIT);
    if (result == PCRE2_ERROR_NOMATCH) return std::nullopt;
    const std::size_t* ends = pcre2_get_ovector_pointer(data);
    if (result < 0 || ends[0] > ends[1] || ends[0] < offset) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("matching the regular expression \"{}\" was given up: {}", pattern,
                              result < 0 ? describe_failure(result) : "the match runs backwards"));
    }
    return Stretch{ends[0], ends[1], true};
  }
};

Regex::Regex(std::string_view oniguruma_pattern) {
  auto compiled = std::make_shared<Compiled>();
  compiled->pattern = shorten(oniguruma_pattern);
  if (oniguruma_pattern.size() > kMaximumPatternBytes) {
    throw Error(ErrorCode::kUnsupported,
                fmt::format("a regular expression of {} bytes is too long; {} are allowed",
                            oniguruma_pattern.size(), kMaximumPatternBytes));
  }
  compiled->code = compile(oniguruma_pattern, translate_oniguruma(oniguruma_pattern));
  compiled->limits.reset(pcre2_match_context_create(nullptr));
  if (!compiled->limits) throw std::bad_alloc();
  pcre2_set_match_limit(compiled->limits.get(), kMatchLimit);
  pcre2_set_heap_limit(compiled->limits.get(), kHeapLimitKibibytes);
  compiled_ = std::move(compiled);
}

Stretches Regex::find_all(std::string_view text) const {
  if (text.empty()) return {};
  const MatchData data(pcre2_match_data_create(1, nullptr));
  if (!data) throw std::bad_alloc();
  Stretches stretches;
  std::size_t offset = 0;
  std::size_t covered = 0;
  std::optional<std::size_t> last_end;
  while (offset <= text.size()) {
    const auto match = compiled_->search(text, offset, data.get());
    if (!match) break;
    if (match->begin == match->end && last_end == match->end) {
      offset += offset < text.size() ? utf8_length(text[offset]) : 1;
      continue;
    }
    if (match->begin > covered) stretches.push_back({covered, match->begin, false});
    stretches.push_back(*match);
    offset = covered = match->end;
    last_end = match->end;
  }
  if (covered < text.size()) stretches.push_back({covered, text.size(), false});
  return stretches;
}

}  // namespace clipclap::text
