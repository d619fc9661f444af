#include "checkpoint/hub_cache.h"

#include "support.h"

namespace clipclap::checkpoint {
namespace {

TEST(HubId, ReadsNamesAndRevisions) {
  const auto plain = parse_hub_id("openai/clip-vit-base-patch32");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->repository, "openai/clip-vit-base-patch32");
  EXPECT_EQ(plain->revision, "main");
  EXPECT_EQ(fetch_command(*plain), "clipclap model pull openai/clip-vit-base-patch32");

  const auto pinned = parse_hub_id("gpt2@refs/pr/7");
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->repository, "gpt2");
  EXPECT_EQ(pinned->revision, "refs/pr/7");
  EXPECT_EQ(fetch_command(*pinned), "clipclap model pull gpt2 --revision refs/pr/7");
}

TEST(HubId, RefusesWhatCannotBeOne) {
  for (const auto* text :
       {"",         "/",       "a/",       "/a",     "a/b/c",    "a b",     "a/b@",
        "a/b@../x", "a/b@/x",  "a/b@-x",   "a/b@x/", "a/b@x//y", "a--b",    "a..b",
        "-a",       "a.",      ".a",       "a/-b",   "a.git",    "a/b.git", "a\\b",
        "größe",    "a/b@c d", "a/b@$(x)", "a\nb",   "a/b@x\n",  "@main"}) {
    EXPECT_FALSE(parse_hub_id(text)) << text;
  }
  EXPECT_TRUE(parse_hub_id(std::string(96, 'a')));
  EXPECT_FALSE(parse_hub_id(std::string(97, 'a')));
}

TEST(HubId, KnowsCommitHashes) {
  EXPECT_TRUE(is_commit_hash("0123456789abcdef0123456789abcdef01234567"));
  for (const auto* text :
       {"", "main", "0123456789abcdef0123456789abcdef0123456",
        "0123456789abcdef0123456789abcdef012345678", "0123456789ABCDEF0123456789abcdef01234567"}) {
    EXPECT_FALSE(is_commit_hash(text)) << text;
  }
}

class HubCache : public testing::Test {
 protected:
  void SetUp() override {
    const std::string repository = "models--org--name/";
    folder_.write(repository + "snapshots/0123abc/config.json", "{}");
    folder_.write(repository + "snapshots/4567def/config.json", "{}");
    folder_.write(repository + "refs/main", "0123abc");
    folder_.write(repository + "refs/v2.0", "4567def\n");
    folder_.write(repository + "refs/refs/pr/1", "4567def");
    folder_.write(repository + "refs/gone", "89ab");
    folder_.write(repository + "refs/out", "../../..");
  }

  std::optional<std::filesystem::path> find(const std::string& revision) const {
    return find_snapshot(folder_.path(), {"org/name", revision});
  }
  std::filesystem::path snapshot(const std::string& commit) const {
    return folder_.path() / "models--org--name" / "snapshots" / commit;
  }

  TemporaryFolder folder_;
};

TEST_F(HubCache, FollowsRefsAndCommits) {
  EXPECT_EQ(find("main"), snapshot("0123abc"));
  EXPECT_EQ(find("v2.0"), snapshot("4567def"));
  EXPECT_EQ(find("refs/pr/1"), snapshot("4567def"));
  EXPECT_EQ(find("4567def"), snapshot("4567def"));
}

TEST_F(HubCache, FindsNothingWhereNothingIs) {
  EXPECT_FALSE(find("other"));
  EXPECT_FALSE(find("gone"));
  EXPECT_FALSE(find("out")) << "a ref must not lead out of the cache";
  EXPECT_FALSE(find("refs"));
  EXPECT_FALSE(find_snapshot(folder_.path(), {"org/other", "main"}));
  EXPECT_FALSE(find_snapshot(folder_.path() / "none", {"org/name", "main"}));
}

TEST_F(HubCache, ListsTheRevisionsItHolds) {
  EXPECT_THAT(cached_revisions(folder_.path(), {"org/name", "x"}),
              testing::ElementsAre("main", "refs/pr/1", "v2.0"));
  EXPECT_TRUE(cached_revisions(folder_.path(), {"org/other", "x"}).empty());
}

}  // namespace
}  // namespace clipclap::checkpoint
