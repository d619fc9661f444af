// Any bytes are either refused with an Error or make a tokenizer whose results are of one length.
// Behind a first NUL stands a text; each tokenizer gets others, too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include <clipclap/error.h>

#include "text/tokenizer.h"

namespace {

using namespace clipclap;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

constexpr std::string_view kTexts[] = {
    "", "a", " The  cats' 2 photos\n", "<s>A</s>a\xC3\xA9 e\xCC\x81",
    "\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9 \xC2\xBD!!"};

void encode(const text::Tokenizer& tokenizer, std::string_view text,
            const text::EncodeOptions& options) {
  try {
    const auto encoding = tokenizer.encode(text, options);
    require(encoding.ids.size() == encoding.mask.size());
    require(encoding.ids.size() == encoding.tokens.size());
  } catch (const Error& error) {
    require(!error.message().empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(input.find('\0'), size);
  std::vector<std::string_view> texts(std::begin(kTexts), std::end(kTexts));
  if (end < size) texts.push_back(input.substr(end + 1));
  try {
    const auto tokenizer = text::Tokenizer::from_json(input.substr(0, end), "input");
    for (const auto text : texts) {
      encode(tokenizer, text, {});
      encode(tokenizer, text, {.max_length = 5, .pad_to = 7, .pad_id = 1});
    }
  } catch (const Error& error) {
    require(!error.message().empty());
  }
  return 0;
}
