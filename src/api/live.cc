#include "api/live.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ao::api {

LiveRuns::Delivery LiveRuns::Subscription::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !pending_.empty() || heartbeat_due_ || dropped_ || closed_; });
  Delivery delivery;
  delivery.dropped = dropped_;
  delivery.closed = closed_;
  delivery.runs.assign(std::make_move_iterator(pending_.begin()),
                       std::make_move_iterator(pending_.end()));
  pending_.clear();
  heartbeat_due_ = false;
  return delivery;
}

void LiveRuns::Subscription::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool LiveRuns::Subscription::Offer(const RunPtr& run) {
  const std::lock_guard lock(mutex_);
  if (dropped_ || closed_) return true;
  const auto same = std::find_if(pending_.begin(), pending_.end(), [&](const RunPtr& waiting) {
    return waiting->trace_id == run->trace_id;
  });
  if (same != pending_.end()) {
    if ((*same)->version <= run->version) *same = run;
    return true;
  }
  if (pending_.size() >= max_pending_) {
    dropped_ = true;
    pending_.clear();
  } else {
    pending_.push_back(run);
  }
  changed_.notify_all();
  return !dropped_;
}

void LiveRuns::Subscription::Beat() {
  const std::lock_guard lock(mutex_);
  heartbeat_due_ = true;
  changed_.notify_all();
}

LiveRuns::LiveRuns(Options options) : options_(options) {
  if (options_.heartbeat <= 0) return;
  ticker_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!closing_.wait_for(lock, std::chrono::nanoseconds(options_.heartbeat),
                              [this] { return closed_; })) {
      lock.unlock();
      Beat();
      lock.lock();
    }
  });
}

LiveRuns::~LiveRuns() {
  Close();
  if (ticker_.joinable()) ticker_.join();
}

std::vector<LiveRuns::SubscriptionPtr> LiveRuns::Current() {
  std::vector<SubscriptionPtr> current;
  std::erase_if(subscriptions_, [&](const std::weak_ptr<Subscription>& weak) {
    SubscriptionPtr subscription = weak.lock();
    if (subscription == nullptr) return true;
    current.push_back(std::move(subscription));
    return false;
  });
  return current;
}

void LiveRuns::Publish(const model::Run& run) {
  std::vector<SubscriptionPtr> current;
  {
    const std::lock_guard lock(mutex_);
    ++stats_.published;
    if (subscriptions_.empty()) return;
    current = Current();
  }
  RunPtr shared;
  for (const SubscriptionPtr& subscription : current) {
    if (subscription->project_ != run.project) continue;
    if (shared == nullptr) shared = std::make_shared<const model::Run>(run);
    if (!subscription->Offer(shared)) {
      const std::lock_guard lock(mutex_);
      ++stats_.dropped_subscribers;
    }
  }
}

std::shared_ptr<LiveRuns::Subscription> LiveRuns::Subscribe(std::string_view project) {
  const std::lock_guard lock(mutex_);
  if (closed_ || Current().size() >= options_.max_subscribers) {
    ++stats_.refused_subscribers;
    return nullptr;
  }
  std::shared_ptr<Subscription> subscription(
      new Subscription(std::string(project), options_.max_pending));
  subscriptions_.push_back(subscription);
  return subscription;
}

void LiveRuns::Beat() {
  std::vector<SubscriptionPtr> current;
  {
    const std::lock_guard lock(mutex_);
    current = Current();
  }
  for (const SubscriptionPtr& subscription : current) subscription->Beat();
}

void LiveRuns::Close() {
  std::vector<SubscriptionPtr> current;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    current = Current();
    closing_.notify_all();
  }
  for (const SubscriptionPtr& subscription : current) subscription->Close();
}

LiveRuns::Stats LiveRuns::stats() const {
  const std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.subscribers = static_cast<size_t>(
      std::count_if(subscriptions_.begin(), subscriptions_.end(),
                    [](const std::weak_ptr<Subscription>& weak) { return !weak.expired(); }));
  return stats;
}

}  // namespace ao::api
