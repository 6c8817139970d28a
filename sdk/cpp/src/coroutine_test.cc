#include "observatory/coroutine.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing.h"

namespace observatory {
namespace {

// A coroutine that starts at once and is resumed by hand.
struct Job {
  struct promise_type : CoroutineContext {
    Job get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    auto initial_suspend() { return enter(std::suspend_never()); }
    auto final_suspend() noexcept { return leave(std::suspend_always()); }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Job Work(const Tracer& tracer, SpanId* seen) {
  ActiveSpan span = tracer.start_active_span("work");
  co_await std::suspend_always();
  seen[0] = Context::current().span_context().span_id();
  {
    ActiveSpan inner = tracer.start_active_span("inner");
    co_await std::suspend_always();
    seen[1] = Context::current().span_context().span_id();
  }
  seen[2] = Context::current().span_context().span_id();
}

TEST(CoroutineContextTest, KeepsItsContextAcrossThreadsAndLeavesNoTrace) {
  testing::Fixture f;
  const Tracer tracer = f.sdk->tracer();
  ActiveSpan caller = tracer.start_active_span("caller");
  const SpanId outside = caller->span_id();
  SpanId seen[3];
  Job job = Work(tracer, seen);
  EXPECT_EQ(Context::current().span_context().span_id(), outside);
  std::thread([&] {
    job.handle.resume();
    EXPECT_FALSE(Context::current().span_context().valid());
  }).join();
  job.handle.resume();
  EXPECT_EQ(Context::current().span_context().span_id(), outside);
  EXPECT_TRUE(job.handle.done());
  job.handle.destroy();
  caller.end();
  const auto spans = f.Flushed();
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].name, "inner");
  EXPECT_EQ(spans[0].parent_span_id, spans[1].span_id);
  EXPECT_EQ(spans[1].parent_span_id, outside);
  EXPECT_EQ(seen[0], spans[1].span_id);
  EXPECT_EQ(seen[1], spans[0].span_id);
  EXPECT_EQ(seen[2], spans[1].span_id);
}

}  // namespace
}  // namespace observatory
