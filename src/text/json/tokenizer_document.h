// Reads a tokenizer.json. Its two large parts, "model.vocab" and "model.merges", go into flat
// tables while the file is parsed, for building a JSON value of each entry would take seconds and
// hundreds of megabytes with the largest files; everything else becomes a JSON document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace clipclap::text {

/// Strings one after another in one block.
class StringTable {
 public:
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
};

/// "model.vocab": an object of ids or a list of [token, score].
struct VocabularyTable {
  enum class Form { kAbsent, kIds, kScores };
  Form form = Form::kAbsent;
  StringTable tokens;
  std::vector<std::uint32_t> ids;  ///< one a token with kIds
  std::vector<double> scores;      ///< one a token with kScores
};

/// "model.merges": a list of "a b" or of ["a", "b"].
struct MergeTable {
  enum class Form { kAbsent, kLines, kPairs };
  Form form = Form::kAbsent;
  StringTable strings;  ///< one a merge with kLines, two with kPairs
};

struct TokenizerDocument {
  Json root;  ///< without "model.vocab" and "model.merges" where the tables hold them
  VocabularyTable vocabulary;
  MergeTable merges;
  /// Tokens that BPE does not take apart where they are a whole word. No tokenizer.json has them.
  std::vector<std::string> whole_words;
};

/// Throws Error (kInvalidData): not JSON (with line and column), nested deeper than 256, or an
/// entry of the tables that has the wrong type (with its path); kUnsupported for 4 GiB and more.
TokenizerDocument read_tokenizer_document(std::string_view json, const std::string& origin);

/// A number as the reference's JSON parser (serde_json) understands it: nearly, but not always, the
/// nearest double. `text` is a JSON number that is not infinite as a double.
double parse_serde_number(std::string_view text);

}  // namespace clipclap::text
