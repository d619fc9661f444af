#include "text/json/tokenizer_document.h"

#include <limits>

#include <fmt/format.h>

#include <clipclap/error.h>

namespace clipclap::text {
namespace {

constexpr int kMaximumDepth = 256;

/// Builds a JSON document from events.
class DocumentBuilder {
 public:
  explicit DocumentBuilder(Json& root) : root_(root) {}

  template <typename T>
  void add(T&& value) {
    place(Json(std::forward<T>(value)));
  }
  void open(Json container) { open_.push_back(place(std::move(container))); }
  void close() { open_.pop_back(); }
  void key(const std::string& name) { key_ = name; }

 private:
  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    Json& member = (*open_.back())[key_];
    member = std::move(value);
    return &member;
  }

  Json& root_;
  std::vector<Json*> open_;
  std::string key_;
};

/// The receiver of nlohmann's events: routes the tables' entries to the tables.
class Handler {
 public:
  Handler(TokenizerDocument& document, const std::string& origin)
      : document_(document), origin_(origin), builder_(document.root) {}

  bool null() { return scalar(nullptr, "null"); }
  bool boolean(bool value) { return scalar(value, "a boolean"); }
  bool number_integer(std::int64_t value) {
    if (expects_score()) return add_score(static_cast<double>(value));
    return scalar(value, "a negative number");
  }
  bool number_unsigned(std::uint64_t value) {
    if (expects_score()) return add_score(static_cast<double>(value));
    if (table_ == Table::kIds) return add_id(value);
    return scalar(value, "a number");
  }
  bool number_float(double value, const std::string& text) {
    if (expects_score()) return add_score(parse_serde_number(text));
    return scalar(value, "a fraction");
  }
  bool binary(Json::binary_t&) { return false; }
  bool string(std::string& value);
  bool key(std::string& name);
  bool start_object(std::size_t) { return open(Json::object()); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) {
    return false;
  }

 private:
  enum class Table { kNone, kIds, kScores, kMerges };

  template <typename T>
  bool scalar(T&& value, std::string_view what) {
    if (table_ != Table::kNone) fail(what);
    builder_.add(std::forward<T>(value));
    return true;
  }

  bool open(Json container);
  bool close();
  bool open_table(bool is_array);
  void close_entry();
  bool add_id(std::uint64_t id);
  bool add_score(double score);
  bool expects_score() const {
    return table_ == Table::kScores && depth_ == kEntryDepth && fields_ == 1;
  }
  [[noreturn]] void fail(std::string_view what) const;

  static constexpr int kModelDepth = 2;  ///< inside "model"
  static constexpr int kTableDepth = 3;
  static constexpr int kEntryDepth = 4;

  TokenizerDocument& document_;
  const std::string& origin_;
  DocumentBuilder builder_;
  int depth_ = 0;  ///< containers that are open
  bool in_model_ = false;
  std::string model_key_;
  Table table_ = Table::kNone;
  std::size_t entries_ = 0;
  int fields_ = 0;     ///< of the entry that is open
  std::string token_;  ///< the key before an id
};

void Handler::fail(std::string_view what) const {
  const std::string place = table_ == Table::kIds ? "." + token_ : fmt::format("[{}]", entries_);
  const std::string_view expected =
      table_ == Table::kIds      ? "an id, a whole number from 0 to 4294967294"
      : table_ == Table::kScores ? "a token and its score, [\"token\", -1.5]"
                                 : "a merge, \"a b\" or [\"a\", \"b\"], and all of one form";
  throw Error(ErrorCode::kInvalidData,
              fmt::format("should be {} but is or holds {}", expected, what),
              fmt::format("{}: model.{}{}", origin_, model_key_, place));
}

bool Handler::open(Json container) {
  if (++depth_ > kMaximumDepth) {
    throw Error(ErrorCode::kInvalidData, "is nested too deeply to be a tokenizer.json", origin_);
  }
  const bool is_array = container.is_array();
  if (table_ != Table::kNone) {
    if (depth_ != kEntryDepth || !is_array || table_ == Table::kIds) fail("a container");
    auto& form = document_.merges.form;
    if (table_ == Table::kMerges) {
      if (form == MergeTable::Form::kLines && entries_ > 0) fail("a pair behind a line");
      form = MergeTable::Form::kPairs;
    }
    fields_ = 0;
    return true;
  }
  if (depth_ == kTableDepth && in_model_ && open_table(is_array)) return true;
  builder_.open(std::move(container));
  return true;
}

bool Handler::open_table(bool is_array) {
  entries_ = 0;
  if (model_key_ == "vocab") {
    document_.vocabulary = {};
    document_.vocabulary.form =
        is_array ? VocabularyTable::Form::kScores : VocabularyTable::Form::kIds;
    table_ = is_array ? Table::kScores : Table::kIds;
    return true;
  }
  if (model_key_ == "merges" && is_array) {
    document_.merges = {};
    document_.merges.form = MergeTable::Form::kLines;
    table_ = Table::kMerges;
    return true;
  }
  return false;
}

bool Handler::close() {
  --depth_;
  if (table_ == Table::kNone) {
    builder_.close();
    if (depth_ < kModelDepth) in_model_ = false;
  } else if (depth_ == kTableDepth) {
    close_entry();
  } else {
    table_ = Table::kNone;
  }
  return true;
}

void Handler::close_entry() {
  if (fields_ != 2) fail("a list of another length");
  ++entries_;
}

bool Handler::key(std::string& name) {
  if (table_ == Table::kIds) {
    token_ = name;
    return true;
  }
  if (depth_ == 1) {
    in_model_ = name == "model";
    // Where a key stands twice the last one counts, here as in the rest of the document.
    if (in_model_) document_.vocabulary = {};
    if (in_model_) document_.merges = {};
  }
  if (depth_ == kModelDepth && in_model_) model_key_ = name;
  builder_.key(name);
  return true;
}

bool Handler::string(std::string& value) {
  if (table_ == Table::kScores && depth_ == kEntryDepth && fields_ == 0) {
    document_.vocabulary.tokens.add(value);
    ++fields_;
    return true;
  }
  if (table_ == Table::kMerges && depth_ == kEntryDepth && fields_ < 2) {
    document_.merges.strings.add(value);
    ++fields_;
    return true;
  }
  if (table_ == Table::kMerges && depth_ == kTableDepth) {
    if (document_.merges.form == MergeTable::Form::kPairs) fail("a line behind a pair");
    document_.merges.strings.add(value);
    ++entries_;
    return true;
  }
  return scalar(std::move(value), "a string");
}

bool Handler::add_id(std::uint64_t id) {
  if (id >= std::numeric_limits<std::uint32_t>::max()) fail(std::to_string(id));
  document_.vocabulary.tokens.add(token_);
  document_.vocabulary.ids.push_back(static_cast<std::uint32_t>(id));
  ++entries_;
  return true;
}

bool Handler::add_score(double score) {
  document_.vocabulary.scores.push_back(score);
  ++fields_;
  return true;
}

}  // namespace

TokenizerDocument read_tokenizer_document(std::string_view json, const std::string& origin) {
  if (json.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::kUnsupported, "is larger than 4 GiB, which no tokenizer.json is",
                origin);
  }
  TokenizerDocument document;
  Handler handler(document, origin);
  if (!Json::sax_parse(json.data(), json.data() + json.size(), &handler)) {
    parse_json(json, origin);  // throws with the line and column
    throw Error(ErrorCode::kInvalidData, "is not valid JSON; fetch the file again", origin);
  }
  return document;
}

}  // namespace clipclap::text
