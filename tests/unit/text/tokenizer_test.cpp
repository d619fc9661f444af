// What holds for every tokenizer. What each component gives is compared with the reference in
// tests/reference.
#include "text/tokenizer.h"

#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "small_tokenizer.h"

namespace clipclap::text {
namespace {

using Ids = std::vector<std::int64_t>;

TEST(Tokenizer, JoinsByRank) {
  const auto encoding = load(small_tokenizer()).encode("ABC  bc\tabd");
  EXPECT_EQ(encoding.ids, (Ids{7, 5, 6, 4, 0, 8}));
  EXPECT_EQ(encoding.tokens, (std::vector<std::string>{"<s>", "abc", "bc", "ab", "<unk>", "</s>"}));
  EXPECT_EQ(encoding.mask, Ids(6, 1));
}

TEST(Tokenizer, CutsSoThatSpecialTokensFit) {
  const auto tokenizer = load(small_tokenizer());
  EXPECT_EQ(tokenizer.encode("a b c", {.max_length = 4}).ids, (Ids{7, 1, 2, 8}));
  EXPECT_EQ(tokenizer.encode("a b c", {.max_length = 2}).ids, (Ids{7, 8}));
  EXPECT_EQ(tokenizer.encode("a b c", {.max_length = 5}).ids, (Ids{7, 1, 2, 3, 8}));
}

TEST(Tokenizer, PadsOnTheRight) {
  const auto tokenizer = load(small_tokenizer());
  const auto encoding = tokenizer.encode("a", {.max_length = 5, .pad_to = 5, .pad_id = 2});
  EXPECT_EQ(encoding.ids, (Ids{7, 1, 8, 2, 2}));
  EXPECT_EQ(encoding.mask, (Ids{1, 1, 1, 0, 0}));
  EXPECT_EQ(encoding.tokens.back(), "b");
  EXPECT_EQ(tokenizer.encode("a b c", {.pad_to = 2}).ids.size(), 5U);
}

TEST(Tokenizer, OptionsStandAboveTheFile) {
  Json content = small_tokenizer();
  content["truncation"] = {{"max_length", 3}, {"strategy", "LongestFirst"}, {"direction", "Left"}};
  content["padding"] = {
      {"strategy", {{"Fixed", 6}}}, {"direction", "Left"}, {"pad_id", 3}, {"pad_token", "c"}};
  const auto tokenizer = load(content);
  EXPECT_EQ(tokenizer.encode("a b").ids, (Ids{3, 3, 3, 7, 2, 8}));
  EXPECT_EQ(tokenizer.encode("a b", {.max_length = 10, .pad_to = 0}).ids, (Ids{7, 1, 2, 8}));
  EXPECT_EQ(tokenizer.encode("a b", {.max_length = 3, .pad_to = 4}).ids, (Ids{7, 2, 8, 0}));
}

TEST(Tokenizer, KnowsItsTokens) {
  Json content = small_tokenizer();
  content["added_tokens"].push_back(content["added_tokens"][0]);
  content["added_tokens"][1]["content"] = "<new>";
  content["added_tokens"][1]["id"] = 700;  // what the file says does not count
  const auto tokenizer = load(content);
  EXPECT_EQ(tokenizer.token_to_id("abc"), 5);
  EXPECT_EQ(tokenizer.token_to_id("<new>"), 7);
  EXPECT_EQ(tokenizer.token_to_id("<nothing>"), std::nullopt);
  EXPECT_EQ(tokenizer.vocabulary_size(), 8U);
  EXPECT_EQ(tokenizer.description(), "BPE, 8 tokens");
}

TEST(Tokenizer, ManyThreadsGetTheSame) {
  const auto tokenizer = load(small_tokenizer());
  std::string text;
  for (int i = 0; i < 200; ++i) text += i % 3 == 0 ? "abc" : i % 3 == 1 ? " bcab" : " é";
  const auto expected = tokenizer.encode(text);
  std::vector<int> equal(8, 0);
  std::vector<std::thread> threads;
  for (auto& count : equal) {
    threads.emplace_back([&tokenizer, &text, &expected, &count] {
      for (int i = 0; i < 50; ++i) count += tokenizer.encode(text).ids == expected.ids ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::accumulate(equal.begin(), equal.end(), 0), 8 * 50);
}

TEST(Tokenizer, LongWordsTakeNotMuchLonger) {
  const auto tokenizer = load(small_tokenizer());
  const auto seconds_for = [&](std::size_t size) {
    std::string word;
    while (word.size() < size) word += "abcab";
    const auto begin = std::chrono::steady_clock::now();
    tokenizer.encode(word);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  // Twenty times the length; a square would take four hundred times as long.
  EXPECT_LT(seconds_for(400'000), 100 * seconds_for(20'000) + 0.5);
}

}  // namespace
}  // namespace clipclap::text
