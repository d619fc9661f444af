#include "text/files/vocabulary_and_merges.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "text/cleaning/python_text.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

constexpr std::size_t kEveryLine = std::numeric_limits<std::size_t>::max();

struct Role {
  std::string_view name;
  std::string_view content;
  bool normalized = true;
  bool strips_left = false;
};

struct FamilyRow {
  BpeFamily family;
  std::vector<Role> roles;  ///< in the order in which transformers adds them
  std::string_view pipeline;
  std::string_view suffix;      ///< behind the last symbol of a word
  std::string_view begin_role;  ///< the role of the token before a text; empty for none
  std::string_view end_role;    ///< and behind it
  std::size_t most_merges;      ///< that are read
  bool drops_unfinished_line;   ///< the last merge goes where no line break follows it
};

constexpr std::string_view kClipPipeline = R"({
  "normalizer": {"type": "Sequence", "normalizers": [
    {"type": "NFC"},
    {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
    {"type": "Lowercase"}]},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Split", "behavior": "Removed", "invert": true, "pattern": {"Regex":
      "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}},
    {"type": "ByteLevel", "add_prefix_space": false}]}
})";

constexpr std::string_view kByteLevelPipeline = R"({
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}
})";

const FamilyRow& row_of(BpeFamily family) {
  static const FamilyRow kRows[] = {
      {BpeFamily::kClip,
       {{"bos_token", "<|startoftext|>"},
        {"eos_token", "<|endoftext|>"},
        {"unk_token", "<|endoftext|>"},
        {"pad_token", "<|endoftext|>", false}},
       kClipPipeline,
       "</w>",
       "bos_token",
       "eos_token",
       49152 - 256 - 2,
       false},
      {BpeFamily::kRoberta,
       {{"bos_token", "<s>"},
        {"eos_token", "</s>"},
        {"unk_token", "<unk>"},
        {"sep_token", "</s>"},
        {"pad_token", "<pad>"},
        {"cls_token", "<s>"},
        {"mask_token", "<mask>", false, true}},
       kByteLevelPipeline,
       "",
       "cls_token",
       "sep_token",
       kEveryLine,
       true},
      {BpeFamily::kGpt2,
       {{"bos_token", "<|endoftext|>"},
        {"eos_token", "<|endoftext|>"},
        {"unk_token", "<|endoftext|>"}},
       kByteLevelPipeline,
       "",
       "",
       "",
       kEveryLine,
       true},
  };
  return *std::find_if(std::begin(kRows), std::end(kRows),
                       [&](const FamilyRow& row) { return row.family == family; });
}

[[noreturn]] void fail(std::string message, std::string context) {
  throw Error(ErrorCode::kInvalidData, std::move(message), std::move(context));
}

VocabularyTable read_vocabulary(std::string_view text, const std::string& origin) {
  const Json json = parse_json(text, origin);
  if (!json.is_object()) fail("should be an object of tokens and their ids", origin);
  VocabularyTable table;
  table.form = VocabularyTable::Form::kIds;
  for (const auto& [token, id] : json.items()) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max() - 1;
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > kMost) {
      fail("should be an id, a whole number from 0 to 4294967294",
           fmt::format("{}: {}", origin, shorten(token)));
    }
    table.tokens.add(token);
    table.ids.push_back(id.get<std::uint32_t>());
  }
  return table;
}

/// As Python splits what it read in text mode.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find_first_of("\r\n", begin);
    lines.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return lines;
    begin = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
  }
}

MergeTable read_merges(std::string_view text, const FamilyRow& row, const std::string& origin) {
  if (find_invalid_utf8(text)) fail("is not UTF-8; fetch the file again", origin);
  if (!row.drops_unfinished_line) text = python_strip(text);
  auto lines = split_lines(text);
  if (row.drops_unfinished_line) lines.pop_back();
  const std::size_t count = std::min(lines.empty() ? 0 : lines.size() - 1, row.most_merges);
  MergeTable table;
  table.form = MergeTable::Form::kPairs;
  std::unordered_set<std::string> seen;
  for (std::size_t i = 1; i <= count; ++i) {
    const auto tokens = python_split(lines[i]);
    if (tokens.size() != 2) {
      fail(fmt::format("\"{}\" is not two tokens with white space between", shorten(lines[i])),
           fmt::format("{}: line {}", origin, i + 1));
    }
    // Of a merge that is there twice the first one counts.
    if (!seen.insert(fmt::format("{} {}", tokens[0], tokens[1])).second) continue;
    for (const auto token : tokens) table.strings.add(token);
  }
  return table;
}

bool holds(const VocabularyTable& vocabulary, std::string_view token) {
  for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
    if (vocabulary.tokens[i] == token) return true;
  }
  return false;
}

class DocumentMaker {
 public:
  DocumentMaker(const VocabularyAndMerges& files, BpeFamily family, const TokenSettings& settings)
      : row_(row_of(family)),
        settings_(settings),
        vocabulary_origin_(files.folder + "/vocab.json") {
    document_.root = Json::parse(row_.pipeline);
    document_.vocabulary = read_vocabulary(files.vocabulary, vocabulary_origin_);
    document_.merges = read_merges(files.merges, row_, files.folder + "/merges.txt");
  }

  TokenizerDocument make() {
    document_.root["model"] = {{"type", "BPE"}, {"end_of_word_suffix", row_.suffix}};
    if (row_.family == BpeFamily::kClip) {
      document_.root["model"]["unk_token"] = token("unk_token").value("content", "");
    }
    const bool adds_space = settings_.flag("add_prefix_space").value_or(false);
    if (row_.family != BpeFamily::kClip) {
      document_.root["pre_tokenizer"]["add_prefix_space"] = adds_space;
    }
    add_tokens();
    add_post_processor();
    return std::move(document_);
  }

 private:
  Json token(std::string_view role) const {
    for (const auto& known : row_.roles) {
      if (known.name != role) continue;
      return settings_.token(
          role, make_token(std::string(known.content), known.normalized, known.strips_left));
    }
    return settings_.token(role);
  }

  void add_post_processor() {
    const auto part = [&](std::string_view role) { return with_id(token(role), role); };
    if (!row_.end_role.empty()) {
      document_.root["post_processor"] = {{"type", "RobertaProcessing"},
                                          {"trim_offsets", true},
                                          {"add_prefix_space", false},
                                          {"cls", part(row_.begin_role)},
                                          {"sep", part(row_.end_role)}};
    } else if (settings_.flag("add_bos_token").value_or(false)) {
      const Json begin = part("bos_token");
      const Json special = {
          {"id", "begin"}, {"ids", Json::array({begin[1]})}, {"tokens", Json::array({begin[0]})}};
      const Json single = Json::array({{{"SpecialToken", {{"id", "begin"}, {"type_id", 0}}}},
                                       {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}});
      document_.root["post_processor"] = {{"type", "TemplateProcessing"},
                                          {"single", single},
                                          {"pair", single},
                                          {"special_tokens", {{"begin", special}}}};
    }
  }

  /// ["</s>", 2], as RobertaProcessing has them.
  Json with_id(const Json& token, std::string_view role) const {
    if (token.is_null()) fail(fmt::format("no {} is named", role), vocabulary_origin_);
    const auto content = token["content"].get<std::string>();
    const auto& vocabulary = document_.vocabulary;
    for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
      if (vocabulary.tokens[i] == content) return Json::array({content, vocabulary.ids[i]});
    }
    // Added tokens that the vocabulary lacks are counted on from its end.
    auto id = vocabulary.tokens.size();
    for (const auto& added : document_.root["added_tokens"]) {
      const auto other = added["content"].get<std::string>();
      if (other == content) break;
      if (!holds(vocabulary, other)) ++id;
    }
    return Json::array({content, id});
  }

  void add_tokens() {
    Json tokens = Json::array();
    for (const auto* role : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                             "cls_token", "mask_token"}) {
      add_token(tokens, token(role));
    }
    for (auto& other : settings_.other_tokens()) add_token(tokens, std::move(other));
    document_.root["added_tokens"] = std::move(tokens);
  }

  const FamilyRow& row_;
  const TokenSettings& settings_;
  std::string vocabulary_origin_;
  TokenizerDocument document_;
};

}  // namespace

TokenizerDocument read_vocabulary_and_merges(const VocabularyAndMerges& files, BpeFamily family,
                                             const TokenSettings& settings) {
  return DocumentMaker(files, family, settings).make();
}

}  // namespace clipclap::text
