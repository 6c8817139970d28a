#pragma once

#include <cstddef>
#include <cstdint>

#include "buffer.h"
#include "observatory/ids.h"

namespace observatory::detail {

struct Instrumentation;

// One encoded Span, LogRecord or Metric message on its way to the exporter.
struct Record {
  Record* next = nullptr;
  const Instrumentation* scope = nullptr;
  TraceId trace_id;       // of spans
  bool error = false;     // of spans: status ERROR
  int64_t steps = 0;      // of spans: agent.steps
  bool call = false;      // of spans: a call of a model or tool
  Buffer data;

  size_t bytes() const { return sizeof(Record) + data.heap_bytes(); }
};

// Records that are used again, for all threads. Null when there is no memory.
Record* TakeRecord() noexcept;
// Gives back a list linked by `next`.
void ReturnRecords(Record* first) noexcept;

// Around fork(): nobody may hold the pool's lock meanwhile.
void LockRecords() noexcept;
void UnlockRecords() noexcept;

}  // namespace observatory::detail
