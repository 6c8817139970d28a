#include "trace_buffer.h"

#include <algorithm>
#include <utility>

namespace observatory::detail {
namespace {

constexpr size_t kRemembered = 4096;

Record* Join(Record* first, Record* second) {
  if (first == nullptr) return second;
  Record* last = first;
  while (last->next != nullptr) last = last->next;
  last->next = second;
  return first;
}

}  // namespace

void TraceBuffer::SpanStarted(const TraceId& id, int64_t now) noexcept {
  std::lock_guard lock(mutex_);
  const auto [found, added] = traces_.try_emplace(id);
  Trace& trace = found->second;
  ++trace.open;
  if (!added) return;
  trace.began = now;
  trace.facts.trace_id = id;
  trace.place = waiting_.insert(waiting_.end(), id);
}

Record* TraceBuffer::Release(Trace* trace) {
  bytes_ -= std::exchange(trace->bytes, 0);
  return std::exchange(trace->first, nullptr);
}

void TraceBuffer::Decide(const TraceId& id, Trace* trace, State state) {
  waiting_.erase(trace->place);
  trace->state = state;
  trace->place = decided_.insert(decided_.end(), id);
  while (decided_.size() > kRemembered) {
    const TraceId oldest = decided_.front();
    decided_.pop_front();
    traces_.erase(oldest);
  }
}

Record* TraceBuffer::SpanEnded(Record* record, uint64_t* dropped) noexcept {
  std::lock_guard lock(mutex_);
  const TraceId id = record->trace_id;
  const auto found = traces_.find(id);
  if (found == traces_.end()) return record;  // forgotten: kept
  Trace& trace = found->second;
  --trace.open;
  if (trace.state == State::kKept) return record;
  if (trace.state == State::kDropped) {
    if (record->error) {  // late news: what is left of the trace is worth keeping
      trace.state = State::kKept;
      return record;
    }
    ++*dropped;
    record->next = nullptr;
    ReturnRecords(record);
    return nullptr;
  }
  trace.facts.error = trace.facts.error || record->error;
  trace.calls += record->call ? 1 : 0;
  trace.facts.steps = std::max({trace.facts.steps, record->steps, trace.calls});
  const size_t bytes = record->bytes();
  record->next = trace.first;
  trace.first = record;
  trace.bytes += bytes;
  bytes_ += bytes;
  if (trace.open <= 0) {
    const bool keep = sampler_.keep(trace.facts);
    Record* list = Release(&trace);
    Decide(id, &trace, keep ? State::kKept : State::kDropped);
    if (keep) return list;
    for (const Record* each = list; each != nullptr; each = each->next) ++*dropped;
    ReturnRecords(list);
    return nullptr;
  }
  Record* out = nullptr;
  while (bytes_ > sampler_.options().max_bytes && !waiting_.empty()) {
    const TraceId oldest = waiting_.front();
    Trace& other = traces_.at(oldest);
    out = Join(Release(&other), out);
    Decide(oldest, &other, State::kKept);
  }
  return out;
}

Record* TraceBuffer::TakeExpired(int64_t now) noexcept {
  const int64_t limit = std::chrono::nanoseconds(sampler_.options().max_wait).count();
  std::lock_guard lock(mutex_);
  Record* out = nullptr;
  while (!waiting_.empty()) {
    const TraceId oldest = waiting_.front();
    Trace& trace = traces_.at(oldest);
    if (now - trace.began < limit) break;
    out = Join(Release(&trace), out);
    Decide(oldest, &trace, State::kKept);
  }
  return out;
}

Record* TraceBuffer::TakeAll() noexcept {
  std::lock_guard lock(mutex_);
  Record* out = nullptr;
  while (!waiting_.empty()) {
    const TraceId oldest = waiting_.front();
    Trace& trace = traces_.at(oldest);
    out = Join(Release(&trace), out);
    Decide(oldest, &trace, State::kKept);
  }
  return out;
}

void TraceBuffer::ResetInChild() noexcept {
  for (auto& [id, trace] : traces_) ReturnRecords(trace.first);
  traces_.clear();
  waiting_.clear();
  decided_.clear();
  bytes_ = 0;
  mutex_.unlock();
}

}  // namespace observatory::detail
