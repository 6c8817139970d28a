#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observatory/context.h"
#include "observatory/export.h"
#include "observatory/span.h"
#include "observatory/value.h"

namespace observatory {

// A span that has ended, decoded: what tests look at and processors may copy.
struct SpanRecord {
  struct Event {
    std::string name;
    int64_t time_ns = 0;
    Value::Map attributes;
  };
  struct LinkRecord {
    TraceId trace_id;
    SpanId span_id;
    std::string trace_state;
    Value::Map attributes;
  };
  TraceId trace_id;
  SpanId span_id, parent_span_id;
  std::string trace_state, name;
  uint32_t flags = 0;  // as in OTLP: 0x100 remote is known, 0x200 the parent is remote
  SpanKind kind = SpanKind::kInternal;
  int64_t start_ns = 0, end_ns = 0;
  Value::Map attributes;
  std::vector<Event> events;
  std::vector<LinkRecord> links;
  StatusCode status = StatusCode::kUnset;
  std::string status_message;
  uint32_t dropped_attributes = 0, dropped_events = 0, dropped_links = 0;
  std::string scope_name, scope_version;

  // Null when there is none.
  OBSERVATORY_API const Value* attribute(std::string_view key) const;
};

// Sees every recorded span, in the thread that starts or ends it; so it must be quick, thread-safe
// and must not throw. What is exported afterwards is not affected by on_end.
class OBSERVATORY_API SpanProcessor {
 public:
  virtual ~SpanProcessor();
  virtual void on_start(Span& span, const Context& parent) noexcept;
  virtual void on_end(const SpanRecord& span) noexcept;
};

}  // namespace observatory
