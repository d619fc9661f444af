// The tables behind the models, against the standard library's.
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "text/json/tokenizer_document.h"
#include "text/models/flat_map.h"
#include "text/models/vocabulary.h"
#include "text/prefix_index.h"

namespace clipclap::text {
namespace {

std::string random_string(std::mt19937& random, std::size_t longest) {
  std::string text(random() % (longest + 1), ' ');
  for (auto& c : text) c = "ab\xC3\xA9"[random() % 4];
  return text;
}

TEST(FlatMap, HoldsWhatAMapHolds) {
  std::mt19937_64 random(1);
  std::map<std::uint64_t, int> expected;
  FlatMap<int> map(5000);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t key = i % 2 == 0 ? random() : random() % 1000;
    map.insert(key, i);
    expected[key] = i;
  }
  for (const auto& [key, value] : expected) {
    ASSERT_NE(map.find(key), nullptr);
    EXPECT_EQ(*map.find(key), value);
  }
  for (std::uint64_t key = 0; key < 2000; ++key) {
    EXPECT_EQ(map.find(key) != nullptr, expected.contains(key));
  }
}

TEST(Vocabulary, HoldsWhatAMapHolds) {
  std::mt19937 random(2);
  VocabularyTable table;
  std::map<std::string, std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const auto token = random_string(random, 8);
    table.tokens.add(token);
    table.ids.push_back(1'000'000'000 + i);
    expected[token] = 1'000'000'000 + i;
  }
  const Vocabulary vocabulary(std::move(table));
  EXPECT_EQ(vocabulary.size(), expected.size());
  for (const auto& [token, id] : expected) {
    EXPECT_EQ(vocabulary.find(token), id);
    EXPECT_EQ(vocabulary.token(id), token);
  }
  for (int i = 0; i < 3000; ++i) {
    const auto token = random_string(random, 9);
    EXPECT_EQ(vocabulary.find(token).has_value(), expected.contains(token));
  }
  EXPECT_EQ(vocabulary.token(5), std::nullopt);
}

TEST(PrefixIndex, FindsWhatATableOfAllPrefixesFinds) {
  std::mt19937 random(3);
  std::vector<std::string> strings;
  for (int i = 0; i < 400; ++i) strings.push_back(random_string(random, 6));
  std::vector<PrefixIndex::Entry> entries;
  std::map<std::string, std::uint32_t> expected;
  for (std::uint32_t i = 0; i < strings.size(); ++i) {
    entries.push_back({strings[i], i});
    expected.emplace(strings[i], i);
  }
  const PrefixIndex index(entries);
  for (int i = 0; i < 2000; ++i) {
    const auto text = random_string(random, 10);
    std::vector<std::pair<std::size_t, std::uint32_t>> found;
    index.for_each_prefix(
        text, [&](std::size_t length, std::uint32_t value) { found.emplace_back(length, value); });
    std::vector<std::pair<std::size_t, std::uint32_t>> wanted;
    for (std::size_t length = 1; length <= text.size(); ++length) {
      const auto entry = expected.find(text.substr(0, length));
      if (entry != expected.end()) wanted.emplace_back(length, entry->second);
    }
    EXPECT_EQ(found, wanted) << text;
  }
}

TEST(SerdeNumber, IsTheNearestDoubleOrItsNeighbour) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20000; ++i) {
    const auto number = [&] { return random() >> (random() % 64); };
    const auto text = fmt::format("{}{}{}{}", random() % 2 == 0 ? "-" : "", number(),
                                  random() % 4 != 0 ? fmt::format(".{}", number()) : "",
                                  random() % 3 == 0 ? fmt::format("e-{}", random() % 280) : "");
    const double expected = std::strtod(text.c_str(), nullptr);
    const double value = parse_serde_number(text);
    EXPECT_LE(std::abs(value - expected),
              std::abs(expected) * 4 * std::numeric_limits<double>::epsilon())
        << text;
  }
  EXPECT_EQ(parse_serde_number("0.0"), 0);
  EXPECT_EQ(parse_serde_number("1e-400"), 0);
  EXPECT_EQ(parse_serde_number("0e999"), 0);
  EXPECT_EQ(parse_serde_number("-1.5"), -1.5);
}

}  // namespace
}  // namespace clipclap::text
