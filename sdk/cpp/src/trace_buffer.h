#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "observatory/sampler.h"
#include "record.h"

namespace observatory::detail {

// The spans of traces about which a TraceSampler cannot decide yet. A trace is decided when its
// last open span of this process has ended; what comes later for it is treated likewise, as long as
// the decision is remembered (the last 4096 traces). Thread-safe.
class TraceBuffer {
 public:
  explicit TraceBuffer(TraceSampler sampler) : sampler_(std::move(sampler)) {}

  void SpanStarted(const TraceId& trace, int64_t now) noexcept;
  // What is to be exported now: null, or a list. `*dropped` grows by the spans left out.
  Record* SpanEnded(Record* record, uint64_t* dropped) noexcept;
  // Traces that waited for too long, and all of them: kept as they are.
  Record* TakeExpired(int64_t now) noexcept;
  Record* TakeAll() noexcept;

  void LockForFork() noexcept { mutex_.lock(); }
  void UnlockAfterFork() noexcept { mutex_.unlock(); }
  void ResetInChild() noexcept;

 private:
  struct Hash {
    size_t operator()(const TraceId& id) const { return id.low ^ id.high; }
  };
  enum class State : uint8_t { kOpen, kKept, kDropped };
  struct Trace {
    State state = State::kOpen;
    int64_t open = 0, began = 0, calls = 0;
    TraceFacts facts;
    Record* first = nullptr;
    size_t bytes = 0;
    std::list<TraceId>::iterator place;  // in waiting_ or decided_
  };
  using Traces = std::unordered_map<TraceId, Trace, Hash>;

  void Decide(const TraceId& id, Trace* trace, State state);
  Record* Release(Trace* trace);

  const TraceSampler sampler_;
  std::mutex mutex_;
  // Guarded by mutex_:
  Traces traces_;
  std::list<TraceId> waiting_;  // oldest first
  std::list<TraceId> decided_;
  size_t bytes_ = 0;
};

}  // namespace observatory::detail
