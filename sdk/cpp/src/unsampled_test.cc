// What spans that nobody records cost: no memory at all. A program of its own, because it counts
// allocations, and because nothing here may configure the global SDK.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <stdexcept>

#include "core.h"
#include "testing.h"

namespace {

// Of the thread that counts: exporting threads are not meant. Volatile, because a compiler may
// assume that malloc changes nothing of ours.
thread_local volatile size_t allocations = 0;
thread_local volatile bool counting = false;

void* Count(void* memory) {
  if (counting) allocations = allocations + 1;
  return memory;
}

}  // namespace

// The linker sends the library's own calls here (--wrap); operator new comes this way as well.
extern "C" {
void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* memory, size_t size);
void* __wrap_malloc(size_t size) { return Count(__real_malloc(size)); }
void* __wrap_calloc(size_t count, size_t size) { return Count(__real_calloc(count, size)); }
void* __wrap_realloc(void* memory, size_t size) { return Count(__real_realloc(memory, size)); }
}

void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace observatory {
namespace {

using testing::Fixture;

// How many blocks of memory `function` takes, the second time that it is called.
template <typename F>
size_t AllocationsOf(const F& function) {
  function();  // thread-local state and the like
  allocations = 0;
  counting = true;
  function();
  counting = false;
  return allocations;
}

// Everything that a program does with a span.
void UseSpans(const Tracer& tracer, const Context& parent) {
  static const std::runtime_error error("no such policy, however long one looks for it");
  static const Value documents = Value::array({Value::map({{"id", "d1"}, {"score", 0.9}})});
  ActiveSpan active = tracer.start_active_span(
      "agent.run", {.kind = SpanKind::kServer, .parent = parent, .attributes = {{"a", 1}}});
  active->set_attribute("text", "longer than what a std::string keeps within itself")
      .set_attribute("documents", documents)
      .set_attributes({{"whole", 1}, {"fraction", 0.5}, {"yes", true}})
      .add_event("cache miss", {{"key", "k"}})
      .add_link(parent.span_context(), {{"why", "fan-in"}})
      .record_exception(error)
      .record_error(error)
      .set_status(StatusCode::kError, "a description that is not kept anywhere")
      .update_name("a name that is longer than the first one");
  EXPECT_FALSE(active->recording());
  current_span().set_attribute("current", true);
  Span child = tracer.start_span("llm.call");
  Span moved = std::move(child);
  const Scope scope(moved);
  const Context captured = Context::current();
  EXPECT_EQ(captured.span_context().trace_id(), active->trace_id());
  moved.end();
}

Context Remote(uint8_t flags, std::string_view trace_state = {}) {
  return Context(SpanContext(TraceId{1, 2}, SpanId{3}, flags, true, trace_state));
}

size_t AllocationsUnder(std::shared_ptr<Sampler> sampler, const Context& parent) {
  Options options;
  options.sampler = std::move(sampler);
  Fixture f(std::move(options));
  const Tracer tracer = f.sdk->tracer("unsampled");
  return AllocationsOf([&] { UseSpans(tracer, parent); });
}

TEST(UnsampledTest, TheCounterCounts) {
  void* volatile block = nullptr;  // or the compiler leaves the pair out
  const auto call_malloc = [&] {
    block = std::malloc(1);
    std::free(block);
  };
  EXPECT_EQ(AllocationsOf(call_malloc), 1u);
  const auto call_new = [&] {
    block = operator new(1);
    operator delete(block);
  };
  EXPECT_EQ(AllocationsOf(call_new), 1u);
  Fixture f;
  const Tracer tracer = f.sdk->tracer();
  EXPECT_GT(AllocationsOf([&] { tracer.start_span("recorded").end(); }), 0u);
}

TEST(UnsampledTest, AlwaysOffTakesNoMemory) {
  EXPECT_EQ(AllocationsUnder(always_off(), Context()), 0u);
  EXPECT_EQ(AllocationsUnder(always_off(), Remote(1, "vendor=something-of-some-length")), 0u);
}

TEST(UnsampledTest, ParentsDecisionTakesNoMemory) {
  EXPECT_EQ(AllocationsUnder(parent_based(always_on()), Remote(0)), 0u);
  EXPECT_EQ(
      AllocationsUnder(parent_based(probability(0.5)), Remote(0, "ot=rv:00000000000001,a=bcdefgh")),
      0u);
}

TEST(UnsampledTest, ProbabilityTakesNoMemory) {
  EXPECT_EQ(AllocationsUnder(probability(1e-9), Remote(0)), 0u);
  EXPECT_EQ(AllocationsUnder(probability(1e-9), Remote(0, "vendor=something-of-some-length")), 0u);
}

TEST(UnsampledTest, BaggageOfTheParentTakesNoMemory) {
  const Context parent = Remote(0).with_baggage("session.id", "a session with a long name");
  EXPECT_EQ(AllocationsUnder(always_off(), parent), 0u);
}

TEST(UnsampledTest, ADisabledSdkTakesNoMemory) {
  setenv("OTEL_SDK_DISABLED", "true", 1);
  EXPECT_EQ(AllocationsUnder(always_on(), Context()), 0u);
  EXPECT_EQ(AllocationsUnder(nullptr, Remote(1)), 0u);
  unsetenv("OTEL_SDK_DISABLED");
}

TEST(UnconfiguredTest, TakesNoMemory) {
  ASSERT_EQ(detail::Core::Global(), nullptr);
  const Tracer tracer = observatory::tracer("unconfigured");
  EXPECT_EQ(AllocationsOf([&] { UseSpans(tracer, Remote(1)); }), 0u);
  const auto add = [](int a, int b) { return a + b; };
  EXPECT_EQ(AllocationsOf([&] { traced("add", add, 1, kwarg("b", 2)); }), 0u);
}

TEST(UnconfiguredTest, NothingHappensButTheTraceGoesOn) {
  ASSERT_EQ(detail::Core::Global(), nullptr);
  const SpanContext remote(TraceId{1, 2}, SpanId{3}, 1, true);
  Span span = observatory::tracer("unconfigured").start_span("a", {.parent = Context(remote)});
  span.set_attribute("x", 1);
  EXPECT_FALSE(span.recording());
  EXPECT_EQ(span.trace_id(), remote.trace_id());
}

}  // namespace
}  // namespace observatory
