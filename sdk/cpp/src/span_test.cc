#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "testing.h"

namespace observatory {
namespace {

using std::chrono::milliseconds;
using testing::Fixture;

TEST(SpanTest, CarriesNameKindTimesAndScope) {
  Fixture f;
  Span span = f.sdk->tracer("my.library", "1.2").start_span("work", {.kind = SpanKind::kClient});
  f.clock->Advance(milliseconds(7));
  span.end();
  const auto spans = f.Flushed();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].name, "work");
  EXPECT_EQ(spans[0].kind, SpanKind::kClient);
  EXPECT_EQ(spans[0].end_ns - spans[0].start_ns, 7'000'000);
  EXPECT_EQ(spans[0].scope_name, "my.library");
  EXPECT_TRUE(spans[0].trace_id.valid());
  EXPECT_FALSE(spans[0].parent_span_id.valid());
  EXPECT_EQ(spans[0].flags, 0x103u);
}

TEST(SpanTest, EndsWhenDestroyedAndOnlyOnce) {
  Fixture f;
  {
    Span span = f.sdk->tracer().start_span("a");
    span.end();
    span.end();
    span.set_attribute("late", 1);
  }
  { Span span = f.sdk->tracer().start_span("b"); }
  const auto spans = f.Flushed();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].attribute("late"), nullptr);
}

TEST(SpanTest, MovesWithoutEnding) {
  Fixture f;
  Span kept;
  {
    Span span = f.sdk->tracer().start_span("moved");
    kept = std::move(span);
  }
  EXPECT_TRUE(kept.recording());
  kept.end();
  EXPECT_EQ(f.Flushed().size(), 1u);
}

TEST(SpanTest, CurrentSpanIsTheParent) {
  Fixture f;
  const Tracer tracer = f.sdk->tracer();
  {
    ActiveSpan parent = tracer.start_active_span("parent");
    ActiveSpan child = tracer.start_active_span("child");
    current_span().set_attribute("on", "child");
  }
  Span other = tracer.start_span("other");
  other.end();
  const auto spans = f.Flushed();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].name, "child");
  EXPECT_EQ(spans[0].parent_span_id, spans[1].span_id);
  EXPECT_EQ(spans[0].trace_id, spans[1].trace_id);
  ASSERT_NE(spans[0].attribute("on"), nullptr);
  EXPECT_NE(spans[2].trace_id, spans[0].trace_id);
}

TEST(SpanTest, RootBeginsANewTrace) {
  Fixture f;
  ActiveSpan outer = f.sdk->tracer().start_active_span("outer");
  Span root = f.sdk->tracer().start_span("root", {.root = true});
  EXPECT_NE(root.trace_id(), outer.span().trace_id());
}

TEST(SpanTest, AttributesOfEveryKind) {
  Fixture f;
  const Value nested = Value::map({{"list", Value::array({1, "two", 3.5, true, Value()})},
                                   {"inner", Value::map({{"deep", -1}})}});
  Span span = f.sdk->tracer().start_span("a", {.attributes = {{"first", "x"}}});
  span.set_attributes({{"int", -5}, {"double", 2.5}, {"bool", true}, {"nested", nested}});
  span.set_attribute("strings", Value(std::vector<std::string>{"a", "b"}));
  span.set_attribute("bytes", Value(Value::Bytes{std::string("\0\xFF", 2)}));
  span.end();
  const auto spans = f.Flushed();
  const SpanRecord& s = spans.at(0);
  EXPECT_EQ(*s.attribute("first"), Value("x"));
  EXPECT_EQ(*s.attribute("int"), Value(-5));
  EXPECT_EQ(*s.attribute("double"), Value(2.5));
  EXPECT_EQ(*s.attribute("bool"), Value(true));
  EXPECT_EQ(*s.attribute("nested"), nested);
  EXPECT_EQ(*s.attribute("strings"), Value::array({"a", "b"}));
  EXPECT_EQ(*s.attribute("bytes"), Value(Value::Bytes{std::string("\0\xFF", 2)}));
}

TEST(SpanTest, SettingAnAttributeAgainReplacesIt) {
  Fixture f;
  Span span = f.sdk->tracer().start_span("a");
  span.set_attribute("x", "a long text that will be replaced").set_attribute("y", 1);
  span.add_event("between");
  span.set_attribute("x", 2).set_attribute("y", "now a text").set_attribute("x", 3);
  span.update_name("renamed");
  span.set_attribute("y", 4);
  span.end();
  const auto spans = f.Flushed();
  const SpanRecord& s = spans.at(0);
  EXPECT_EQ(s.name, "renamed");
  EXPECT_EQ(s.attributes.size(), 2u);
  EXPECT_EQ(*s.attribute("x"), Value(3));
  EXPECT_EQ(*s.attribute("y"), Value(4));
  EXPECT_EQ(s.events.size(), 1u);
}

TEST(SpanTest, LimitsAreCounted) {
  Options options;
  options.limits = {.attributes = 2, .events = 1, .links = 1, .attribute_value_bytes = 4};
  Fixture f(std::move(options));
  Span span = f.sdk->tracer().start_span("a");
  for (const char* key : {"a", "b", "c", "d"}) span.set_attribute(key, "123456");
  span.add_event("1").add_event("2");
  const SpanContext other(TraceId{1, 2}, SpanId{3}, 1, true);
  span.add_link(other).add_link(other).add_link(other);
  span.end();
  const auto spans = f.Flushed();
  const SpanRecord& s = spans.at(0);
  EXPECT_EQ(s.attributes.size(), 2u);
  EXPECT_EQ(*s.attribute("a"), Value("1234"));
  EXPECT_EQ(s.dropped_attributes, 2u);
  EXPECT_EQ(s.dropped_events, 1u);
  EXPECT_EQ(s.dropped_links, 2u);
}

TEST(SpanTest, ManyAttributesSurviveGrowth) {
  Fixture f;
  Span span = f.sdk->tracer().start_span("a");
  for (int i = 0; i < 100; ++i) span.set_attribute("key." + std::to_string(i), i);
  for (int i = 0; i < 100; ++i)
    span.set_attribute("key." + std::to_string(i), std::string(50, 'x'));
  span.end();
  const auto spans = f.Flushed();
  EXPECT_EQ(spans.at(0).attributes.size(), 100u);
  EXPECT_EQ(*spans.at(0).attribute("key.99"), Value(std::string(50, 'x')));
}

TEST(SpanTest, InvalidUtf8IsReplaced) {
  Fixture f;
  Span span = f.sdk->tracer().start_span("a\xFF");
  span.set_attribute("k", "\xC3(");
  span.end();
  const auto spans = f.Flushed();
  EXPECT_EQ(spans.at(0).name, "a\xEF\xBF\xBD");
  EXPECT_EQ(*spans.at(0).attribute("k"), Value("\xEF\xBF\xBD("));
}

TEST(SpanTest, ErrorsAreRecorded) {
  Fixture f;
  Span span = f.sdk->tracer().start_span("a");
  span.record_error(std::invalid_argument("no such policy"));
  span.end();
  const auto spans = f.Flushed();
  const SpanRecord& s = spans.at(0);
  EXPECT_EQ(s.status, StatusCode::kError);
  EXPECT_EQ(s.status_message, "no such policy");
  EXPECT_EQ(*s.attribute("error.type"), Value("std::invalid_argument"));
  ASSERT_EQ(s.events.size(), 1u);
  EXPECT_EQ(s.events[0].name, "exception");
  EXPECT_EQ(*testing::Find(s.events[0].attributes, "exception.message"), Value("no such policy"));
}

TEST(SpanTest, OkIsFinal) {
  Fixture f;
  Span span = f.sdk->tracer().start_span("a");
  span.set_status(StatusCode::kOk).set_status(StatusCode::kError, "too late");
  span.end();
  EXPECT_EQ(f.Flushed().at(0).status, StatusCode::kOk);
}

TEST(SpanTest, UnsampledSpansPassOnTheTrace) {
  Options options;
  options.sampler = always_off();
  Fixture f(std::move(options));
  ActiveSpan span = f.sdk->tracer().start_active_span("a");
  EXPECT_FALSE(span->recording());
  EXPECT_TRUE(span->span_context().valid());
  EXPECT_FALSE(span->span_context().sampled());
  Span child = f.sdk->tracer().start_span("b");
  EXPECT_EQ(child.trace_id(), span->trace_id());
  EXPECT_EQ(f.Flushed().size(), 0u);
}

TEST(SpanTest, ContextSurvivesThreadsAndCallbacks) {
  Fixture f;
  const Tracer tracer = f.sdk->tracer();
  ActiveSpan parent = tracer.start_active_span("parent");
  auto callback = bind_context([&](int value) {
    current_span().set_attribute("value", value);
    tracer.start_span("in thread").end();
  });
  std::thread([&] {
    EXPECT_FALSE(Context::current().span_context().valid());
    callback(3);
    EXPECT_FALSE(Context::current().span_context().valid());
  }).join();
  const SpanId id = parent->span_id();
  parent.end();
  const auto spans = f.Flushed();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].parent_span_id, id);
  EXPECT_EQ(*spans[1].attribute("value"), Value(3));
}

TEST(SpanTest, MayEndAfterShutdown) {
  Fixture f;
  Span span = f.sdk->tracer().start_span("a");
  f.sdk->shutdown();
  span.end();
  EXPECT_EQ(f.sdk->stats(Signal::kTraces).dropped_expired, 1u);
}

TEST(SpanTest, ResourceSaysWhoIsSpeaking) {
  Options options;
  options.service_name = "loan-agent";
  options.environment = "staging";
  options.resource = {{"team", "lending"}};
  Fixture f(std::move(options));
  f.sdk->tracer().start_span("a").end();
  f.sdk->flush();
  const auto resource = testing::ResourceOf(f.transport->bodies(Signal::kTraces).at(0));
  EXPECT_EQ(*testing::Find(resource, "service.name"), Value("loan-agent"));
  EXPECT_EQ(*testing::Find(resource, "deployment.environment.name"), Value("staging"));
  EXPECT_EQ(*testing::Find(resource, "team"), Value("lending"));
  EXPECT_EQ(*testing::Find(resource, "telemetry.sdk.language"), Value("cpp"));
  EXPECT_NE(testing::Find(resource, "service.instance.id"), nullptr);
}

TEST(SpanTest, BaggageIsCopiedWhenAsked) {
  Options options;
  options.baggage_attributes = {"session.id"};
  Fixture f(std::move(options));
  Scope scope(Context().with_baggage("session.id", "s1").with_baggage("other", "x"));
  f.sdk->tracer().start_span("a").end();
  const auto spans = f.Flushed();
  EXPECT_EQ(*spans.at(0).attribute("session.id"), Value("s1"));
  EXPECT_EQ(spans.at(0).attribute("other"), nullptr);
}

class Watcher final : public SpanProcessor {
 public:
  void on_start(Span& span, const Context&) noexcept override { span.set_attribute("seen", true); }
  void on_end(const SpanRecord& span) noexcept override { names.push_back(span.name); }
  std::vector<std::string> names;
};

TEST(SpanTest, ProcessorsSeeEverySpan) {
  auto watcher = std::make_shared<Watcher>();
  Options options;
  options.processors = {watcher};
  Fixture f(std::move(options));
  f.sdk->tracer().start_span("a").end();
  EXPECT_EQ(watcher->names, std::vector<std::string>{"a"});
  EXPECT_EQ(*f.Flushed().at(0).attribute("seen"), Value(true));
}

}  // namespace
}  // namespace observatory
