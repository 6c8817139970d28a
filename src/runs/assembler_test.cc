#include "runs/assembler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "runs/span_fixture.h"

namespace ao::runs {
namespace {

using model::Completeness;
using model::Op;
using ModelRun = model::Run;
using storage::SpanRow;

class Assembling : public testing::Test {
 protected:
  void Observe(const std::vector<SpanRow>& rows) {
    std::vector<const SpanRow*> pointers;
    for (const SpanRow& row : rows) pointers.push_back(&row);
    assembler_.Observe("p", clock_.Now(), pointers);
  }
  void Restore(const std::vector<SpanRow>& rows) {
    std::vector<const SpanRow*> pointers;
    for (const SpanRow& row : rows) pointers.push_back(&row);
    assembler_.Restore("p", clock_.Now(), pointers);
  }
  ModelRun Only() {
    const std::vector<ModelRun> runs = assembler_.TakeChanged();
    EXPECT_EQ(runs.size(), 1u);
    return runs.empty() ? ModelRun() : runs[0];
  }
  ModelRun Assemble(const std::vector<SpanRow>& rows) {
    Observe(rows);
    return Only();
  }
  void Wait(Nanos time) { clock_.Advance(time); }

  ManualClock clock_{kNow};
  Assembler assembler_{{5 * kSecond, kHour, &clock_}};
};

TEST_F(Assembling, CountsWhatARunDid) {
  SpanRow root = Span(1, 0, 100, 1000, "agent.run", Op::kAgent);
  root.canonical.agent_name = "loan";
  root.canonical.input = "approve?";
  root.canonical.output = "approved";
  root.canonical.query_type = "loan";
  root.canonical.outcome = "approved";
  SpanRow llm = Llm(2, 1, 110, 100, 20);
  llm.canonical.cost_usd = 0.5;
  llm.canonical.session = "s";
  llm.canonical.user = "u";
  SpanRow total_only = Llm(3, 1, 130, 0, 0);
  total_only.canonical.input_tokens.reset();
  total_only.canonical.output_tokens.reset();
  total_only.canonical.total_tokens = 42;
  const ModelRun run = Assemble({root, llm, total_only, Tool(4, 1, 150, "search"),
                                 Span(5, 1, 160, 5, "retrieval", Op::kRetrieval)});
  EXPECT_EQ(run.project, "p");
  EXPECT_EQ(run.trace_id, Trace());
  EXPECT_EQ(run.root_name, "agent.run");
  EXPECT_EQ(run.service, "svc");
  EXPECT_EQ(run.environment, "prod");
  EXPECT_EQ(run.agent, "loan");
  EXPECT_EQ(run.session, "s");
  EXPECT_EQ(run.user, "u");
  EXPECT_EQ(run.query_type, "loan");
  EXPECT_EQ(run.outcome, "approved");
  EXPECT_EQ(run.start, 100);
  EXPECT_EQ(run.duration, 1000);
  EXPECT_EQ(run.spans, 5);
  EXPECT_EQ(run.steps, 2);
  EXPECT_EQ(run.tool_calls, 1);
  EXPECT_EQ(run.retrievals, 1);
  EXPECT_EQ(run.input_tokens, 100);
  EXPECT_EQ(run.output_tokens, 20);
  EXPECT_EQ(run.total_tokens, 162);
  EXPECT_EQ(run.cost_usd, 0.5);
  EXPECT_EQ(run.models, std::vector<std::string>{"gpt-4o"});
  EXPECT_EQ(run.tools, std::vector<std::string>{"search"});
  EXPECT_EQ(run.agents, std::vector<std::string>{"loan"});
  EXPECT_EQ(run.input_preview, "approve?");
  EXPECT_EQ(run.output_preview, "approved");
  EXPECT_FALSE(run.error);
  EXPECT_EQ(run.completeness, Completeness::kLive);
  EXPECT_EQ(run.last_arrival, kNow);
}

TEST_F(Assembling, CountsACallOnceHoweverManyInstrumentationsSawIt) {
  EXPECT_EQ(Assemble({Span(1, 0, 1, 99, "root"), Llm(2, 1, 2, 100, 20), Llm(3, 2, 3, 100, 20),
                      Llm(4, 3, 4, 90, 20, "r"), Llm(5, 4, 5, 80, 1, "r"), Llm(6, 1, 6, 100, 20)})
                .steps,
            2);
}

TEST_F(Assembling, CountsNestedToolSpansOfOneCallOnce) {
  EXPECT_EQ(Assemble({Span(1, 0, 1, 99, "root"), Tool(2, 1, 2, "search", "c1"),
                      Tool(3, 2, 3, "search"), Tool(4, 3, 4, "search", "c1"),
                      Tool(5, 1, 5, "search", "c2"), Tool(6, 5, 6, "other", "c3")})
                .tool_calls,
            3);
}

TEST_F(Assembling, TakesUsageFromLeavesAndFromOthersOnlyWhereTheyHaveNone) {
  SpanRow root = Llm(1, 0, 1, 1000, 1000);
  root.canonical.op = Op::kAgent;
  root.canonical.cost_usd = 9;
  SpanRow inner = Llm(2, 1, 2, 10, 5);
  inner.canonical.cost_usd = 1;
  ModelRun run = Assemble({root, inner});
  EXPECT_EQ(run.input_tokens, 10);
  EXPECT_EQ(run.total_tokens, 15);
  EXPECT_EQ(run.cost_usd, 1);
  SpanRow alone = root;
  alone.trace_id = Trace(2);
  run = Assemble({alone});
  EXPECT_EQ(run.input_tokens, 1000);
  EXPECT_EQ(run.cost_usd, 9);
}

TEST_F(Assembling, NeverOverflowsOnHostileFigures) {
  SpanRow a = Llm(1, 0, INT64_MAX, INT64_MAX, INT64_MAX);
  a.duration = INT64_MAX;
  SpanRow b = Llm(2, 0, 1, -5, INT64_MIN);
  b.canonical.cost_usd = std::numeric_limits<double>::infinity();
  const ModelRun run = Assemble({a, b});
  EXPECT_GT(run.total_tokens, 0);
  EXPECT_EQ(run.duration, INT64_MAX - 1);
  EXPECT_EQ(run.cost_usd, 0);
}

TEST_F(Assembling, TellsTheRootsError) {
  SpanRow root = Span(1, 0, 1, 10, "root");
  SpanRow child = Span(2, 1, 2, 3, "child");
  child.status = model::StatusCode::kError;
  child.status_message = "tool broke";
  ModelRun run = Assemble({child});
  EXPECT_TRUE(run.error);  // no root yet
  EXPECT_EQ(run.error_message, "tool broke");
  run = Assemble({root});
  EXPECT_FALSE(run.error);
  EXPECT_EQ(run.errors, 1);
  EXPECT_EQ(run.error_message, "tool broke");
  root.trace_id = child.trace_id = Trace(2);
  root.status = model::StatusCode::kError;
  root.events = R"([{"time":1,"name":"exception","attributes":{"exception.message":"boom"}}])";
  run = Assemble({child, root});
  EXPECT_TRUE(run.error);
  EXPECT_EQ(run.error_message, "boom");
}

TEST_F(Assembling, FallsBackToCallsForPreviews) {
  SpanRow first = Llm(2, 1, 10, 1, 1);
  first.canonical.input = R"([{"role":"user","content":"hello"}])";
  first.canonical.output = "one";
  SpanRow last = Llm(3, 1, 20, 2, 2);
  last.canonical.input = "later";
  last.canonical.output = "two";
  const ModelRun run = Assemble({last, Span(1, 0, 1, 99, "root"), first});
  EXPECT_EQ(run.input_preview, "hello");
  EXPECT_EQ(run.output_preview, "two");
}

TEST_F(Assembling, ChoosesTheEarliestOfSeveralRootsAndElseTheEarliestOrphan) {
  SpanRow orphan = Span(4, 99, 5, 10, "orphan");
  SpanRow late = Span(2, 0, 20, 10, "late root");
  SpanRow early = Span(3, 0, 10, 10, "early root");
  EXPECT_EQ(Assemble({orphan}).root_name, "orphan");
  EXPECT_EQ(Assemble({late}).root_name, "late root");
  EXPECT_EQ(Assemble({early}).root_name, "early root");
}

TEST_F(Assembling, SurvivesCirclesAndSpansThatAreTheirOwnParent) {
  SpanRow self = Span(1, 1, 1, 1, "self");
  EXPECT_EQ(Assemble({self}).root_name, "self");
  SpanRow a = Llm(2, 3, 5, 1, 1), b = Llm(3, 2, 4, 1, 1);
  a.trace_id = b.trace_id = Trace(2);
  b.name = "b";
  const ModelRun run = Assemble({a, b});
  EXPECT_EQ(run.root_name, "b");
  EXPECT_EQ(run.missing_parents, 0);
}

TEST_F(Assembling, CountsSpansWithClocksThatCannotBeRight) {
  SpanRow clamped = Span(2, 1, 110, 0, "clamped");
  clamped.times_adjusted = true;
  clamped.raw_end = 1;
  const ModelRun run =
      Assemble({Span(1, 0, 100, 50, "root"), clamped, Span(3, 1, 90, 5, "before"),
                Span(4, 1, 151, 5, "after"), Span(5, 1, 120, 500, "asynchronous")});
  EXPECT_EQ(run.clock_skewed, 3);
  EXPECT_EQ(run.start, 90);
  EXPECT_EQ(run.duration, 530);
}

TEST_F(Assembling, IsCompleteOnlyWhenQuietAndLiveAgainForALateSpan) {
  EXPECT_EQ(Assemble({Span(1, 0, 1, 10, "root")}).completeness, Completeness::kLive);
  Wait(4 * kSecond);
  EXPECT_TRUE(assembler_.TakeChanged().empty());
  Observe({Span(2, 1, 2, 3, "child")});
  Only();
  Wait(4 * kSecond);
  EXPECT_TRUE(assembler_.TakeChanged().empty());
  Wait(kSecond);
  ModelRun run = Only();
  EXPECT_EQ(run.completeness, Completeness::kComplete);
  EXPECT_TRUE(assembler_.TakeChanged().empty());
  const uint64_t version = run.version;
  run = Assemble({Span(3, 7, 5, 3, "late orphan")});
  EXPECT_EQ(run.completeness, Completeness::kLive);
  EXPECT_EQ(run.missing_parents, 1);
  EXPECT_GT(run.version, version);
  Wait(5 * kSecond);
  EXPECT_EQ(Only().completeness, Completeness::kIncomplete);
  run = Assemble({Span(7, 1, 4, 8, "late parent")});
  EXPECT_EQ(run.missing_parents, 0);
  Wait(5 * kSecond);
  EXPECT_EQ(Only().completeness, Completeness::kComplete);
}

TEST_F(Assembling, StaysLiveWhileASpanIsOpenButNotForever) {
  SpanRow open = Span(1, 0, 1, 0, "open");
  open.times_adjusted = true;
  Assemble({open});
  Wait(kMinute);
  EXPECT_TRUE(assembler_.TakeChanged().empty());
  Wait(kHour);
  EXPECT_EQ(Only().completeness, Completeness::kComplete);
}

TEST_F(Assembling, ForgetsOnlySettledRunsAndRestoresThem) {
  Assemble({Span(1, 0, 1, 10, "root")});
  EXPECT_TRUE(assembler_.ForgetSettled(kNow + kHour).empty());  // live
  Wait(10 * kSecond);
  EXPECT_EQ(Only().completeness, Completeness::kComplete);
  EXPECT_TRUE(assembler_.ForgetSettled(kNow).empty());  // too young
  EXPECT_EQ(assembler_.ForgetSettled(kNow + 1), std::vector<TraceId>{Trace()});
  EXPECT_FALSE(assembler_.Knows("p", Trace()));

  Restore({Span(1, 0, 1, 10, "root")});
  Restore({Span(1, 0, 1, 10, "root")});
  EXPECT_TRUE(assembler_.Knows("p", Trace()));
  EXPECT_FALSE(assembler_.Knows("other", Trace()));
  EXPECT_TRUE(assembler_.TakeChanged().empty());
  const ModelRun run = Assemble({Span(2, 1, 2, 3, "late")});
  EXPECT_EQ(run.spans, 2);
  EXPECT_EQ(run.root_name, "root");
  assembler_.Forget("p", Trace());
  EXPECT_FALSE(assembler_.Knows("p", Trace()));
  EXPECT_TRUE(assembler_.TakeChanged().empty());
}

TEST_F(Assembling, KeepsProjectsApart) {
  const SpanRow row = Span(1, 0, 1, 10, "root");
  const SpanRow* rows[] = {&row};
  assembler_.Observe("a", kNow, rows);
  assembler_.Observe("b", kNow, rows);
  EXPECT_EQ(assembler_.TakeChanged().size(), 2u);
  assembler_.Forget("a", Trace());
  EXPECT_TRUE(assembler_.Knows("b", Trace()));
}

TEST_F(Assembling, TellsTheListenerWhatChanged) {
  std::vector<std::string> seen;
  assembler_.SetListener([&](const ModelRun& run) { seen.push_back(run.root_name); });
  Assemble({Span(1, 0, 1, 10, "root")});
  assembler_.SetListener(nullptr);
  Assemble({Span(2, 1, 1, 10, "child")});
  EXPECT_EQ(seen, std::vector<std::string>{"root"});
}

TEST_F(Assembling, DropsTheNamesOfForgottenRuns) {
  for (uint8_t round = 1; round <= 3; ++round) {
    std::deque<std::string> names;
    std::vector<SpanRow> rows;
    for (uint64_t i = 1; i <= 5000; ++i) {
      names.push_back("name " + std::to_string(round) + " " + std::to_string(i));
      rows.push_back(Span(i, i - 1, 1, 1, names.back()));
      rows.back().trace_id = Trace(round);
    }
    Observe(rows);
    Wait(kMinute);
    const std::vector<ModelRun> runs = assembler_.TakeChanged();
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].root_name, names.front());
    const size_t before = assembler_.MemoryUsage();
    EXPECT_EQ(assembler_.ForgetSettled(clock_.Now()).size(), 1u);
    EXPECT_LT(assembler_.MemoryUsage(), before / 4);
  }
}

// Everything but when it was made.
bool SameRun(const ModelRun& a, const ModelRun& b) {
  const auto fields = [](const ModelRun& r) {
    return std::tie(r.root_name, r.service, r.environment, r.agent, r.session, r.user, r.query_type,
                    r.outcome, r.start, r.duration, r.error, r.error_message, r.spans, r.errors,
                    r.steps, r.tool_calls, r.retrievals, r.input_tokens, r.output_tokens,
                    r.total_tokens, r.cost_usd, r.models, r.tools, r.agents, r.input_preview,
                    r.output_preview, r.missing_parents, r.clock_skewed, r.usage, r.edges,
                    r.versions);
  };
  return fields(a) == fields(b);
}

bool PartsSumToTotals(const ModelRun& run) {
  ModelRun sum;
  for (const model::UsagePart& part : run.usage) {
    sum.input_tokens += part.input_tokens;
    sum.output_tokens += part.output_tokens;
    sum.total_tokens += part.total_tokens;
    sum.cost_usd += part.cost_usd;
  }
  return sum.input_tokens == run.input_tokens && sum.output_tokens == run.output_tokens &&
         sum.total_tokens == run.total_tokens && sum.cost_usd == run.cost_usd;
}

std::vector<SpanRow> RandomTrace(std::mt19937_64& random) {
  static constexpr std::string_view kNames[] = {"", "alpha", "beta", "gamma"};
  static constexpr std::string_view kLinks[] = {
      R"([{"trace_id":"00000000000000000000000000000001","span_id":"0000000000000002"}])",
      R"([{"trace_id":"00000000000000000000000000000001","span_id":"0000000000000005"},)"
      R"({"trace_id":"00000000000000000000000000000001","span_id":"0000000000000001"}])",
      R"([{"trace_id":"000000000000000000000000000000ff","span_id":"0000000000000001"}])"};
  const auto below = [&](uint64_t n) { return random() % n; };
  const auto name = [&] { return kNames[below(4)]; };
  std::vector<SpanRow> rows;
  const uint64_t count = 1 + below(12);
  for (uint64_t id = 1; id <= count; ++id) {
    SpanRow row = Span(id, below(count + 3), static_cast<Nanos>(below(50)),
                       static_cast<Nanos>(below(50)), name(), static_cast<Op>(below(13)));
    row.service = name();
    row.environment = name();
    row.times_adjusted = below(5) == 0;
    row.raw_end = 1;
    if (below(4) == 0) row.status = model::StatusCode::kError;
    row.status_message = name();
    model::Canonical& c = row.canonical;
    c.agent_name = name();
    c.model_answered = name();
    c.tool_name = name();
    c.tool_call_id = name();
    c.response_id = name();
    c.session = name();
    c.user = name();
    c.query_type = name();
    c.outcome = name();
    c.input = name();
    c.output = name();
    if (below(2) == 0) c.input_tokens = below(3);
    if (below(2) == 0) c.output_tokens = below(3);
    if (below(3) == 0) c.cache_read_tokens = below(3);
    if (below(8) == 0) row.kind = model::SpanKind::kConsumer;
    if (below(8) == 0) row.kind = model::SpanKind::kProducer;
    if (below(4) == 0) row.links = kLinks[below(3)];
    if (below(8) == 0) c.tool_name = "transfer_to_beta";
    if (below(2) == 0) c.cost_usd = 0.1 * static_cast<double>(below(9));
    rows.push_back(row);
  }
  return rows;
}

TEST(AssemblerProperty, ARunDependsOnlyOnItsSpans) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<SpanRow> rows = RandomTrace(random);
    std::optional<ModelRun> expected;
    for (int round = 0; round < 6; ++round) {
      ManualClock clock(kNow);
      Assembler assembler({5 * kSecond, kHour, &clock});
      std::optional<ModelRun> run;
      for (size_t i = 0; i < rows.size();) {
        const size_t n = round == 0 ? rows.size() : 1 + random() % (rows.size() - i);
        std::vector<const SpanRow*> batch;
        for (size_t k = i; k < i + n; ++k) batch.push_back(&rows[k]);
        i += n;
        if (round > 0 && random() % 4 == 0) {
          assembler.Restore("p", clock.Now(), batch);
        } else {
          assembler.Observe("p", clock.Now(), batch);
        }
        clock.Advance(kSecond);
        if (random() % 2 == 0) assembler.TakeChanged();
      }
      clock.Advance(kMinute);
      const std::vector<ModelRun> runs = assembler.TakeChanged();
      ASSERT_EQ(runs.size(), 1u) << seed;
      if (!expected) expected = runs[0];
      ASSERT_TRUE(PartsSumToTotals(runs[0])) << seed;
      ASSERT_TRUE(SameRun(*expected, runs[0])) << "seed " << seed << " round " << round;
      ASSERT_EQ(expected->completeness, runs[0].completeness);
      std::shuffle(rows.begin(), rows.end(), random);
    }
  }
}

}  // namespace
}  // namespace ao::runs
