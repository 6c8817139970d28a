#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "model/telemetry.h"

// Internal: decides which records a request may keep, the same for protobuf and JSON, and counts
// what was refused or mended. Single-thread.

namespace ao::ingest::otlp {

class Tally {
 public:
  // True when the record is kept. Ids that did not parse are empty here.
  bool Admit(const model::Span& span);
  bool Admit(const model::LogRecord&) {
    ++accepted_;
    return true;
  }
  bool Admit(model::MetricType type, const model::MetricPoint& point);

  void EmptyKey() { ++empty_keys_; }
  void StringIndex() { ++string_indexes_; }
  void BadParentId() { ++bad_parents_; }
  // A link, exemplar or log record with an id that is not one.
  void BadReference() { ++bad_references_; }

  void WriteTo(model::Batch* batch) const;

 private:
  uint64_t accepted_ = 0;
  uint64_t bad_trace_ids_ = 0, bad_span_ids_ = 0;
  uint64_t missing_times_ = 0, invalid_histograms_ = 0;
  uint64_t empty_keys_ = 0, string_indexes_ = 0, bad_parents_ = 0, bad_references_ = 0;
};

// "cannot decode logs: the payload holds traces (12 spans)".
Status WrongSignal(model::Signal wanted, model::Signal found, uint64_t records);

}  // namespace ao::ingest::otlp
