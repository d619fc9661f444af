#include "text/added_vocabulary.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

/// The code point that ends right before `offset`, which is not 0.
char32_t code_point_before(std::string_view text, std::size_t offset) {
  do {
    --offset;
  } while (offset > 0 && (static_cast<unsigned char>(text[offset]) & 0xC0) == 0x80);
  return next_code_point(text, offset);
}

}  // namespace

AddedVocabulary::AddedVocabulary(const JsonNode& node, const Model& model,
                                 const Normalizer* normalizer) {
  std::vector<AddedToken> tokens;
  for (const auto& element : node.elements()) tokens.push_back(parse_token(element));
  build_indexes(node, register_tokens(tokens, model), model, normalizer);
}

AddedVocabulary::AddedToken AddedVocabulary::parse_token(const JsonNode& node) {
  node.at("id").id();
  AddedToken token;
  token.content = node.at("content").string();
  token.single_word = node.at("single_word").boolean();
  token.strips_left = node.at("lstrip").boolean();
  token.strips_right = node.at("rstrip").boolean();
  token.normalized = node.at("normalized").boolean();
  token.special = node.at("special").boolean();
  return token;
}

/// Gives ids. Returns the tokens to look for: the special ones first, each once.
std::vector<const AddedVocabulary::AddedToken*> AddedVocabulary::register_tokens(
    const std::vector<AddedToken>& tokens, const Model& model) {
  std::vector<const AddedToken*> special;
  std::vector<const AddedToken*> other;
  std::unordered_set<std::string_view> special_contents;
  for (const auto& token : tokens) {
    if (token.special && !token.content.empty() && special_contents.insert(token.content).second) {
      special.push_back(&token);
    }
  }
  auto next_id = static_cast<std::uint32_t>(model.next_id());
  std::unordered_map<std::string_view, std::vector<const AddedToken*>> seen;
  for (const auto& token : tokens) {
    auto& same = seen[token.content];
    const bool repeated = std::any_of(same.begin(), same.end(),
                                      [&](const AddedToken* earlier) { return *earlier == token; });
    if (token.content.empty() || repeated) continue;
    same.push_back(&token);
    auto id = token_to_id(token.content);
    if (!id) id = model.token_to_id(token.content);
    if (!id) id = next_id++;
    ids_[token.content] = *id;
    tokens_[*id] = token;
    if (!special_contents.contains(token.content)) other.push_back(&token);
  }
  special.insert(special.end(), other.begin(), other.end());
  return special;
}

void AddedVocabulary::build_indexes(const JsonNode& node,
                                    const std::vector<const AddedToken*>& tokens,
                                    const Model& model, const Normalizer* normalizer) {
  std::vector<PrefixIndex::Entry> raw;
  std::vector<std::uint32_t> normalized_ids;
  for (const AddedToken* token : tokens) {
    const std::uint32_t id =
        token_to_id(token->content).value_or(model.token_to_id(token->content).value_or(0));
    if (!token->normalized) {
      raw.push_back({ids_.find(token->content)->first, id});
      continue;
    }
    NormalizedText content(token->content);
    if (normalizer != nullptr) normalizer->normalize(content);
    if (content.empty()) {
      node.fail(ErrorCode::kUnsupported,
                fmt::format("nothing is left of the token \"{}\" when it is normalized; set its "
                            "\"normalized\" to false",
                            token->content));
    }
    normalized_contents_.push_back(content.text());
    normalized_ids.push_back(id);
  }
  std::vector<PrefixIndex::Entry> normalized;
  normalized.reserve(normalized_ids.size());
  for (std::size_t i = 0; i < normalized_ids.size(); ++i) {
    normalized.push_back({normalized_contents_[i], normalized_ids[i]});
  }
  raw_index_ = PrefixIndex(std::move(raw));
  normalized_index_ = PrefixIndex(std::move(normalized));
}

std::vector<AddedVocabulary::Found> AddedVocabulary::find_all(std::string_view text,
                                                              const PrefixIndex& index) const {
  std::vector<Found> result;
  std::size_t covered = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    Found found{std::nullopt, begin, begin};
    index.for_each_prefix(text.substr(begin), [&](std::size_t length, std::uint32_t id) {
      found.id = id;
      found.end = begin + length;
    });
    if (!found.id) {
      ++begin;
      continue;
    }
    // The search goes on behind the match itself, even where white space behind it is taken too.
    begin = found.end;
    if (!widen(tokens_.at(*found.id), text, covered, found)) continue;
    if (covered < found.begin) result.push_back({std::nullopt, covered, found.begin});
    result.push_back(found);
    covered = found.end;
  }
  if (covered != text.size()) result.push_back({std::nullopt, covered, text.size()});
  return result;
}

/// Takes the white space that the token strips. False where a token that must be a single word is
/// not.
bool AddedVocabulary::widen(const AddedToken& token, std::string_view text, std::size_t covered,
                            Found& found) const {
  if (token.single_word) {
    std::size_t behind = found.end;
    const bool word_before = found.begin > 0 && is_word(code_point_before(text, found.begin));
    const bool word_behind = behind < text.size() && is_word(next_code_point(text, behind));
    if (word_before || word_behind) return false;
  }
  if (token.strips_left) {
    while (found.begin > covered) {
      const char32_t c = code_point_before(text, found.begin);
      if (!is_white_space(c)) break;
      found.begin -= utf8_length(c);
    }
    found.begin = std::max(found.begin, covered);
  }
  if (token.strips_right) {
    while (found.end < text.size()) {
      std::size_t behind = found.end;
      if (!is_white_space(next_code_point(text, behind))) break;
      found.end = behind;
    }
  }
  return true;
}

std::vector<Piece> AddedVocabulary::cut(const NormalizedText& text,
                                        const PrefixIndex& index) const {
  std::vector<Piece> pieces;
  for (const auto& [id, begin, end] : find_all(text.text(), index)) {
    NormalizedText part = text.slice(begin, end);
    if (part.empty()) continue;
    std::optional<Token> token;
    if (id) token = Token{*id, part.text()};
    pieces.push_back({std::move(part), std::move(token)});
  }
  return pieces;
}

PreTokenizedText AddedVocabulary::extract(std::string_view text,
                                          const Normalizer* normalizer) const {
  PreTokenizedText result;
  for (auto& piece : cut(NormalizedText(text), raw_index_)) {
    if (piece.token) {
      result.pieces.push_back(std::move(piece));
      continue;
    }
    if (normalizer != nullptr) normalizer->normalize(piece.text);
    for (auto& part : cut(piece.text, normalized_index_)) {
      result.pieces.push_back(std::move(part));
    }
  }
  return result;
}

std::optional<std::uint32_t> AddedVocabulary::token_to_id(std::string_view token) const {
  const auto found = ids_.find(std::string(token));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> AddedVocabulary::id_to_token(std::uint32_t id) const {
  const auto found = tokens_.find(id);
  if (found == tokens_.end()) return std::nullopt;
  return found->second.content;
}

std::size_t AddedVocabulary::count_beyond(const Model& model) const {
  return static_cast<std::size_t>(std::count_if(ids_.begin(), ids_.end(), [&](const auto& entry) {
    return !model.token_to_id(entry.first);
  }));
}

}  // namespace clipclap::text
