#include "lane.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <barrier>
#include <future>
#include <thread>

#include "testing.h"

namespace observatory {
namespace {

using std::chrono::milliseconds;
using testing::Fixture;
using testing::Spans;
using Outcome = ExportResponse::Outcome;

void Emit(const Sdk& sdk, int spans, size_t bytes = 10) {
  for (int i = 0; i < spans; ++i) {
    Span span = sdk.tracer().start_span("s");
    span.set_attribute("text", std::string(bytes, 'x'));
  }
}

TEST(BackoffTest, DoublesWithinItsRange) {
  BatchOptions options;
  EXPECT_EQ(detail::NextBackoff(options, 0, 0.999999, {}), milliseconds(999));
  EXPECT_EQ(detail::NextBackoff(options, 0, 0, {}), milliseconds(100));
  EXPECT_EQ(detail::NextBackoff(options, 2, 0.999999, {}), milliseconds(3999));
  EXPECT_EQ(detail::NextBackoff(options, 60, 0, {}), milliseconds(3000));
}

TEST(BackoffTest, TheServerKnowsBetter) {
  EXPECT_EQ(detail::NextBackoff({}, 0, 0.5, milliseconds(7000)), milliseconds(7000));
  // "At once" from a server that is overloaded would be a storm.
  EXPECT_EQ(detail::NextBackoff({}, 0, 0, milliseconds(0)), milliseconds(100));
}

TEST(LaneTest, SplitsByEncodedSize) {
  Options options;
  options.traces.max_batch_bytes = 10000;
  Fixture f(std::move(options));
  Emit(*f.sdk, 30, 2000);
  EXPECT_EQ(f.Flushed().size(), 30u);
  const auto bodies = f.transport->bodies(Signal::kTraces);
  EXPECT_GE(bodies.size(), 7u);
  for (const std::string& body : bodies) EXPECT_LT(body.size(), 11000u);
}

TEST(LaneTest, OneHugeRecordGoesAlone) {
  Options options;
  options.traces.max_batch_bytes = 10000;
  Fixture f(std::move(options));
  Emit(*f.sdk, 1, 100000);
  Emit(*f.sdk, 1);
  EXPECT_EQ(f.Flushed().size(), 2u);
}

TEST(LaneTest, RetriesUntilTheServerIsBack) {
  Fixture f;
  std::atomic<int> failures{5};
  f.transport->SetAnswer([&](const ExportRequest&) -> ExportResponse {
    if (failures-- > 0) return {.outcome = Outcome::kRetry};
    return {.outcome = Outcome::kAccepted};
  });
  Emit(*f.sdk, 3);
  EXPECT_TRUE(f.sdk->flush());
  const ExportStats stats = f.sdk->stats(Signal::kTraces);
  EXPECT_EQ(stats.exported, 3u);
  EXPECT_EQ(stats.retries, 5u);
  EXPECT_EQ(stats.queued_bytes, 0u);
}

TEST(LaneTest, RefusedAndRejectedAreCounted) {
  Fixture f;
  f.transport->SetAnswer([](const ExportRequest&) -> ExportResponse {
    return {.outcome = Outcome::kAccepted, .rejected = 1};
  });
  Emit(*f.sdk, 3);
  EXPECT_FALSE(f.sdk->flush());
  EXPECT_EQ(f.sdk->stats(Signal::kTraces).exported, 2u);
  f.transport->SetAnswer(
      [](const ExportRequest&) -> ExportResponse { return {.outcome = Outcome::kRefused}; });
  Emit(*f.sdk, 2);
  EXPECT_FALSE(f.sdk->flush());
  EXPECT_EQ(f.sdk->stats(Signal::kTraces).dropped_refused, 3u);
}

TEST(LaneTest, MemoryIsBoundedWhileTheServerIsAway) {
  Options options;
  options.traces.max_queue_bytes = 1 << 20;
  Fixture f(std::move(options));
  std::atomic<bool> away{true};
  f.transport->SetAnswer([&](const ExportRequest&) -> ExportResponse {
    return {.outcome = away ? Outcome::kRetry : Outcome::kAccepted};
  });
  Emit(*f.sdk, 5000, 1000);
  ExportStats stats = f.sdk->stats(Signal::kTraces);
  EXPECT_LE(stats.queued_bytes, size_t{1} << 20);
  EXPECT_GT(stats.dropped_full, 1000u);
  away = false;
  f.sdk->flush();
  stats = f.sdk->stats(Signal::kTraces);
  EXPECT_EQ(stats.recorded, 5000u);
  EXPECT_EQ(stats.exported + stats.dropped_full, 5000u);
  EXPECT_EQ(Spans(f.transport->bodies(Signal::kTraces)).size(), stats.exported);
}

TEST(LaneTest, FlushGivesUpAtItsDeadline) {
  Fixture f;
  std::promise<void> release;
  auto released = release.get_future().share();
  f.transport->SetAnswer([released](const ExportRequest&) -> ExportResponse {
    released.wait();
    return {.outcome = Outcome::kAccepted};
  });
  Emit(*f.sdk, 1);
  EXPECT_FALSE(f.sdk->flush(milliseconds(5)));
  release.set_value();
  EXPECT_TRUE(f.sdk->flush());
}

TEST(LaneTest, ShutdownDropsWhatItCannotSendAndCountsIt) {
  Fixture f;
  f.transport->SetAnswer(
      [](const ExportRequest&) -> ExportResponse { return {.outcome = Outcome::kRetry}; });
  Emit(*f.sdk, 4);
  EXPECT_FALSE(f.sdk->shutdown(milliseconds(20)));
  Emit(*f.sdk, 1);
  const ExportStats stats = f.sdk->stats(Signal::kTraces);
  EXPECT_EQ(stats.dropped_expired, 5u);
  EXPECT_EQ(stats.queued_bytes, 0u);
}

TEST(LaneTest, ShutdownSendsWhatWaits) {
  Fixture f;
  Emit(*f.sdk, 4);
  EXPECT_TRUE(f.sdk->shutdown());
  EXPECT_EQ(Spans(f.transport->bodies(Signal::kTraces)).size(), 4u);
}

TEST(LaneTest, ManyThreadsLoseNothing) {
  Fixture f;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([&] { Emit(*f.sdk, 2000, 100); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(f.Flushed().size(), 8000u);
}

TEST(LaneTest, DropsAreExportedAsMetrics) {
  Options options;
  options.traces.max_queue_bytes = 8000;
  Fixture f(std::move(options));
  f.sdk->meter().counter("anything").add(1);
  Emit(*f.sdk, 10, 2000);
  f.sdk->flush();
  f.sdk->flush();
  std::string names;
  for (const std::string& body : f.transport->bodies(Signal::kMetrics)) {
    for (const testing::Item& item : testing::Items(body)) {
      names += testing::Fields(item.message, 1).at(0) + " ";
    }
  }
  EXPECT_NE(names.find("otel.sdk.exporter.span.exported"), std::string::npos) << names;
  EXPECT_NE(names.find("otel.sdk.processor.span.processed"), std::string::npos) << names;
}

// The child of a fork begins anew: its spans go out, the parent's are not sent twice.
TEST(LaneTest, WorksInTheChildOfAFork) {
  Fixture f;
  Emit(*f.sdk, 1);
  // A thread that is just starting may hold locks of a sanitizer, which the child would wait for.
  ASSERT_EQ(f.Flushed().size(), 1u);
  Emit(*f.sdk, 2);
  Span open = f.sdk->tracer().start_span("open");
  const pid_t child = fork();
  if (child == 0) {
    Emit(*f.sdk, 3);
    const bool flushed = f.sdk->flush();
    const size_t spans = Spans(f.transport->bodies(Signal::kTraces)).size();
    _exit(flushed && spans == 1 + 3 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  open.end();
  EXPECT_EQ(f.Flushed().size(), 1u + 3u);
}

}  // namespace
}  // namespace observatory
