#include "storage/encode/run_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ao::storage {
namespace {

TEST(RunJsonTest, UsageComesBackWhole) {
  const model::UsagePart part{.agent = "researcher \"a\"",
                              .service = "svc",
                              .provider = "openai",
                              .model = "gpt-4o",
                              .tool = "web\x1f",
                              .calls = 3,
                              .input_tokens = 1'000'000'000'000,
                              .output_tokens = 5,
                              .total_tokens = 1'000'000'000'006,
                              .cache_read_tokens = 4,
                              .cache_write_tokens = 2,
                              .reasoning_tokens = 1,
                              .estimated_tokens = 7,
                              .cost_usd = 0.1 + 0.2,
                              .cost_source = model::CostSource::kCatalogue};
  const auto back = DecodeUsage(EncodeUsage({&part, 1}));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  ASSERT_EQ(back->size(), 1u);
  EXPECT_EQ((*back)[0], part);
}

TEST(RunJsonTest, EdgesComeBackWhole) {
  const model::AgentEdge edges[] = {{.from = "a",
                                     .to = "b",
                                     .evidence = model::EdgeEvidence::kTool,
                                     .handoff = true,
                                     .calls = 2,
                                     .errors = 1},
                                    {.from = "b", .to = ""}};
  const auto back = DecodeEdges(EncodeEdges(edges));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_THAT(*back, ::testing::ElementsAre(edges[0], edges[1]));
}

TEST(RunJsonTest, NothingIsTheEmptyText) {
  EXPECT_EQ(EncodeUsage({}), "");
  EXPECT_EQ(EncodeEdges({}), "");
  EXPECT_TRUE(DecodeUsage("")->empty());
  EXPECT_TRUE(DecodeEdges("")->empty());
}

TEST(RunJsonTest, AnythingElseIsCorruption) {
  for (const char* bad : {"x", "{}", "[1]", "[{}]", "[{\"agent\":1}]"}) {
    EXPECT_EQ(DecodeUsage(bad).status().code(), StatusCode::kCorruption) << bad;
    EXPECT_EQ(DecodeEdges(bad).status().code(), StatusCode::kCorruption) << bad;
  }
}

}  // namespace
}  // namespace ao::storage
