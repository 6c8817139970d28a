#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store.h"

namespace ao::storage {

// Counts spans and errors; a run is complete as soon as it has a root.
class CountingRuns final : public RunSource {
 public:
  void Observe(std::string_view project, Nanos received,
               std::span<const SpanRow* const> spans) override {
    std::lock_guard lock(mutex_);
    for (const SpanRow* row : spans) {
      model::Run& run = runs_[{std::string(project), row->trace_id}];
      Count(&run, project, received, *row);
      changed_[{std::string(project), row->trace_id}] = true;
    }
  }
  void Restore(std::string_view project, Nanos received,
               std::span<const SpanRow* const> spans) override {
    ++restored;
    Observe(project, received, spans);
  }
  bool Knows(std::string_view project, const TraceId& id) const override {
    std::lock_guard lock(mutex_);
    return runs_.contains({std::string(project), id});
  }
  std::vector<model::Run> TakeChanged() override {
    std::lock_guard lock(mutex_);
    std::vector<model::Run> result;
    for (const auto& [key, unused] : changed_) {
      if (const auto it = runs_.find(key); it != runs_.end()) result.push_back(it->second);
    }
    changed_.clear();
    return result;
  }
  std::vector<TraceId> ForgetSettled(Nanos quiet_since) override {
    std::lock_guard lock(mutex_);
    std::vector<TraceId> ids;
    for (auto it = runs_.begin(); it != runs_.end();) {
      if (it->second.last_arrival < quiet_since && !changed_.contains(it->first) &&
          it->second.completeness != model::Completeness::kLive) {
        ids.push_back(it->first.second);
        it = runs_.erase(it);
      } else {
        ++it;
      }
    }
    return ids;
  }
  void Forget(std::string_view project, const TraceId& id) override {
    std::lock_guard lock(mutex_);
    runs_.erase({std::string(project), id});
    changed_.erase({std::string(project), id});
  }
  std::atomic<int> restored{0};
  // Fills in what a test wants its runs to say; set before the first span.
  std::function<void(model::Run*, const SpanRow&)> describe;

 private:
  using Key = std::pair<std::string, TraceId>;
  void Count(model::Run* run, std::string_view project, Nanos received, const SpanRow& row) {
    const bool first = run->spans == 0;
    run->project = std::string(project);
    run->trace_id = row.trace_id;
    const Nanos end = std::max(first ? 0 : run->start + run->duration, row.start + row.duration);
    run->start = first ? row.start : std::min(run->start, row.start);
    run->duration = end - run->start;
    if (row.parent_span_id.empty()) {
      run->root_name = std::string(row.name);
      run->completeness = model::Completeness::kComplete;
    }
    if (!row.canonical.session.empty()) run->session = std::string(row.canonical.session);
    run->service = std::string(row.service);
    ++run->spans;
    run->errors += row.status == model::StatusCode::kError;
    run->error = run->errors > 0;
    run->cost_usd += row.canonical.cost_usd.value_or(0);
    run->last_arrival = std::max(run->last_arrival, received);
    ++run->version;
    if (describe) describe(run, row);
  }
  mutable std::mutex mutex_;
  std::map<Key, model::Run> runs_;
  std::map<Key, bool> changed_;
};

}  // namespace ao::storage
