#include "observatory/sampler.h"

#include <gtest/gtest.h>

#include "random.h"
#include "testing.h"

namespace observatory {
namespace {

using testing::Fixture;

TraceId WithRandomness(uint64_t bits) { return {1, bits}; }
constexpr uint64_t kTop = (uint64_t{1} << 56) - 1;

TEST(TraceSamplerTest, KeepsEveryError) {
  const TraceSampler sampler({.ratio = 0});
  EXPECT_EQ(sampler.decide({WithRandomness(0), true, 1}), TraceSampler::Reason::kError);
}

TEST(TraceSamplerTest, KeepsMoreStepsThanTheThreshold) {
  const TraceSampler sampler({.ratio = 0, .max_steps = 5});
  EXPECT_EQ(sampler.decide({WithRandomness(0), false, 6}), TraceSampler::Reason::kSteps);
  EXPECT_EQ(sampler.decide({WithRandomness(0), false, 5}), TraceSampler::Reason::kDropped);
}

TEST(TraceSamplerTest, KeepsAShareByTheTraceIdAlone) {
  const TraceSampler sampler;  // 10 %
  EXPECT_EQ(sampler.decide({WithRandomness(kTop), false, 1}), TraceSampler::Reason::kShare);
  EXPECT_EQ(sampler.decide({WithRandomness(0), false, 1}), TraceSampler::Reason::kDropped);
  EXPECT_EQ(sampler.decide({TraceId{77, kTop}, false, 1}), TraceSampler::Reason::kShare);
  int kept = 0;
  for (uint64_t i = 0; i < 100000; ++i) {
    // Evenly spread ids.
    kept += sampler.keep({WithRandomness(kTop / 100000 * i), false, 1}) ? 1 : 0;
  }
  EXPECT_NEAR(kept, 10000, 2);
}

TEST(ProbabilityTest, ProcessesAgreeAndSayTheirThreshold) {
  const auto half = probability(0.5);
  const SpanContext none;
  const auto decide = [&](const SpanContext& parent, TraceId id) {
    return half->should_sample({parent, id, 3, "x", SpanKind::kInternal, {}});
  };
  const SamplingDecision kept = decide(none, WithRandomness(kTop));
  EXPECT_TRUE(kept.record);
  EXPECT_EQ(kept.trace_state, "ot=th:8");
  EXPECT_FALSE(decide(none, WithRandomness(1)).record);
  // An explicit randomness counts instead of the id; other members stay.
  const SpanContext parent(WithRandomness(1), SpanId{1}, 3, true, "a=1,ot=rv:ffffffffffffff");
  const SamplingDecision by_rv = decide(parent, WithRandomness(1));
  EXPECT_TRUE(by_rv.record);
  EXPECT_EQ(by_rv.trace_state, "ot=th:8;rv:ffffffffffffff,a=1");
}

TEST(ParentBasedTest, DoesWhatTheParentDid) {
  Options options;
  options.sampler = parent_based(always_off());
  Fixture f(std::move(options));
  const auto start = [&](uint8_t flags) {
    return f.sdk->tracer().start_span(
        "a", {.parent = Context(SpanContext(TraceId{1, 2}, SpanId{3}, flags, true))});
  };
  EXPECT_TRUE(start(1).recording());
  EXPECT_FALSE(start(0).recording());
  EXPECT_FALSE(f.sdk->tracer().start_span("root").recording());
}

Options Tail(TraceSamplerOptions sampler) {
  Options options;
  options.trace_sampler = TraceSampler(sampler);
  return options;
}

void RunTrace(const Sdk& sdk, bool error, int calls) {
  const Tracer tracer = sdk.tracer();
  ActiveSpan run = tracer.start_active_span("agent.run");
  for (int i = 0; i < calls; ++i) tracer.start_span("llm.call").end();
  Span tool = tracer.start_span("tool.call.x");
  if (error) tool.set_status(StatusCode::kError, "no");
}

TEST(TraceBufferTest, KeepsWholeTracesWithAnErrorOrManySteps) {
  Fixture f(Tail({.ratio = 0, .max_steps = 5}));
  RunTrace(*f.sdk, false, 3);
  RunTrace(*f.sdk, true, 1);
  RunTrace(*f.sdk, false, 8);
  EXPECT_EQ(f.Flushed().size(), 3u + 10u);
  EXPECT_EQ(f.sdk->stats(Signal::kTraces).sampled_out, 5u);
}

TEST(TraceBufferTest, WaitsForTheLastOpenSpan) {
  Fixture f(Tail({.ratio = 0}));
  Span run = f.sdk->tracer().start_span("agent.run");
  Span late = f.sdk->tracer().start_span("tool.call", {.parent = run.context()});
  run.end();
  EXPECT_EQ(f.sdk->stats(Signal::kTraces).sampled_out, 0u);
  late.record_error("timeout", "too late");
  late.end();
  EXPECT_EQ(f.Flushed().size(), 2u);
}

TEST(TraceBufferTest, StepsOfTheRunCount) {
  Fixture f(Tail({.ratio = 0, .max_steps = 10}));
  f.sdk->tracer().start_span("agent.run", {.attributes = {{"agent.steps", 11}}}).end();
  EXPECT_EQ(f.Flushed().size(), 1u);
}

TEST(TraceBufferTest, IsBoundedAndKeepsWhatItCannotHold) {
  Fixture f(Tail({.ratio = 0, .max_bytes = 20000}));
  std::vector<Span> open;
  for (int i = 0; i < 50; ++i) {
    open.push_back(f.sdk->tracer().start_span("agent.run"));
    Span child = f.sdk->tracer().start_span("llm.call", {.parent = open.back().context()});
  }
  EXPECT_GT(f.sdk->stats(Signal::kTraces).recorded, 20u);
}

}  // namespace
}  // namespace observatory
