// "added_tokens": tokens that are found in the text itself, before anything cuts it. Behaves as
// AddedVocabulary of tokenizers 0.22.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/models/model.h"
#include "text/normalizers/normalizer.h"
#include "text/pre_tokenized_text.h"
#include "text/prefix_index.h"

namespace clipclap::text {

/// Immutable after construction.
class AddedVocabulary {
 public:
  /// Reads the array `node`. A token has the id that the model knows it by; one that the model does
  /// not know is given the next free one, whatever the file says.
  /// Throws Error (kInvalidData, kUnsupported) with the path of what is wrong.
  AddedVocabulary(const JsonNode& node, const Model& model, const Normalizer* normalizer);

  /// Finds the tokens that are not normalized in `text`, normalizes what is between them, and finds
  /// the normalized ones in that.
  PreTokenizedText extract(std::string_view text, const Normalizer* normalizer) const;

  std::optional<std::uint32_t> token_to_id(std::string_view token) const;
  std::optional<std::string_view> id_to_token(std::uint32_t id) const;
  /// Tokens that the model does not have.
  std::size_t count_beyond(const Model& model) const;

 private:
  struct AddedToken {
    std::string content;
    bool single_word = false;
    bool strips_left = false;
    bool strips_right = false;
    bool normalized = false;
    bool special = false;

    bool operator==(const AddedToken&) const = default;
  };
  struct Found {
    std::optional<std::uint32_t> id;
    std::size_t begin;
    std::size_t end;
  };

  static AddedToken parse_token(const JsonNode& node);
  std::vector<const AddedToken*> register_tokens(const std::vector<AddedToken>& tokens,
                                                 const Model& model);
  void build_indexes(const JsonNode& node, const std::vector<const AddedToken*>& tokens,
                     const Model& model, const Normalizer* normalizer);
  std::vector<Found> find_all(std::string_view text, const PrefixIndex& index) const;
  bool widen(const AddedToken& token, std::string_view text, std::size_t covered,
             Found& found) const;
  std::vector<Piece> cut(const NormalizedText& text, const PrefixIndex& index) const;

  std::unordered_map<std::string, std::uint32_t> ids_;
  std::unordered_map<std::uint32_t, AddedToken> tokens_;
  std::vector<std::string> normalized_contents_;  ///< what `normalized_index_` refers to
  PrefixIndex raw_index_;
  PrefixIndex normalized_index_;
};

}  // namespace clipclap::text
