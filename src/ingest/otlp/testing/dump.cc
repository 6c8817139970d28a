#include "ingest/otlp/testing/dump.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace ao::ingest::otlp::testing {
namespace {

using model::ValueKind;

std::string DumpPoint(const model::MetricPoint& p) {
  std::string out =
      fmt::format("  point {} start={} time={} flags={} value={} count={}", Dump(p.attributes),
                  p.start_time, p.time, p.flags, Dump(p.value), p.count);
  if (p.has_sum) out += fmt::format(" sum={}", p.sum);
  if (p.has_min) out += fmt::format(" min={}", p.min);
  if (p.has_max) out += fmt::format(" max={}", p.max);
  out += fmt::format(" counts=[{}] bounds=[{}] scale={} zero={}/{} positive={}[{}] negative={}[{}]",
                     fmt::join(p.bucket_counts, ","), fmt::join(p.explicit_bounds, ","), p.scale,
                     p.zero_count, p.zero_threshold, p.positive.offset,
                     fmt::join(p.positive.counts, ","), p.negative.offset,
                     fmt::join(p.negative.counts, ","));
  for (const auto& q : p.quantiles) out += fmt::format(" q{}={}", q.quantile, q.value);
  for (const auto& e : p.exemplars) {
    out += fmt::format(" exemplar({} {} {} {} {})", e.time, Dump(e.value), e.trace_id.ToHex(),
                       e.span_id.ToHex(), Dump(e.filtered_attributes));
  }
  return out + "\n";
}

std::string DumpRecord(const model::Span& s) {
  std::string out = fmt::format(
      " span {} {} parent={} flags={} state='{}' name='{}' kind={} status={} '{}' {}-{} {} "
      "dropped={}/{}/{}\n",
      s.trace_id.ToHex(), s.span_id.ToHex(), s.parent_span_id.ToHex(), s.flags, s.trace_state,
      s.name, static_cast<int>(s.kind), static_cast<int>(s.status), s.status_message, s.start,
      s.end, Dump(s.attributes), s.dropped_attributes_count, s.dropped_events_count,
      s.dropped_links_count);
  for (const auto& e : s.events) {
    out += fmt::format("  event {} '{}' {} dropped={}\n", e.time, e.name, Dump(e.attributes),
                       e.dropped_attributes_count);
  }
  for (const auto& l : s.links) {
    out += fmt::format("  link {} {} '{}' {} dropped={} flags={}\n", l.trace_id.ToHex(),
                       l.span_id.ToHex(), l.trace_state, Dump(l.attributes),
                       l.dropped_attributes_count, l.flags);
  }
  return out;
}

std::string DumpRecord(const model::LogRecord& r) {
  return fmt::format(
      " log {}/{} severity={} '{}' body={} {} dropped={} flags={} {} {} event='{}'\n", r.time,
      r.observed_time, r.severity_number, r.severity_text, Dump(r.body), Dump(r.attributes),
      r.dropped_attributes_count, r.flags, r.trace_id.ToHex(), r.span_id.ToHex(), r.event_name);
}

std::string DumpRecord(const model::Metric& m) {
  std::string out = fmt::format(" metric '{}' '{}' '{}' type={} temporality={} monotonic={} {}\n",
                                m.name, m.description, m.unit, static_cast<int>(m.type),
                                static_cast<int>(m.temporality), m.is_monotonic, Dump(m.metadata));
  for (const auto& p : m.points) out += DumpPoint(p);
  return out;
}

std::string DumpResource(const model::Resource& r) {
  std::string out = fmt::format("resource {} dropped={} schema='{}'", Dump(r.attributes),
                                r.dropped_attributes_count, r.schema_url);
  for (const auto& e : r.entity_refs) {
    out += fmt::format(" entity('{}' '{}' [{}] [{}])", e.schema_url, e.type,
                       fmt::join(e.id_keys, ","), fmt::join(e.description_keys, ","));
  }
  return out + "\n";
}

template <typename Record>
std::string DumpGroups(const std::vector<model::ScopeGroup<Record>>& groups) {
  std::string out;
  for (const auto& g : groups) {
    out += DumpResource(*g.resource);
    out += fmt::format("scope '{}' '{}' {} dropped={} schema='{}'\n", g.scope->name,
                       g.scope->version, Dump(g.scope->attributes),
                       g.scope->dropped_attributes_count, g.scope->schema_url);
    for (const Record& record : g.records) out += DumpRecord(record);
  }
  return out;
}

}  // namespace

std::string Dump(const model::Value& value) {
  switch (value.kind()) {
    case ValueKind::kEmpty: return "empty";
    case ValueKind::kBool: return value.as_bool() ? "true" : "false";
    case ValueKind::kInt: return fmt::format("i{}", value.as_int());
    case ValueKind::kDouble: return fmt::format("d{}", value.as_double());
    case ValueKind::kString: return fmt::format("'{}'", value.as_string());
    case ValueKind::kBytes: return fmt::format("x{}", ToHex(value.as_string()));
    case ValueKind::kArray: {
      std::string out = "[";
      for (const auto& item : value.as_array()) out += Dump(item) + ",";
      return out + "]";
    }
    case ValueKind::kMap: return Dump(value.as_map());
  }
  return "?";
}

std::string Dump(model::Attributes attributes) {
  std::string out = "{";
  for (const auto& [key, value] : attributes) out += fmt::format("'{}':{},", key, Dump(value));
  return out + "}";
}

std::string Dump(const model::Batch& batch) {
  std::string out = fmt::format("{} accepted={}\n", SignalName(batch.signal), batch.accepted);
  for (const auto& [reason, count] : batch.rejected)
    out += fmt::format("rejected {} {}\n", reason, count);
  for (const auto& warning : batch.warnings) out += fmt::format("warning {}\n", warning);
  return out + DumpGroups(batch.spans) + DumpGroups(batch.logs) + DumpGroups(batch.metrics);
}

}  // namespace ao::ingest::otlp::testing
