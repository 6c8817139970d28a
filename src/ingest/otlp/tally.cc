#include "ingest/otlp/tally.h"

#include <fmt/core.h>

namespace ao::ingest::otlp {

using model::MetricType;
using model::Signal;

bool Tally::Admit(const model::Span& span) {
  if (span.trace_id.empty()) {
    ++bad_trace_ids_;
    return false;
  }
  if (span.span_id.empty()) {
    ++bad_span_ids_;
    return false;
  }
  ++accepted_;
  return true;
}

bool Tally::Admit(MetricType type, const model::MetricPoint& point) {
  if (point.time == 0) {
    ++missing_times_;
    return false;
  }
  const size_t counts = point.bucket_counts.size(), bounds = point.explicit_bounds.size();
  if (type == MetricType::kHistogram && counts != bounds + 1 && (counts != 0 || bounds != 0)) {
    ++invalid_histograms_;
    return false;
  }
  ++accepted_;
  return true;
}

void Tally::WriteTo(model::Batch* batch) const {
  batch->accepted = accepted_;
  const auto reject = [batch](std::string_view reason, uint64_t count) {
    if (count != 0) batch->rejected.push_back({std::string(reason), count});
  };
  reject("invalid_trace_id", bad_trace_ids_);
  reject("invalid_span_id", bad_span_ids_);
  reject("missing_time", missing_times_);
  reject("invalid_histogram", invalid_histograms_);

  const auto warn = [batch](uint64_t count, std::string_view text) {
    if (count != 0) batch->warnings.push_back(fmt::format("{} {}", count, text));
  };
  warn(empty_keys_, "attributes with an empty key were dropped");
  warn(string_indexes_, "string table references were ignored: only profiles have a string table");
  warn(bad_parents_, "spans with an invalid parent span id became roots");
  warn(bad_references_, "invalid ids in links, exemplars or log records were dropped");
}

Status WrongSignal(Signal wanted, Signal found, uint64_t records) {
  const std::string_view unit = found == Signal::kTraces ? "spans"
                                : found == Signal::kLogs ? "log records"
                                                         : "metrics";
  return InvalidArgument(fmt::format("cannot decode {}: the payload holds {} ({} {})",
                                     SignalName(wanted), SignalName(found), records, unit),
                         fmt::format("send it to /v1/{}", SignalName(found)));
}

}  // namespace ao::ingest::otlp
