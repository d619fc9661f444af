// User-defined symbols of a SentencePiece model: stretches of text that stay one token.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/prefix_index.h"
#include "text/sentencepiece/model_file.h"

namespace clipclap::text {

/// Immutable; has its own copy of the symbols.
class UserDefinedSymbols {
 public:
  explicit UserDefinedSymbols(const SentencePieceModel& model) {
    for (const auto id : model.ids_of(SentencePieceModel::PieceType::kUserDefined)) {
      symbols_.add(model.pieces[id]);
    }
    std::vector<PrefixIndex::Entry> entries;
    entries.reserve(symbols_.size());
    for (std::size_t i = 0; i < symbols_.size(); ++i) entries.push_back({symbols_[i], 0});
    index_ = PrefixIndex(std::move(entries));
  }

  // The index points into the table.
  UserDefinedSymbols(const UserDefinedSymbols&) = delete;
  UserDefinedSymbols& operator=(const UserDefinedSymbols&) = delete;

  /// Bytes of the longest symbol that `text` begins with; 0 for none.
  std::size_t match(std::string_view text) const {
    std::size_t longest = 0;
    index_.for_each_prefix(text, [&](std::size_t length, std::uint32_t) { longest = length; });
    return longest;
  }

 private:
  StringTable symbols_;
  PrefixIndex index_;
};

}  // namespace clipclap::text
