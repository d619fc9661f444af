// Any bytes are either refused with an Error or make tokenizers whose results are of one length.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <clipclap/error.h>

#include "text/sentencepiece/model_file.h"
#include "text/sentencepiece/pipelines.h"

namespace {

using namespace clipclap;

constexpr std::string_view kTexts[] = {
    "", "a", " The  cats' 2 photos\n", "<s>A</s>a\xC3\xA9 e\xCC\x81 <unk> \xE2\x96\x81",
    "\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9 \xC2\xBD!!"};

void require(bool condition) {
  if (!condition) __builtin_trap();
}

template <class Function>
void allow_errors(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    require(!error.message().empty());
  }
}

void encode_texts(const text::Tokenizer& tokenizer) {
  for (const auto text : kTexts) {
    allow_errors([&] {
      const auto encoding = tokenizer.encode(text, {.max_length = 9, .pad_to = 9});
      require(encoding.ids.size() == 9);
      require(encoding.mask.size() == 9 && encoding.tokens.size() == 9);
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  allow_errors([&] {
    const auto model = text::read_sentencepiece_model(
        std::string_view(reinterpret_cast<const char*>(data), size), "input");
    allow_errors([&] { encode_texts(text::make_sentencepiece_tokenizer(model, "input")); });
    allow_errors([&] { encode_texts(text::make_siglip_tokenizer(model, {}, "input")); });
    allow_errors([&] { encode_texts(text::make_siglip2_tokenizer(model, {}, true, "input")); });
  });
  return 0;
}
