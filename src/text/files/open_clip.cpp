#include "text/files/open_clip.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "text/byte_alphabet.h"
#include "text/unicode/code_points.h"
#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

constexpr std::string_view kBegin = "<start_of_text>";
constexpr std::string_view kEnd = "<end_of_text>";

/// Whether `c` is the small ASCII letter or punctuation `wanted` when case is ignored, as the
/// module regex ignores it: the long s is an s, too.
bool equals_folded(char32_t c, char wanted) {
  if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
  if (c == 0x17F) c = U's';
  return c == static_cast<unsigned char>(wanted);
}

/// Bytes of the beginning of `text` that spells `wanted`, ASCII; 0 where it does not.
std::size_t match_folded(std::string_view text, std::string_view wanted) {
  std::size_t offset = 0;
  for (const char letter : wanted) {
    if (offset == text.size() || !equals_folded(next_code_point(text, offset), letter)) return 0;
  }
  return offset;
}

/// Matches of the expression
///   <start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
/// written out, for the properties must be those of a younger Unicode than other tokenizers'.
class OpenClipWords final : public PreTokenizer {
 public:
  void pre_tokenize(PreTokenizedText& text) const override {
    text.split([](NormalizedText& piece) {
      const std::string_view whole = piece.text();
      std::vector<NormalizedText> words;
      for (std::size_t begin = 0; begin < whole.size();) {
        const auto [length, is_word] = match(whole.substr(begin));
        if (is_word) {
          words.push_back(piece.slice(begin, begin + length));
          spell_bytes(words.back());
        }
        begin += length;
      }
      return words;
    });
  }

 private:
  struct Match {
    std::size_t length;
    bool is_word;
  };
  enum class Kind { kSpace, kLetter, kNumber, kOther };

  static Kind kind_of(char32_t c) {
    // Since case is ignored and the iota below (U+0345) is a letter's other case, neither \p{L} nor
    // its opposite takes it.
    if (is_white_space(c) || c == 0x345) return Kind::kSpace;
    return is_letter(c) ? Kind::kLetter : is_number(c) ? Kind::kNumber : Kind::kOther;
  }

  /// What `text`, which is not empty, begins with.
  static Match match(std::string_view text) {
    for (const auto wanted :
         {kBegin, kEnd, std::string_view("'s"), std::string_view("'t"), std::string_view("'re"),
          std::string_view("'ve"), std::string_view("'m"), std::string_view("'ll"),
          std::string_view("'d")}) {
      if (const auto length = match_folded(text, wanted)) return {length, true};
    }
    std::size_t end = 0;
    const Kind kind = kind_of(next_code_point(text, end));
    while (end < text.size() && (kind == Kind::kLetter || kind == Kind::kOther)) {
      std::size_t behind = end;
      if (kind_of(next_code_point(text, behind)) != kind) break;
      end = behind;
    }
    return {end, kind != Kind::kSpace};
  }
};

/// The vocabulary with open_clip's names for the special tokens.
VocabularyTable rename(const VocabularyTable& clip) {
  VocabularyTable renamed;
  renamed.form = clip.form;
  renamed.ids = clip.ids;
  for (std::size_t i = 0; i < clip.tokens.size(); ++i) {
    const auto token = clip.tokens[i];
    renamed.tokens.add(token == "<|startoftext|>" ? kBegin
                       : token == "<|endoftext|>" ? kEnd
                                                  : token);
  }
  return renamed;
}

Json make_root(const VocabularyTable& vocabulary, const std::string& origin) {
  std::unordered_map<std::string_view, std::uint32_t> ids;
  for (std::size_t i = 0; i < vocabulary.ids.size(); ++i) {
    ids[vocabulary.tokens[i]] = vocabulary.ids[i];
  }
  const auto require = [&](const std::string& token, std::string_view what) {
    const auto found = ids.find(token);
    if (found != ids.end()) return found->second;
    throw Error(ErrorCode::kInvalidData,
                fmt::format("{} is missing in the vocabulary, which is not CLIP's", what), origin);
  };
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string letter;
    append_utf8(letter, byte_character(static_cast<unsigned char>(byte)));
    require(letter, fmt::format("byte {}", byte));
    require(letter + "</w>", fmt::format("byte {} at the end of a word", byte));
  }
  const auto end = [&](std::string_view token) {
    return Json::array({token, require(std::string(token), token)});
  };
  return {{"model", {{"type", "BPE"}, {"end_of_word_suffix", "</w>"}}},
          {"post_processor",
           {{"type", "RobertaProcessing"},
            {"cls", end(kBegin)},
            {"sep", end(kEnd)},
            {"trim_offsets", false},
            {"add_prefix_space", false}}}};
}

}  // namespace

Pipeline make_open_clip_pipeline(TokenizerDocument clip, const std::string& origin) {
  TokenizerDocument document;
  document.vocabulary = rename(clip.vocabulary);
  document.merges = std::move(clip.merges);
  document.whole_words = {std::string(kBegin), std::string(kEnd)};
  document.root = make_root(document.vocabulary, origin);
  auto pipeline = read_pipeline(std::move(document), origin);
  pipeline.pre_tokenizer = std::make_unique<OpenClipWords>();
  return pipeline;
}

}  // namespace clipclap::text
