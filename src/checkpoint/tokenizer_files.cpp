#include "checkpoint/tokenizer_files.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/file.h"
#include "checkpoint/open_clip_tokenizer.h"
#include "checkpoint/quote.h"
#include "text/cleaning/cleaning.h"
#include "text/files/open_clip.h"
#include "text/files/vocabulary_and_merges.h"
#include "text/sentencepiece/pipelines.h"

namespace clipclap::checkpoint {
namespace {

using text::Tokenizer;
using text::TokenizerDocument;
using text::TokenSettings;

constexpr std::string_view kEndOfText = "<|endoftext|>";
constexpr std::string_view kTokenizerJson = "tokenizer.json";
constexpr std::string_view kVocabulary = "vocab.json";
constexpr std::string_view kMerges = "merges.txt";
constexpr std::string_view kSentencePieceFiles[] = {"spiece.model", "tokenizer.model"};

/// A tokenizer's files, still unread.
struct Source {
  enum class Kind { kJson, kVocabularyAndMerges, kSentencePiece };
  Kind kind = Kind::kJson;
  std::string origin;  ///< how messages name it
  std::string_view contents;
  std::string_view merges;  ///< of kVocabularyAndMerges
  std::string folder;
};

bool names_tokenizer(const std::string& file) {
  return file.ends_with(".json") || file.ends_with(".model");
}

Source find_source(const CheckpointFiles& files) {
  if (const auto& file = files.main_file(); names_tokenizer(file)) {
    const auto kind = file.ends_with(".json") ? Source::Kind::kJson : Source::Kind::kSentencePiece;
    return {kind, files.describe(file), files.text(file), {}, {}};
  }
  if (files.contains(kTokenizerJson)) {
    return {
        Source::Kind::kJson, files.describe(kTokenizerJson), files.text(kTokenizerJson), {}, {}};
  }
  if (files.contains(kVocabulary)) {
    return {Source::Kind::kVocabularyAndMerges,
            fmt::format("{} with {}", files.describe(kVocabulary), kMerges),
            files.text(kVocabulary), files.text(kMerges), files.name()};
  }
  for (const auto file : kSentencePieceFiles) {
    if (!files.contains(file)) continue;
    return {Source::Kind::kSentencePiece, files.describe(file), files.text(file), {}, {}};
  }
  throw Error(ErrorCode::kNotFound,
              "there is no tokenizer: neither tokenizer.json, nor vocab.json with merges.txt, nor "
              "spiece.model or tokenizer.model; fetch what the model's page has of them",
              files.name());
}

/// Settings of transformers that change ids, and that no published model of the families has.
void refuse_what_is_not_followed(const TokenSettings& settings, const std::string& origin) {
  for (const auto* key : {"padding_side", "truncation_side"}) {
    const auto side = settings.string(key);
    if (side.empty() || side == "right") continue;
    throw Error(ErrorCode::kUnsupported,
                fmt::format("is {}; texts are cut and filled up on the right only", quote(side)),
                fmt::format("{}: {}", origin, key));
  }
  constexpr std::string_view kSplit = "split_special_tokens";
  if (!settings.flag(kSplit).value_or(false)) return;
  throw Error(ErrorCode::kUnsupported,
              "is on; special tokens that stand in a text are always found, so set it to false",
              fmt::format("{}: {}", origin, kSplit));
}

TokenSettings read_settings(const CheckpointFiles& files) {
  constexpr std::string_view kConfig = "tokenizer_config.json";
  constexpr std::string_view kMap = "special_tokens_map.json";
  const auto read = [&](std::string_view file) {
    return files.contains(file) ? parse_json(files.text(file), files.describe(file)) : Json();
  };
  TokenSettings settings{read(kConfig), files.describe(kConfig), read(kMap), files.describe(kMap)};
  refuse_what_is_not_followed(settings, files.describe(kConfig));
  return settings;
}

/// Makes one tokenizer; what the files say goes before what the family says.
class Loader {
 public:
  Loader(const Source& source, const TokenSettings& settings, const OpenClipTokenizer& open_clip)
      : source_(source),
        settings_(settings),
        open_clip_(open_clip),
        makes_lower_case_(settings.flag("do_lower_case").value_or(true)) {}

  LoadedTokenizer load(TextFamily family) {
    if (family == TextFamily::kOpenClipHf) return load_open_clip_hf();
    if (family == TextFamily::kOpenClip) return load_open_clip();
    switch (source_.kind) {
      case Source::Kind::kSentencePiece:
        return load_sentencepiece(family);
      case Source::Kind::kVocabularyAndMerges:
        return finish(read_pair(family), family);
      case Source::Kind::kJson:
        break;
    }
    auto document = read_document();
    if (family == TextFamily::kSiglip && is_gemma(document)) family = TextFamily::kSiglip2;
    return finish(std::move(document), family);
  }

 private:
  [[noreturn]] void refuse(std::string message) const {
    throw Error(ErrorCode::kUnsupported, std::move(message), source_.origin);
  }

  /// tokenizer.json with the tokens that only tokenizer_config.json knows.
  TokenizerDocument read_document() const {
    auto document = text::read_tokenizer_document(source_.contents, source_.origin);
    auto& root = document.root;
    if (!root.is_object()) return document;
    for (auto& token : settings_.other_tokens()) add_token(root, std::move(token));
    for (const auto* role : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                             "cls_token", "mask_token"}) {
      add_token(root, settings_.token(role));
    }
    const auto adds_space = settings_.flag("add_prefix_space");
    auto& pre_tokenizer = root["pre_tokenizer"];
    if (adds_space && pre_tokenizer.is_object() && pre_tokenizer.contains("add_prefix_space")) {
      pre_tokenizer["add_prefix_space"] = *adds_space;
    }
    return document;
  }

  static void add_token(Json& root, Json token) {
    auto& tokens = root["added_tokens"];
    if (tokens.is_null()) tokens = Json::array();
    // What is of another type is named when the tokenizer is made.
    const bool is_list =
        tokens.is_array() && std::all_of(tokens.begin(), tokens.end(), [](const Json& other) {
          return other.is_object() && other.contains("content");
        });
    if (is_list) text::add_token(tokens, std::move(token));
  }

  TokenizerDocument read_pair(TextFamily family) const {
    const text::VocabularyAndMerges files{source_.contents, source_.merges, source_.folder};
    switch (family) {
      case TextFamily::kClip:
      case TextFamily::kOpenClip:
        return read_vocabulary_and_merges(files, text::BpeFamily::kClip, settings_);
      case TextFamily::kRoberta:
        return read_vocabulary_and_merges(files, text::BpeFamily::kRoberta, settings_);
      case TextFamily::kGpt2:
      case TextFamily::kMsclap:
        return read_vocabulary_and_merges(files, text::BpeFamily::kGpt2, settings_);
      default:
        refuse(
            fmt::format("of the family \"{}\" these two files are not enough; fetch "
                        "tokenizer.json, or name another family",
                        row_of(family).name));
    }
  }

  bool is_gemma(const TokenizerDocument& document) const {
    if (const auto named = family_of_class(settings_)) return *named == TextFamily::kSiglip2;
    const auto& root = document.root;
    return root.is_object() && root.contains("model") && root["model"].is_object() &&
           root["model"].value("type", Json()) == "BPE";
  }

  LoadedTokenizer finish(TokenizerDocument document, TextFamily family) const {
    if (family == TextFamily::kMsclap) return finish_msclap(std::move(document));
    if (family == TextFamily::kSiglip2 && makes_lower_case_) {
      auto& normalizer = document.root["normalizer"];
      Json all = Json::array({{{"type", "Lowercase"}}});
      if (!normalizer.is_null()) all.push_back(std::move(normalizer));
      normalizer = {{"type", "Sequence"}, {"normalizers", std::move(all)}};
    }
    const auto pad = own_pad_token(document);
    return with_layout(Tokenizer(read_pipeline(std::move(document), source_.origin)), family, pad);
  }

  /// Of the "padding" of a tokenizer.json.
  static std::string own_pad_token(const TokenizerDocument& document) {
    const auto& root = document.root;
    if (!root.is_object() || !root.contains("padding")) return {};
    const auto& padding = root["padding"];
    const auto token = padding.is_object() ? padding.find("pad_token") : padding.end();
    return token != padding.end() && token->is_string() ? token->get<std::string>() : std::string();
  }

  /// In the vocabulary or beside it.
  static bool holds_token(const TokenizerDocument& document, std::string_view content) {
    const auto& tokens = document.vocabulary.tokens;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] == content) return true;
    }
    const auto added = document.root.find("added_tokens");
    if (added == document.root.end() || !added->is_array()) return false;
    return std::any_of(added->begin(), added->end(), [&](const Json& token) {
      return token.is_object() && token.value("content", Json()) == content;
    });
  }

  /// The model of 2022 has BERT's tokenizer, to whose texts nothing is put.
  LoadedTokenizer finish_msclap(TokenizerDocument document) const {
    if (!holds_token(document, kEndOfText)) return finish(std::move(document), TextFamily::kPlain);
    add_token(document.root, text::make_token("!", false));
    const Tokenizer tokenizer(read_pipeline(std::move(document), source_.origin));
    return with_layout(tokenizer.wrapped({.end_token = std::string(kEndOfText)}),
                       TextFamily::kMsclap);
  }

  LoadedTokenizer load_sentencepiece(TextFamily family) const {
    const auto model = text::read_sentencepiece_model(source_.contents, source_.origin);
    const bool is_bpe = model.algorithm == text::SentencePieceModel::Algorithm::kBpe;
    if (family == TextFamily::kSiglip) {
      const auto named = family_of_class(settings_);
      if (named ? *named == TextFamily::kSiglip2 : is_bpe) family = TextFamily::kSiglip2;
    }
    switch (family) {
      case TextFamily::kSiglip:
        return with_layout(make_siglip_tokenizer(model, settings_, source_.origin), family);
      case TextFamily::kSiglip2:
        return with_layout(
            make_siglip2_tokenizer(model, settings_, makes_lower_case_, source_.origin), family);
      case TextFamily::kPlain:
        return with_layout(make_sentencepiece_tokenizer(model, source_.origin), family);
      default:
        refuse(fmt::format("the family \"{}\" has no SentencePiece model; name another family",
                           row_of(family).name));
    }
  }

  LoadedTokenizer load_open_clip() const {
    if (source_.kind == Source::Kind::kSentencePiece) {
      refuse("open_clip's own tokenizer has no SentencePiece model; name another family");
    }
    auto document = source_.kind == Source::Kind::kJson
                        ? text::read_tokenizer_document(source_.contents, source_.origin)
                        : read_pair(TextFamily::kOpenClip);
    Tokenizer tokenizer(text::make_open_clip_pipeline(std::move(document), source_.origin));
    return {.tokenizer = tokenizer.wrapped({.clean = text::find_cleaning(open_clip_.cleaning)}),
            .family = TextFamily::kOpenClip,
            .pad_id = 0,
            .length = open_clip_.length,
            .pads = true};
  }

  LoadedTokenizer load_open_clip_hf() {
    // What open_clip wraps is Gemma's tokenizer, not transformers' of SigLIP 2.
    makes_lower_case_ = false;
    auto loaded = load(family_of_class(settings_).value_or(TextFamily::kPlain));
    if (!loaded.pad_id) {
      throw Error(ErrorCode::kInvalidData,
                  "open_clip fills texts up with the \"pad_token\", which tokenizer_config.json "
                  "does not name; fetch that file, too",
                  source_.origin);
    }
    text::Wrapping wrapping;
    wrapping.clean = text::find_cleaning(open_clip_.cleaning);
    if (open_clip_.blanks_separator) wrapping.zeroed_id = separator_id(loaded.tokenizer);
    return {.tokenizer = loaded.tokenizer.wrapped(std::move(wrapping)),
            .family = TextFamily::kOpenClipHf,
            .pad_id = loaded.pad_id,
            .length = open_clip_.length,
            .pads = true};
  }

  std::int64_t separator_id(const Tokenizer& tokenizer) const {
    const auto separator = settings_.token("sep_token");
    const auto id = separator.is_null()
                        ? std::nullopt
                        : tokenizer.token_to_id(separator["content"].get<std::string>());
    if (id) return *id;
    throw Error(ErrorCode::kInvalidData,
                "open_clip blanks the \"sep_token\", which tokenizer_config.json does not name or "
                "the vocabulary lacks; fetch that file, too",
                source_.origin);
  }

  /// `own_pad_token` is the file's, for where nothing else tells one.
  LoadedTokenizer with_layout(Tokenizer tokenizer, TextFamily family,
                              std::string_view own_pad_token = {}) const {
    const auto& row = row_of(family);
    LoadedTokenizer loaded{std::move(tokenizer), family, {}, row.length, row.pads};
    const auto longest = settings_.longest();
    if (longest && !row.keeps_length) loaded.length = longest;
    const Json given = family == TextFamily::kMsclap ? Json() : settings_.token("pad_token");
    const auto otherwise = row.pad_token.empty() ? own_pad_token : row.pad_token;
    const auto pad = given.is_null() ? std::string(otherwise) : given["content"].get<std::string>();
    if (pad.empty()) return loaded;
    loaded.pad_id = loaded.tokenizer.token_to_id(pad);
    if (!loaded.pad_id && row.pads) {
      throw Error(ErrorCode::kInvalidData,
                  fmt::format("the token \"{}\", which texts are filled up with, is not in the "
                              "vocabulary",
                              pad),
                  source_.origin);
    }
    return loaded;
  }

  const Source& source_;
  const TokenSettings& settings_;
  const OpenClipTokenizer& open_clip_;
  bool makes_lower_case_;  ///< for SigLIP 2
};

/// Errors of stages that do not know which file they come from get its name.
LoadedTokenizer load(const Source& source, const TokenSettings& settings,
                     const OpenClipTokenizer& open_clip, TextFamily family) {
  try {
    auto loaded = Loader(source, settings, open_clip).load(family);
    loaded.origin = source.origin;
    return loaded;
  } catch (const Error& error) {
    if (!error.context().empty()) throw;
    throw Error(error.code(), error.message(), source.origin);
  }
}

}  // namespace

text::EncodeOptions LoadedTokenizer::options() const {
  text::EncodeOptions options;
  options.max_length = length;
  if (pads) options.pad_to = length;
  options.pad_id = pad_id.value_or(0);
  return options;
}

bool has_tokenizer(const CheckpointFiles& files) {
  const auto is_there = [&](std::string_view file) { return files.contains(file); };
  return names_tokenizer(files.main_file()) || is_there(kTokenizerJson) || is_there(kVocabulary) ||
         std::any_of(std::begin(kSentencePieceFiles), std::end(kSentencePieceFiles), is_there);
}

LoadedTokenizer load_tokenizer(const CheckpointFiles& files, std::optional<TextFamily> family) {
  const auto source = find_source(files);
  const auto settings = read_settings(files);
  if (!family) family = find_text_family(files, settings);
  return load(source, settings, read_open_clip_tokenizer(files),
              family.value_or(TextFamily::kPlain));
}

LoadedTokenizer load_tokenizer_file(const std::string& path, std::optional<TextFamily> family) {
  const auto name = std::filesystem::path(path).filename();
  if (name == kVocabulary || name == kMerges) {
    throw Error(ErrorCode::kInvalidArgument,
                "is one of two files, vocab.json and merges.txt; name their folder", path);
  }
  const auto contents = read_file(path);
  const auto first = contents.find_first_not_of(" \t\r\n");
  const bool is_json =
      name.extension() == ".json" || (first != std::string::npos && contents[first] == '{');
  const Source source{
      is_json ? Source::Kind::kJson : Source::Kind::kSentencePiece, path, contents, {}, {}};
  return load(source, {}, {}, family.value_or(TextFamily::kPlain));
}

}  // namespace clipclap::checkpoint
