// tokenize_tool TOKENIZER_JSON: reads requests, one JSON object a line,
//   {"text": …, "add_special_tokens": true, "max_length": 77, "pad_to": 77, "pad_id": 0}
// all but "text" may be missing, and answers each with {"ids": …, "mask": …, "tokens": …} or
// {"error": code, "message": …}. The first line of the answer is about the file itself:
// {"vocabulary_size": …, "description": …, "milliseconds": …}, or the error that it has.
#include <chrono>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/file.h"
#include "base/json.h"
#include "text/tokenizer.h"

namespace clipclap {
namespace {

void print(const Json& line) { std::cout << line.dump() << std::endl; }

Json describe(const Error& error) {
  return {{"error", to_string(error.code())},
          {"message", error.message()},
          {"context", error.context()}};
}

Json answer(const text::Tokenizer& tokenizer, const Json& request) {
  text::EncodeOptions options;
  options.add_special_tokens = request.value("add_special_tokens", true);
  if (request.contains("max_length")) options.max_length = request["max_length"];
  if (request.contains("pad_to")) options.pad_to = request["pad_to"];
  options.pad_id = request.value("pad_id", 0);
  try {
    const auto encoding = tokenizer.encode(request["text"].get<std::string>(), options);
    return {{"ids", encoding.ids}, {"mask", encoding.mask}, {"tokens", encoding.tokens}};
  } catch (const Error& error) {
    return describe(error);
  }
}

int run(const std::string& path) {
  try {
    const auto contents = read_file(path);
    const auto begin = std::chrono::steady_clock::now();
    const auto tokenizer = text::Tokenizer::from_json(contents, path);
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - begin;
    print({{"vocabulary_size", tokenizer.vocabulary_size()},
           {"description", tokenizer.description()},
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
  if (count != 2) {
    std::cerr << "usage: tokenize_tool TOKENIZER_JSON < requests\n";
    return 2;
  }
  return clipclap::run(arguments[1]);
}
