// A tokenizer.json small enough to be written out, for changes by hand.
#pragma once

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "base/json.h"
#include "text/tokenizer.h"

namespace clipclap::text {

inline Json small_tokenizer() {
  return Json::parse(R"({
    "version": "1.0",
    "truncation": null,
    "padding": null,
    "added_tokens": [
      {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true}
    ],
    "normalizer": {"type": "Sequence", "normalizers": [
      {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]},
    "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed",
                      "invert": false},
    "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 8], "cls": ["<s>", 7],
                       "trim_offsets": true, "add_prefix_space": false},
    "decoder": null,
    "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>",
              "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
              "byte_fallback": false, "ignore_merges": false,
              "vocab": {"<unk>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "abc": 5, "bc": 6},
              "merges": [["a", "b"], ["b", "c"], ["ab", "c"]]}
  })");
}

inline Tokenizer load(const Json& content) {
  return Tokenizer::from_json(content.dump(), "tokenizer.json");
}

/// The error that `action` throws; a failed test where it throws none.
template <typename Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::kInternal, ""};
}

inline Error load_error(const Json& content) {
  return error_of([&] { load(content); });
}

}  // namespace clipclap::text
