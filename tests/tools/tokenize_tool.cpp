// tokenize_tool FILE|FOLDER [FAMILY]: reads requests, one JSON object a line,
//   {"text": …, "add_special_tokens": true, "max_length": 77, "pad_to": 77, "pad_id": 0}
// all but "text" may be missing, or {"text": …, "as_model": true} for the lengths that the family
// and the files tell, and answers each with {"ids": …, "mask": …, "tokens": …} or
// {"error": code, "message": …}. The first line of the answer is about the tokenizer itself:
// {"vocabulary_size": …, "description": …, "milliseconds": …, "family": …}, or the error it has.
#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/json.h"
#include "checkpoint/tokenizer_files.h"

namespace clipclap {
namespace {

void print(const Json& line) { std::cout << line.dump() << std::endl; }

Json describe(const Error& error) {
  return {{"error", to_string(error.code())},
          {"message", error.message()},
          {"context", error.context()}};
}

Json answer(const checkpoint::LoadedTokenizer& loaded, const Json& request) {
  text::EncodeOptions options;
  if (request.value("as_model", false)) options = loaded.options();
  options.add_special_tokens = request.value("add_special_tokens", true);
  if (request.contains("max_length")) options.max_length = request["max_length"];
  if (request.contains("pad_to")) options.pad_to = request["pad_to"];
  if (request.contains("pad_id")) options.pad_id = request["pad_id"];
  try {
    const auto encoding = loaded.tokenizer.encode(request["text"].get<std::string>(), options);
    return {{"ids", encoding.ids}, {"mask", encoding.mask}, {"tokens", encoding.tokens}};
  } catch (const Error& error) {
    return describe(error);
  }
}

checkpoint::LoadedTokenizer load(const std::string& path,
                                 std::optional<checkpoint::TextFamily> family) {
  if (!std::filesystem::is_directory(path)) return checkpoint::load_tokenizer_file(path, family);
  return checkpoint::load_tokenizer(checkpoint::CheckpointFiles::open(path), family);
}

int run(const std::string& path, std::optional<std::string> family_name) {
  try {
    std::optional<checkpoint::TextFamily> family;
    if (family_name) family = checkpoint::parse_text_family(*family_name);
    const auto begin = std::chrono::steady_clock::now();
    const auto tokenizer = load(path, family);
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - begin;
    print({{"vocabulary_size", tokenizer.tokenizer.vocabulary_size()},
           {"description", tokenizer.tokenizer.description()},
           {"family", checkpoint::row_of(tokenizer.family).name},
           {"milliseconds", passed.count()}});
    for (std::string line; std::getline(std::cin, line);) {
      print(answer(tokenizer, Json::parse(line)));
    }
    return 0;
  } catch (const Error& error) {
    print(describe(error));
    return 1;
  }
}

}  // namespace
}  // namespace clipclap

int main(int count, char** arguments) {
  if (count != 2 && count != 3) {
    std::cerr << "usage: tokenize_tool FILE|FOLDER [FAMILY] < requests\n";
    return 2;
  }
  std::optional<std::string> family;
  if (count == 3) family = arguments[2];
  return clipclap::run(arguments[1], family);
}
