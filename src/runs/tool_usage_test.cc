#include "runs/tool_usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runs/span_fixture.h"

namespace ao::runs {
namespace {

using model::ToolUse;
using testing::ElementsAre;

storage::SpanRow Failed(storage::SpanRow row) {
  row.status = model::StatusCode::kError;
  return row;
}

TEST(ToolUsageTest, CallsAreAddedUpByToolAndAgent) {
  const model::Run run =
      Assembled({Agent(1, 0, 1, "lead"), Tool(2, 1, 2, "search"), Failed(Tool(3, 1, 10, "search")),
                 Agent(4, 1, 20, "helper"), Tool(5, 4, 21, "search"), Tool(6, 4, 30, "calculate")});
  EXPECT_EQ(run.tool_calls, 4);
  EXPECT_THAT(run.tool_usage, ElementsAre(ToolUse{"calculate", "helper", 1, 0, 5},
                                          ToolUse{"search", "helper", 1, 0, 5},
                                          ToolUse{"search", "lead", 2, 1, 10}));
}

TEST(ToolUsageTest, TwoSpansOfOneCallAreOneCallWithTheErrorOfEither) {
  storage::SpanRow outer = Failed(Tool(2, 1, 2, "search", "c1"));
  outer.duration = 40;
  const model::Run run = Assembled({Agent(1, 0, 1, "a"), outer, Tool(3, 2, 3, "search", "c1")});
  EXPECT_THAT(run.tool_usage, ElementsAre(ToolUse{"search", "a", 1, 1, 40}));
}

TEST(ToolUsageTest, CallsThatNeverEndDoNotOverflow) {
  storage::SpanRow a = Tool(2, 1, 2, "search"), b = Tool(3, 1, 3, "search");
  a.duration = b.duration = INT64_MAX;
  const model::Run run = Assembled({Agent(1, 0, 1, "a"), a, b});
  EXPECT_THAT(run.tool_usage, ElementsAre(ToolUse{"search", "a", 2, 0, INT64_MAX}));
}

TEST(ToolUsageTest, AToolWithoutANameHasItsSpans) {
  EXPECT_THAT(Assembled({Tool(1, 0, 1, "")}).tool_usage,
              ElementsAre(ToolUse{"execute_tool", "", 1, 0, 5}));
}

TEST(ToolUsageTest, TheRarestOfTooManyToolsAreAddedUp) {
  std::vector<storage::SpanRow> rows = {Agent(1, 0, 1, "a")};
  std::vector<std::string> names;
  names.reserve(300);
  for (uint64_t i = 0; i < 300; ++i) names.push_back("tool" + std::to_string(i));
  for (uint64_t i = 0; i < 300; ++i) rows.push_back(Tool(10 + i, 1, 2, names[i]));
  rows.push_back(Tool(1000, 1, 2, names[299]));
  const model::Run run = Assembled(rows);
  EXPECT_EQ(run.tool_calls, 301);
  ASSERT_EQ(run.tool_usage.size(), kMaxToolUses);
  EXPECT_EQ(run.tool_usage.front().tool, "(other)");
  EXPECT_EQ(run.tool_usage.front().calls, 300 - 255);
}

}  // namespace
}  // namespace ao::runs
