#include "observatory/propagator.h"

#include <gtest/gtest.h>

#include "trace_state.h"

namespace observatory {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Context Remote() {
  return Context(parse_traceparent(kParent, "vendor=1,ot=th:8"))
      .with_baggage("session.id", "a b,c");
}

TEST(TraceparentTest, RoundTrip) {
  const SpanContext context = parse_traceparent(kParent);
  EXPECT_TRUE(context.valid());
  EXPECT_TRUE(context.sampled());
  EXPECT_TRUE(context.remote());
  EXPECT_EQ(format_traceparent(context), kParent);
}

TEST(TraceparentTest, RefusesWhatTheRecommendationRefuses) {
  for (const std::string text : {
           "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
       }) {
    EXPECT_FALSE(parse_traceparent(text).valid()) << text;
  }
}

TEST(TraceparentTest, TakesHigherVersionsAndDropsUnknownFlags) {
  const SpanContext context =
      parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff-what");
  EXPECT_TRUE(context.valid());
  EXPECT_EQ(context.flags(), 3);
}

TEST(TraceStateTest, MalformedStateIsDroppedAlone) {
  EXPECT_EQ(parse_traceparent(kParent, "a=1, b=2 ,a=3").trace_state(), "a=1,b=2");
  const SpanContext context = parse_traceparent(kParent, "A=1");
  EXPECT_TRUE(context.valid());
  EXPECT_EQ(context.trace_state(), "");
}

TEST(TraceStateTest, Thresholds) {
  using namespace detail;
  EXPECT_EQ(FormatThreshold(ThresholdOf(0.5)), "8");
  EXPECT_EQ(FormatThreshold(ThresholdOf(0.25)), "c");
  EXPECT_EQ(FormatThreshold(ThresholdOf(1)), "0");
  EXPECT_EQ(ParseThreshold("8"), uint64_t{1} << 55);
  EXPECT_EQ(ParseThreshold("xyz"), std::nullopt);
  EXPECT_EQ(RandomnessOf("ot=rv:00000000000001", 5), 1u);
  EXPECT_EQ(RandomnessOf("", 0xFF00000000000005), 5u);
  EXPECT_EQ(WithThreshold("rv:00000000000001;th:8", 0), "th:0;rv:00000000000001");
  EXPECT_EQ(WithTraceStateMember("a=1,ot=th:8", "ot", "th:c"), "ot=th:c,a=1");
}

TEST(BaggageTest, RoundTrip) {
  const Baggage baggage = {{"user", "J\xC3\xB6rg, 7 %", ""}, {"k", "v", "ttl=1"}};
  EXPECT_EQ(format_baggage(baggage), "user=J%C3%B6rg%2C%207%20%25,k=v;ttl=1");
  EXPECT_EQ(parse_baggage(format_baggage(baggage)), baggage);
  EXPECT_EQ(parse_baggage("broken, =x, a = 1 ").size(), 1u);
}

void ExpectSame(const Context& context) {
  EXPECT_EQ(format_traceparent(context.span_context()), kParent);
  EXPECT_EQ(context.span_context().trace_state(), "vendor=1,ot=th:8");
  EXPECT_EQ(context.baggage_value("session.id"), "a b,c");
}

TEST(PropagatorTest, EveryCarrierBringsBackTheSame) {
  const Propagator p(true, true);
  const Context none;
  ExpectSame(p.extract_headers(p.headers(Remote()), none));
  ExpectSame(p.extract_kafka_headers(p.kafka_headers(Remote()), none));
  ExpectSame(p.extract_amqp_headers(p.amqp_headers(Remote()), none));
  ExpectSame(p.extract_redis_fields(p.redis_fields(Remote()), none));
  Value::Map message = {{"task", "x"}};
  p.inject_message(&message, Remote());
  ExpectSame(p.extract_message(Value(message), none));
  ExpectSame(p.extract_json(Value(message).to_json(), none));
  ExpectSame(p.extract_json(p.trace_context_json(Remote()), none));
  Value::Map params = {{"name", "search"}, {"_meta", Value::map({{"progressToken", 1}})}};
  p.inject_mcp(&params, Remote());
  EXPECT_EQ(*Value(params).find("_meta")->find("progressToken"), Value(1));
  ExpectSame(p.extract_mcp(Value(params), none));
}

TEST(PropagatorTest, HeaderNamesHaveNoCase) {
  EXPECT_TRUE(Propagator(true, true)
                  .extract_headers({{"TraceParent", kParent}}, Context())
                  .span_context()
                  .valid());
}

TEST(PropagatorTest, TwoTraceparentsAreNoneInHttpAndTheLastInKafka) {
  const Propagator p(true, true);
  std::string other(kParent);
  other[10] = '0';
  const Propagator::Pairs pairs = {{"traceparent", kParent}, {"traceparent", other}};
  EXPECT_FALSE(p.extract_headers(pairs, Context()).span_context().valid());
  EXPECT_EQ(format_traceparent(p.extract_kafka_headers(pairs, Context()).span_context()), other);
}

TEST(PropagatorTest, EnvironmentUsesUpperCase) {
  const auto pairs = Propagator(true, true).environment(Remote());
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0].first, "TRACEPARENT");
  EXPECT_EQ(pairs[0].second, kParent);
}

TEST(PropagatorTest, PartsCanBeOff) {
  EXPECT_EQ(Propagator(false, true).headers(Remote()).size(), 1u);
  EXPECT_EQ(Propagator(true, false).headers(Remote()).size(), 2u);
}

}  // namespace
}  // namespace observatory
