#include "ingest/otlp/sniff.h"

#include <array>

#include "ingest/otlp/wire.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;

// A data point of a metric has its time in field 3.
bool HoldsDataPoint(std::string_view bytes) {
  for (WireReader data(bytes); data.Next();) {
    if (data.key() != Len(1)) {
      data.Skip();
      continue;
    }
    for (WireReader point(data.ReadBytes()); point.Next(); point.Skip()) {
      if (point.key() == Fixed64(3)) return true;
    }
  }
  return false;
}

struct Shape {
  bool trace_id = false, span_id = false, span_time = false;
  bool log_time = false;
  bool name = false, data = false;

  bool IsSpan() const { return trace_id && span_id && span_time; }
  bool IsLog() const { return log_time && !name; }
  bool IsMetric() const { return name && data && !span_time; }
};

bool TryHoldsDataPoint(std::string_view bytes) {
  try {
    return HoldsDataPoint(bytes);
  } catch (const protozero::exception&) {
    return false;  // field 5 of a span is its name, not a message
  }
}

Shape ShapeOf(std::string_view record) {
  Shape shape;
  for (WireReader r(record); r.Next();) {
    switch (r.key()) {
      case Len(1): {
        shape.name = true;
        shape.trace_id = r.ReadBytes().size() == 16;
        break;
      }
      case Len(2): shape.span_id = r.ReadBytes().size() == 8; break;
      case Fixed64(1):
      case Fixed64(11):
        shape.log_time = true;
        r.Skip();
        break;
      case Fixed64(7):
      case Fixed64(8):
        shape.span_time = true;
        r.Skip();
        break;
      case Len(5):
      case Len(7):
      case Len(9):
      case Len(10):
      case Len(11): {
        const std::string_view bytes = r.ReadBytes();
        shape.data = shape.data || TryHoldsDataPoint(bytes);
        break;
      }
      default: r.Skip();
    }
  }
  return shape;
}

struct Counts {
  uint64_t total = 0;
  std::array<uint64_t, 3> of_signal{};  // by Signal

  void Add(const Shape& shape) {
    ++total;
    if (shape.IsSpan()) {
      ++of_signal[static_cast<size_t>(Signal::kTraces)];
    } else if (shape.IsLog()) {
      ++of_signal[static_cast<size_t>(Signal::kLogs)];
    } else if (shape.IsMetric()) {
      ++of_signal[static_cast<size_t>(Signal::kMetrics)];
    }
  }
};

// Request > resource group > scope group > record: field 1, then 2, then 2.
void CountRecords(std::string_view bytes, int level, Counts* counts) {
  if (level == 3) {
    counts->Add(ShapeOf(bytes));
    return;
  }
  for (WireReader r(bytes); r.Next();) {
    if (r.key() == Len(level == 0 ? 1 : 2)) {
      CountRecords(r.ReadBytes(), level + 1, counts);
    } else {
      r.Skip();
    }
  }
}

}  // namespace

Sniffed SniffProtobuf(std::string_view body) {
  Counts counts;
  try {
    CountRecords(body, 0, &counts);
  } catch (const protozero::exception&) {
    return {};
  }
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    const uint64_t records = counts.of_signal[static_cast<size_t>(signal)];
    if (records != 0 && records == counts.total) return {signal, records};
  }
  return {};
}

}  // namespace ao::ingest::otlp
