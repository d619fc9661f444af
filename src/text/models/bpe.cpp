// Byte pair encoding (Sennrich, Haddow, Birch 2016): starts from characters and joins neighbours by
// the rank of their pair until none is left.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "text/models/joining.h"
#include "text/models/model.h"
#include "text/models/vocabulary.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

struct Merge {
  std::uint32_t rank;
  std::uint32_t joined_id;
};

std::uint64_t pair_key(std::uint32_t left, std::uint32_t right) {
  return std::uint64_t{left} << 32 | right;
}

/// The merges of a vocabulary as rules for joining.
struct Merges {
  using Symbol = std::uint32_t;
  using Rank = std::uint32_t;

  std::optional<std::pair<Rank, Symbol>> find(Symbol left, Symbol right) const {
    const auto* merge = table.find(pair_key(left, right));
    if (merge == nullptr) return std::nullopt;
    return std::pair{merge->rank, merge->joined_id};
  }

  FlatMap<Merge> table;
};
using Word = Joining<Merges>;

struct BpeOptions {
  std::optional<std::string> unknown_token;
  std::string prefix;                    ///< before every symbol of a word but the first
  std::string suffix;                    ///< behind the last symbol of a word
  std::vector<std::string> whole_words;  ///< TokenizerDocument::whole_words
  bool fuse_unknown = false;
  bool byte_fallback = false;
  bool ignore_merges = false;
};

class Bpe final : public Model {
 public:
  Bpe(BpeOptions options, Vocabulary vocabulary, FlatMap<Merge> merges)
      : options_(std::move(options)),
        vocabulary_(std::move(vocabulary)),
        merges_{std::move(merges)} {
    if (options_.unknown_token) unknown_id_ = vocabulary_.find(*options_.unknown_token);
    for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
      byte_ids_[byte] = vocabulary_.find(fmt::format("<0x{:02X}>", byte));
    }
  }

  void tokenize(std::string_view text, std::vector<Token>& tokens) const override {
    if (options_.ignore_merges || is_whole_word(text)) {
      if (const auto id = vocabulary_.find(text)) {
        tokens.push_back({*id, std::string(text)});
        return;
      }
    }
    Word word(merges_);
    add_symbols(text, word);
    word.join_all();
    word.for_each([&](std::uint32_t id) {
      tokens.push_back({id, std::string(vocabulary_.token(id).value_or(""))});
    });
  }

  std::optional<std::uint32_t> token_to_id(std::string_view token) const override {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(std::uint32_t id) const override {
    return vocabulary_.token(id);
  }
  std::size_t size() const override { return vocabulary_.size(); }
  std::string_view type() const override { return "BPE"; }

 private:
  bool is_whole_word(std::string_view text) const {
    const auto& words = options_.whole_words;
    return std::find(words.begin(), words.end(), text) != words.end();
  }

  void add_symbols(std::string_view text, Word& word) const {
    bool unknown_waits = false;
    const auto flush = [&] {
      if (unknown_waits) word.add(*unknown_id_);
      unknown_waits = false;
    };
    std::string symbol;
    for_each_code_point(text, [&](char32_t, std::size_t begin, std::size_t end) {
      symbol.clear();
      if (begin > 0) symbol += options_.prefix;
      symbol += text.substr(begin, end - begin);
      if (end == text.size()) symbol += options_.suffix;
      if (const auto id = vocabulary_.find(symbol)) {
        flush();
        word.add(*id);
      } else if (!add_bytes(symbol, word) && options_.unknown_token) {
        // An unknown one is held back until the next known one, past bytes too: so does the
        // reference.
        if (!options_.fuse_unknown) flush();
        require_unknown_id();
        unknown_waits = true;
      }
    });
    flush();
  }

  bool add_bytes(std::string_view symbol, Word& word) const {
    if (!options_.byte_fallback) return false;
    const auto id_of = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
    for (const char byte : symbol) {
      if (!id_of(byte)) return false;
    }
    for (const char byte : symbol) word.add(*id_of(byte));
    return true;
  }

  void require_unknown_id() const {
    if (unknown_id_) return;
    throw Error(
        ErrorCode::kInvalidData,
        fmt::format("the unknown token \"{}\" is not in the vocabulary", *options_.unknown_token));
  }

  BpeOptions options_;
  Vocabulary vocabulary_;
  Merges merges_;
  std::optional<std::uint32_t> unknown_id_;
  std::array<std::optional<std::uint32_t>, 256> byte_ids_;
};

/// The two halves of each merge.
class MergeReader {
 public:
  MergeReader(const JsonNode& model, const MergeTable& table) : model_(model), table_(table) {}

  template <typename Visit>
  void for_each(Visit visit) const {
    const bool pairs = table_.form == MergeTable::Form::kPairs;
    const std::size_t count = table_.strings.size() / (pairs ? 2 : 1);
    for (std::size_t i = 0; i < count; ++i) {
      if (pairs) {
        visit(i, table_.strings[2 * i], table_.strings[2 * i + 1]);
        continue;
      }
      const std::string_view line = table_.strings[i];
      if (line.starts_with("#version")) continue;
      const std::size_t space = line.find(' ');
      if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
        fail(i, fmt::format("\"{}\" is not two tokens with one space between", line));
      }
      visit(i, line.substr(0, space), line.substr(space + 1));
    }
  }

  [[noreturn]] void fail(std::size_t index, std::string_view what) const {
    model_.fail(ErrorCode::kInvalidData, fmt::format("merges[{}]: {}", index, what));
  }

 private:
  const JsonNode& model_;
  const MergeTable& table_;
};

FlatMap<Merge> build_merges(const JsonNode& model, const MergeTable& table,
                            const Vocabulary& vocabulary, const std::string& prefix) {
  const MergeReader reader(model, table);
  FlatMap<Merge> merges(table.strings.size());
  std::string joined;
  std::uint32_t rank = 0;
  reader.for_each([&](std::size_t index, std::string_view left, std::string_view right) {
    const auto id_of = [&](std::string_view token) {
      const auto id = vocabulary.find(token);
      if (!id) reader.fail(index, fmt::format("\"{}\" is not in the vocabulary", token));
      return *id;
    };
    const std::uint32_t left_id = id_of(left);
    const std::uint32_t right_id = id_of(right);
    if (right.size() < prefix.size()) {
      reader.fail(index, fmt::format("\"{}\" is shorter than the prefix \"{}\"", right, prefix));
    }
    joined = left;
    joined += right.substr(prefix.size());
    merges.insert(pair_key(left_id, right_id), {rank++, id_of(joined)});
  });
  return merges;
}

}  // namespace

ModelPointer parse_bpe(const JsonNode& node, TokenizerDocument& document) {
  if (document.merges.form == MergeTable::Form::kAbsent) {
    node.at("merges").fail(ErrorCode::kInvalidData, "should be a list of merges");
  }
  if (const auto dropout = node.find("dropout"); dropout && !dropout->is_zero()) {
    dropout->fail(ErrorCode::kUnsupported,
                  "dropout gives other tokens every time; set it to null for use");
  }
  BpeOptions options;
  if (const auto token = node.find("unk_token")) options.unknown_token = token->string();
  if (const auto prefix = node.find("continuing_subword_prefix")) options.prefix = prefix->string();
  if (const auto suffix = node.find("end_of_word_suffix")) options.suffix = suffix->string();
  const auto flag = [&](std::string_view key) {
    const auto value = node.find(key);
    return value && value->boolean();
  };
  options.fuse_unknown = flag("fuse_unk");
  options.byte_fallback = flag("byte_fallback");
  options.ignore_merges = flag("ignore_merges");
  options.whole_words = document.whole_words;
  Vocabulary vocabulary(take_vocabulary(node, document, VocabularyTable::Form::kIds));
  auto merges = build_merges(node, document.merges, vocabulary, options.prefix);
  document.merges = {};
  return std::make_unique<Bpe>(std::move(options), std::move(vocabulary), std::move(merges));
}

}  // namespace clipclap::text
