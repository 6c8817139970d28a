#include "runs/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "runs/span_fixture.h"

// Runs that are summed by hand. Every test states whose tokens count, and why.

namespace ao::runs {
namespace {

using model::CostSource;
using model::Op;
using model::UsagePart;
using storage::SpanRow;
using testing::ElementsAre;
using ModelRun = model::Run;

SpanRow Priced(SpanRow row, double cost) {
  row.canonical.cost_usd = cost;
  return row;
}
SpanRow Cached(SpanRow row, int64_t read, int64_t write) {
  row.canonical.cache_read_tokens = read;
  row.canonical.cache_write_tokens = write;
  return row;
}
SpanRow WithOp(SpanRow row, Op op) {
  row.canonical.op = op;
  return row;
}
SpanRow NoTokens(SpanRow row) {
  row.canonical.input_tokens.reset();
  row.canonical.output_tokens.reset();
  return row;
}

std::pair<int64_t, int64_t> Tokens(const ModelRun& run) {
  return {run.input_tokens, run.output_tokens};
}
using InOut = std::pair<int64_t, int64_t>;

TEST(UsageTest, EstimatedTokensAreMarked) {
  SpanRow estimated = Llm(3, 1, 20, 40, 5);
  estimated.canonical.tokens_estimated = true;
  const ModelRun run = Assembled({Agent(1, 0, 1, "a"), Llm(2, 1, 10, 100, 20), estimated});
  ASSERT_EQ(run.usage.size(), 1u);
  EXPECT_EQ(run.usage[0].input_tokens, 140);
  EXPECT_EQ(run.usage[0].estimated_tokens, 45);
}

TEST(UsageTest, EveryCallBelongsToTheNearestAgentAndTool) {
  SpanRow inner = Llm(5, 4, 40, 7, 3);
  inner.canonical.provider = "anthropic";
  inner.canonical.model_answered = "claude";
  const ModelRun run = Assembled({Agent(1, 0, 1, "planner"), Priced(Llm(2, 1, 10, 100, 20), 0.25),
                                  Tool(3, 1, 30, "ask_researcher"), Agent(4, 3, 35, "researcher"),
                                  inner, Priced(Llm(6, 1, 60, 1, 2), 0.5)});
  const UsagePart planner{.agent = "planner",
                          .service = "svc",
                          .provider = "",
                          .model = "gpt-4o",
                          .tool = "",
                          .calls = 2,
                          .input_tokens = 101,
                          .output_tokens = 22,
                          .total_tokens = 123,
                          .cost_usd = 0.75,
                          .cost_source = CostSource::kClient};
  const UsagePart researcher{.agent = "researcher",
                             .service = "svc",
                             .provider = "anthropic",
                             .model = "claude",
                             .tool = "ask_researcher",
                             .calls = 1,
                             .input_tokens = 7,
                             .output_tokens = 3,
                             .total_tokens = 10};
  EXPECT_THAT(run.usage, ElementsAre(planner, researcher));
  EXPECT_EQ(Tokens(run), InOut(108, 25));
  EXPECT_EQ(run.cost_usd, 0.75);
}

TEST(UsageTest, TheAgentAroundWinsOverTheSpansOwnClaim) {
  SpanRow stamped = Llm(2, 1, 10, 1, 1);
  stamped.canonical.agent_name = "stamp";
  SpanRow alone = stamped;
  alone.parent_span_id = {};
  EXPECT_EQ(Assembled({Agent(1, 0, 1, "around"), stamped}).usage.at(0).agent, "around");
  EXPECT_EQ(Assembled({alone}).usage.at(0).agent, "stamp");
  SpanRow lost = stamped;
  lost.parent_span_id.value = 77;  // its agent may yet come
  EXPECT_EQ(Assembled({Agent(1, 0, 1, "root"), lost}).usage.at(0).agent, "stamp");
  EXPECT_EQ(Assembled({Agent(1, 0, 1, "root"), Llm(2, 77, 10, 1, 1)}).usage.at(0).agent, "root");
}

TEST(UsageTest, AnAgentsTotalCountsOnlyWhenNothingBelowHasTokens) {
  SpanRow total = WithOp(Llm(1, 0, 1, 300, 60), Op::kAgent);
  total.canonical.agent_name = "a";
  const SpanRow workflow = WithOp(Llm(9, 1, 1, 300, 60), Op::kWorkflow);
  EXPECT_EQ(Tokens(Assembled({total, workflow, Llm(2, 9, 2, 100, 20), Llm(3, 9, 3, 200, 40)})),
            InOut(300, 60));
  const ModelRun silent = Assembled({total, workflow, NoTokens(Llm(2, 9, 2, 0, 0))});
  EXPECT_EQ(Tokens(silent), InOut(300, 60));  // the workflow's: the agent's sums it up
  EXPECT_EQ(silent.steps, 1);
  // Also when the span between is missing.
  EXPECT_EQ(Tokens(Assembled({total, Llm(2, 55, 2, 100, 20)})), InOut(100, 20));
}

TEST(UsageTest, AWrapperOfSeveralCallsIsNoCallOfItsOwn) {
  const ModelRun run = Assembled({Span(9, 0, 0, 99, "root"), Llm(1, 9, 1, 300, 60),
                                  Llm(2, 1, 2, 100, 20), Llm(3, 1, 3, 200, 40)});
  EXPECT_EQ(Tokens(run), InOut(300, 60));
  EXPECT_EQ(run.steps, 2);
  EXPECT_EQ(run.usage.at(0).calls, 2);
}

TEST(UsageTest, AWrappersTokensCountWhenItsCallsHaveNone) {
  const ModelRun run = Assembled(
      {Llm(1, 0, 1, 300, 60), NoTokens(Llm(2, 1, 2, 0, 0)), NoTokens(Llm(3, 1, 3, 0, 0))});
  EXPECT_EQ(Tokens(run), InOut(300, 60));
  EXPECT_EQ(run.steps, 2);
}

TEST(UsageTest, CallsBehindAToolAreWorkOfTheirOwn) {
  const ModelRun run =
      Assembled({Llm(1, 0, 1, 300, 60), Tool(2, 1, 2, "ask"), Llm(3, 2, 3, 10, 5)});
  EXPECT_EQ(Tokens(run), InOut(310, 65));
  EXPECT_EQ(run.steps, 2);
}

TEST(UsageTest, AnEmbeddingInsideACallDoesNotHideIt) {
  const ModelRun run =
      Assembled({Llm(1, 0, 1, 300, 60), WithOp(Llm(2, 1, 2, 8, 0), Op::kEmbedding)});
  EXPECT_EQ(Tokens(run), InOut(308, 60));
  EXPECT_EQ(run.steps, 1);
}

TEST(UsageTest, OneResponseSeenTwiceCountsOnceWithTheMoreDetailedTokens) {
  // Side by side under the root: two instrumentations that do not know of each other.
  const SpanRow plain = Llm(2, 1, 2, 110, 20, "resp_1");
  const SpanRow detailed = Cached(Llm(3, 1, 3, 110, 20, "resp_1"), 80, 0);
  const ModelRun run =
      Assembled({Agent(1, 0, 1, "a"), plain, detailed, Llm(4, 1, 4, 110, 20, "resp_2")});
  EXPECT_EQ(Tokens(run), InOut(220, 40));
  EXPECT_EQ(run.steps, 2);
  EXPECT_EQ(run.usage.at(0).cache_read_tokens, 80);
}

TEST(UsageTest, OfNestedInstrumentationsOfOneCallTheMoreDetailedCounts) {
  SpanRow outer = Priced(Cached(Llm(2, 1, 2, 110, 20), 80, 5), 0.1);
  SpanRow inner = Llm(3, 2, 3, 110, 20);
  inner.canonical.provider = "openai";
  const ModelRun run = Assembled({Agent(1, 0, 1, "a"), outer, inner});
  EXPECT_EQ(Tokens(run), InOut(110, 20));
  EXPECT_EQ(run.steps, 1);
  ASSERT_EQ(run.usage.size(), 1u);
  EXPECT_EQ(run.usage[0].cache_read_tokens, 80);
  EXPECT_EQ(run.usage[0].cache_write_tokens, 5);
  EXPECT_EQ(run.usage[0].provider, "openai");
  EXPECT_EQ(run.cost_usd, 0.1);
}

TEST(UsageTest, InclusiveAndExclusiveInputOfOneResponseIsOneCall) {
  const SpanRow exclusive = Llm(3, 2, 3, 30, 20, "msg_1");
  const SpanRow inclusive = Cached(Llm(2, 1, 2, 110, 20, "msg_1"), 80, 0);
  const ModelRun run = Assembled({Agent(1, 0, 1, "a"), inclusive, exclusive});
  EXPECT_EQ(Tokens(run), InOut(110, 20));
  EXPECT_EQ(run.steps, 1);
}

TEST(UsageTest, ThreeInstrumentationsInEachOtherAreOneCall) {
  const ModelRun run = Assembled({Agent(1, 0, 1, "a"), NoTokens(Priced(Llm(2, 1, 2, 0, 0), 0.3)),
                                  Llm(3, 2, 3, 50, 9), NoTokens(Llm(4, 3, 4, 0, 0))});
  EXPECT_EQ(Tokens(run), InOut(50, 9));
  EXPECT_EQ(run.cost_usd, 0.3);
  EXPECT_EQ(run.steps, 1);
  EXPECT_EQ(run.usage.size(), 1u);
}

TEST(UsageTest, TwoCallsThatHappenToBeAlikeStayTwo) {
  const ModelRun run = Assembled({Span(9, 0, 0, 99, "root"), Llm(1, 9, 1, 100, 20),
                                  Llm(2, 1, 2, 100, 20), Llm(3, 1, 3, 100, 20)});
  EXPECT_EQ(Tokens(run), InOut(200, 40));
  EXPECT_EQ(run.steps, 2);
}

TEST(UsageTest, CountsATotalThatIsNotSplit) {
  SpanRow total = NoTokens(Llm(2, 1, 2, 0, 0));
  total.canonical.total_tokens = 42;
  const ModelRun run = Assembled({Agent(1, 0, 1, "a"), total, Llm(3, 1, 3, 5, 6)});
  EXPECT_EQ(Tokens(run), InOut(5, 6));
  EXPECT_EQ(run.total_tokens, 53);
  EXPECT_EQ(run.usage.at(0).total_tokens, 53);
}

TEST(UsageTest, ACallWithoutTokensIsStillACall) {
  const ModelRun run = Assembled({Agent(1, 0, 1, "a"), NoTokens(Llm(2, 1, 2, 0, 0))});
  ASSERT_EQ(run.usage.size(), 1u);
  EXPECT_EQ(run.usage[0].calls, 1);
  EXPECT_EQ(run.usage[0].cost_source, CostSource::kNone);
  EXPECT_EQ(run.total_tokens, 0);
}

TEST(UsageTest, AddsTheSmallestPartsUpWhenThereAreTooMany) {
  std::deque<std::string> models;
  std::vector<SpanRow> rows = {Agent(1, 0, 1, "a")};
  for (uint64_t i = 2; i < 602; ++i) {
    rows.push_back(Llm(i, 1, static_cast<Nanos>(i), static_cast<int64_t>(i), 0));
    rows.back().canonical.model_requested = models.emplace_back("m" + std::to_string(i));
  }
  const ModelRun run = Assembled(rows);
  ASSERT_EQ(run.usage.size(), kMaxParts);
  int64_t calls = 0, tokens = 0;
  for (const UsagePart& part : run.usage) {
    calls += part.calls;
    tokens += part.input_tokens;
  }
  EXPECT_EQ(run.usage[0].model, "(other)");
  EXPECT_EQ(calls, 600);
  EXPECT_EQ(tokens, run.input_tokens);
  EXPECT_EQ(tokens, 600 * 603 / 2);
}

}  // namespace
}  // namespace ao::runs
