#include "api/live.h"

#include <gtest/gtest.h>

namespace ao::api {
namespace {

LiveRuns::Options Quiet(size_t max_pending = 4, size_t max_subscribers = 3) {
  return {.max_pending = max_pending, .max_subscribers = max_subscribers, .heartbeat = 0};
}

model::Run RunWithId(uint8_t id, uint64_t version = 1, std::string project = "default") {
  model::Run run;
  run.project = std::move(project);
  run.trace_id.bytes[15] = id;
  run.version = version;
  return run;
}

TEST(LiveRuns, DeliversRunsOfTheOwnProjectInOrder) {
  LiveRuns live(Quiet());
  const auto subscription = live.Subscribe("default");
  live.Publish(RunWithId(1));
  live.Publish(RunWithId(2, 1, "other"));
  live.Publish(RunWithId(3));
  const auto delivery = subscription->Wait();
  ASSERT_EQ(delivery.runs.size(), 2u);
  EXPECT_EQ(delivery.runs[0]->trace_id.bytes[15], 1);
  EXPECT_EQ(delivery.runs[1]->trace_id.bytes[15], 3);
}

TEST(LiveRuns, KeepsOnlyTheNewestVersionOfAWaitingRun) {
  LiveRuns live(Quiet(1));
  const auto subscription = live.Subscribe("default");
  live.Publish(RunWithId(1, 1));
  live.Publish(RunWithId(1, 3));
  live.Publish(RunWithId(1, 2));
  const auto delivery = subscription->Wait();
  ASSERT_EQ(delivery.runs.size(), 1u);
  EXPECT_EQ(delivery.runs[0]->version, 3u);
  EXPECT_FALSE(delivery.dropped);
}

TEST(LiveRuns, DropsASubscriberThatOverflowsAndNoOther) {
  LiveRuns live(Quiet(2));
  const auto slow = live.Subscribe("default");
  const auto quick = live.Subscribe("default");
  for (uint8_t id = 1; id <= 3; ++id) {
    live.Publish(RunWithId(id));
    EXPECT_EQ(quick->Wait().runs.size(), 1u);
  }
  EXPECT_TRUE(slow->Wait().dropped);
  EXPECT_EQ(live.stats().dropped_subscribers, 1u);
  live.Publish(RunWithId(9));
  EXPECT_TRUE(slow->Wait().dropped);
  EXPECT_EQ(live.stats().dropped_subscribers, 1u);
}

TEST(LiveRuns, BeatsWakeEveryoneWithNothing) {
  LiveRuns live(Quiet());
  const auto subscription = live.Subscribe("default");
  live.Beat();
  const auto delivery = subscription->Wait();
  EXPECT_TRUE(delivery.runs.empty());
  EXPECT_FALSE(delivery.dropped || delivery.closed);
}

TEST(LiveRuns, RefusesTooManyAndFreesThePlacesOfThoseWhoLeft) {
  LiveRuns live(Quiet(4, 1));
  auto first = live.Subscribe("default");
  EXPECT_EQ(live.Subscribe("default"), nullptr);
  EXPECT_EQ(live.stats().refused_subscribers, 1u);
  first.reset();
  EXPECT_EQ(live.stats().subscribers, 0u);
  EXPECT_NE(live.Subscribe("default"), nullptr);
}

TEST(LiveRuns, CloseEndsWaitsAndRefusesNewcomers) {
  LiveRuns live(Quiet());
  const auto subscription = live.Subscribe("default");
  std::thread closer([&] { live.Close(); });
  EXPECT_TRUE(subscription->Wait().closed);
  closer.join();
  EXPECT_EQ(live.Subscribe("default"), nullptr);
}

TEST(LiveRuns, PublishingFromManyThreadsLosesNoRun) {
  LiveRuns live(Quiet(10'000));
  const auto subscription = live.Subscribe("default");
  std::vector<std::thread> publishers;
  for (uint8_t t = 0; t < 4; ++t) {
    publishers.emplace_back([&live, t] {
      for (uint8_t i = 0; i < 50; ++i) live.Publish(RunWithId(static_cast<uint8_t>(t * 50 + i)));
    });
  }
  size_t received = 0;
  while (received < 200) received += subscription->Wait().runs.size();
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(received, 200u);
}

}  // namespace
}  // namespace ao::api
