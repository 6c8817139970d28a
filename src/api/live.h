#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "model/run.h"

// Runs as they change, for whoever watches. Publishing never waits: each subscriber has a bounded
// queue in which a newer version of a run replaces the older one, and a subscriber that lets it
// overflow is dropped. A subscriber sees only its own project. Thread-safe.

namespace ao::api {

class LiveRuns {
 public:
  struct Options {
    size_t max_pending = 256;        // distinct runs waiting for one subscriber
    size_t max_subscribers = 256;    // over all projects
    Nanos heartbeat = 15 * kSecond;  // 0: only Beat() beats
  };
  struct Stats {
    uint64_t published = 0, dropped_subscribers = 0, refused_subscribers = 0;
    size_t subscribers = 0;
  };
  using RunPtr = std::shared_ptr<const model::Run>;

  // What one Wait brought: runs, oldest first; nothing and open: a heartbeat is due.
  struct Delivery {
    std::vector<RunPtr> runs;
    bool dropped = false;  // too slow; nothing more comes
    bool closed = false;   // the subscription or the whole thing was closed; nothing more comes
  };

  class Subscription {
   public:
    // Waits for the next runs, heartbeat or end.
    Delivery Wait();
    // Ends it, also for a thread inside Wait.
    void Close();

   private:
    friend class LiveRuns;
    Subscription(std::string project, size_t max_pending)
        : project_(std::move(project)), max_pending_(max_pending) {}
    // False when this run made the queue overflow.
    bool Offer(const RunPtr& run);
    void Beat();

    const std::string project_;
    const size_t max_pending_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::deque<RunPtr> pending_;
    bool heartbeat_due_ = false, dropped_ = false, closed_ = false;
  };

  LiveRuns() : LiveRuns(Options{}) {}
  explicit LiveRuns(Options options);
  ~LiveRuns();
  LiveRuns(const LiveRuns&) = delete;
  LiveRuns& operator=(const LiveRuns&) = delete;

  void Publish(const model::Run& run);
  // Null when there are too many subscribers, or after Close. Let go of it to unsubscribe.
  std::shared_ptr<Subscription> Subscribe(std::string_view project);
  // Makes every subscriber's Wait return, so that idle connections show signs of life.
  void Beat();
  // Ends every subscription; later ones are refused.
  void Close();
  Stats stats() const;

 private:
  using SubscriptionPtr = std::shared_ptr<Subscription>;
  // The subscriptions still held by somebody; forgets the others. Needs mutex_.
  std::vector<SubscriptionPtr> Current();

  const Options options_;
  mutable std::mutex mutex_;  // guards all below
  std::vector<std::weak_ptr<Subscription>> subscriptions_;
  Stats stats_;
  bool closed_ = false;
  std::condition_variable closing_;
  std::thread ticker_;
};

}  // namespace ao::api
