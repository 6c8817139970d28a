#include <string_view>

#include <protozero/pbf_writer.hpp>

#include "ingest/otlp/encode.h"

namespace ao::ingest::otlp {
namespace {

using model::LogRecord;
using model::Metric;
using model::MetricPoint;
using model::MetricType;
using model::Span;
using model::Value;
using model::ValueKind;

// A writer whose nested messages are written even when nothing is in them: protozero leaves empty
// ones out, but an empty value in an array is a value.
class Writer : public protozero::pbf_writer {
 public:
  explicit Writer(std::string& out) : basic_pbf_writer(out), out_(&out) {}
  Writer(Writer& parent, uint32_t field)
      : out_(parent.out_), parent_(&parent), field_(field), start_(parent.out_->size()) {
    protozero::pbf_writer nested(parent, field);
    swap(nested);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (parent_ == nullptr) return;
    commit();
    if (out_->size() == start_) parent_->add_bytes(field_, "", 0);
  }

 private:
  std::string* out_;
  Writer* parent_ = nullptr;
  uint32_t field_ = 0;
  size_t start_ = 0;
};

void AddText(Writer* out, uint32_t field, std::string_view text) {
  if (!text.empty()) out->add_bytes(field, text.data(), text.size());
}
void AddUint32(Writer* out, uint32_t field, uint32_t value) {
  if (value != 0) out->add_uint32(field, value);
}
void AddFixed64(Writer* out, uint32_t field, uint64_t value) {
  if (value != 0) out->add_fixed64(field, value);
}
void AddFixed32(Writer* out, uint32_t field, uint32_t value) {
  if (value != 0) out->add_fixed32(field, value);
}
template <typename Enum>
void AddEnum(Writer* out, uint32_t field, Enum value) {
  if (value != Enum{}) out->add_enum(field, static_cast<int32_t>(value));
}
void AddId(Writer* out, uint32_t field, const TraceId& id) {
  if (id.empty()) return;
  out->add_bytes(field, reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}
void AddId(Writer* out, uint32_t field, SpanId id) {
  if (id.empty()) return;
  const auto bytes = id.ToBytes();
  out->add_bytes(field, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void WriteKeyValue(Writer* out, const model::KeyValue& pair);

void WriteValue(Writer* out, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kEmpty: break;
    case ValueKind::kBool: out->add_bool(2, value.as_bool()); break;
    case ValueKind::kInt: out->add_int64(3, value.as_int()); break;
    case ValueKind::kDouble: out->add_double(4, value.as_double()); break;
    case ValueKind::kString:
    case ValueKind::kBytes: {
      const std::string_view text = value.as_string();
      out->add_bytes(value.is_string() ? 1 : 7, text.data(), text.size());
      break;
    }
    case ValueKind::kArray: {
      Writer array(*out, 5);
      for (const Value& item : value.as_array()) {
        Writer nested(array, 1);
        WriteValue(&nested, item);
      }
      break;
    }
    case ValueKind::kMap: {
      Writer map(*out, 6);
      for (const auto& pair : value.as_map()) {
        Writer nested(map, 1);
        WriteKeyValue(&nested, pair);
      }
      break;
    }
  }
}

void WriteKeyValue(Writer* out, const model::KeyValue& pair) {
  AddText(out, 1, pair.key);
  if (pair.value.kind() == ValueKind::kEmpty) return;
  Writer value(*out, 2);
  WriteValue(&value, pair.value);
}

void AddAttributes(Writer* out, uint32_t field, model::Attributes attributes) {
  for (const auto& pair : attributes) {
    Writer nested(*out, field);
    WriteKeyValue(&nested, pair);
  }
}

void WriteSpan(Writer* out, const Span& span) {
  AddId(out, 1, span.trace_id);
  AddId(out, 2, span.span_id);
  AddText(out, 3, span.trace_state);
  AddId(out, 4, span.parent_span_id);
  AddText(out, 5, span.name);
  AddEnum(out, 6, span.kind);
  AddFixed64(out, 7, span.start);
  AddFixed64(out, 8, span.end);
  AddAttributes(out, 9, span.attributes);
  AddUint32(out, 10, span.dropped_attributes_count);
  for (const model::Event& event : span.events) {
    Writer nested(*out, 11);
    AddFixed64(&nested, 1, event.time);
    AddText(&nested, 2, event.name);
    AddAttributes(&nested, 3, event.attributes);
    AddUint32(&nested, 4, event.dropped_attributes_count);
  }
  AddUint32(out, 12, span.dropped_events_count);
  for (const model::Link& link : span.links) {
    Writer nested(*out, 13);
    AddId(&nested, 1, link.trace_id);
    AddId(&nested, 2, link.span_id);
    AddText(&nested, 3, link.trace_state);
    AddAttributes(&nested, 4, link.attributes);
    AddUint32(&nested, 5, link.dropped_attributes_count);
    AddFixed32(&nested, 6, link.flags);
  }
  AddUint32(out, 14, span.dropped_links_count);
  if (span.status != model::StatusCode::kUnset || !span.status_message.empty()) {
    Writer status(*out, 15);
    AddText(&status, 2, span.status_message);
    AddEnum(&status, 3, span.status);
  }
  AddFixed32(out, 16, span.flags);
}

void WriteLog(Writer* out, const LogRecord& record) {
  AddFixed64(out, 1, record.time);
  AddEnum(out, 2, record.severity_number);
  AddText(out, 3, record.severity_text);
  if (record.body.kind() != ValueKind::kEmpty) {
    Writer body(*out, 5);
    WriteValue(&body, record.body);
  }
  AddAttributes(out, 6, record.attributes);
  AddUint32(out, 7, record.dropped_attributes_count);
  AddFixed32(out, 8, record.flags);
  AddId(out, 9, record.trace_id);
  AddId(out, 10, record.span_id);
  AddFixed64(out, 11, record.observed_time);
  AddText(out, 12, record.event_name);
}

// A oneof of double and sfixed64.
void AddNumber(Writer* out, uint32_t double_field, uint32_t int_field, const Value& value) {
  if (value.kind() == ValueKind::kDouble) out->add_double(double_field, value.as_double());
  if (value.kind() == ValueKind::kInt) out->add_sfixed64(int_field, value.as_int());
}

void AddOptional(Writer* out, uint32_t field, bool present, double value) {
  if (present) out->add_double(field, value);
}

void AddExemplars(Writer* out, uint32_t field, const MetricPoint& point) {
  for (const model::Exemplar& exemplar : point.exemplars) {
    Writer nested(*out, field);
    AddFixed64(&nested, 2, exemplar.time);
    AddNumber(&nested, 3, 6, exemplar.value);
    AddId(&nested, 4, exemplar.span_id);
    AddId(&nested, 5, exemplar.trace_id);
    AddAttributes(&nested, 7, exemplar.filtered_attributes);
  }
}

void WriteNumberPoint(Writer* out, const MetricPoint& point) {
  AddFixed64(out, 2, point.start_time);
  AddFixed64(out, 3, point.time);
  AddNumber(out, 4, 6, point.value);
  AddExemplars(out, 5, point);
  AddAttributes(out, 7, point.attributes);
  AddUint32(out, 8, point.flags);
}

void WriteHistogramPoint(Writer* out, const MetricPoint& point) {
  AddFixed64(out, 2, point.start_time);
  AddFixed64(out, 3, point.time);
  AddFixed64(out, 4, point.count);
  AddOptional(out, 5, point.has_sum, point.sum);
  out->add_packed_fixed64(6, point.bucket_counts.begin(), point.bucket_counts.end());
  out->add_packed_double(7, point.explicit_bounds.begin(), point.explicit_bounds.end());
  AddExemplars(out, 8, point);
  AddAttributes(out, 9, point.attributes);
  AddUint32(out, 10, point.flags);
  AddOptional(out, 11, point.has_min, point.min);
  AddOptional(out, 12, point.has_max, point.max);
}

void AddBuckets(Writer* out, uint32_t field, const model::Buckets& buckets) {
  if (buckets.offset == 0 && buckets.counts.empty()) return;
  Writer nested(*out, field);
  if (buckets.offset != 0) nested.add_sint32(1, buckets.offset);
  nested.add_packed_uint64(2, buckets.counts.begin(), buckets.counts.end());
}

void WriteExponentialPoint(Writer* out, const MetricPoint& point) {
  AddAttributes(out, 1, point.attributes);
  AddFixed64(out, 2, point.start_time);
  AddFixed64(out, 3, point.time);
  AddFixed64(out, 4, point.count);
  AddOptional(out, 5, point.has_sum, point.sum);
  if (point.scale != 0) out->add_sint32(6, point.scale);
  AddFixed64(out, 7, point.zero_count);
  AddBuckets(out, 8, point.positive);
  AddBuckets(out, 9, point.negative);
  AddUint32(out, 10, point.flags);
  AddExemplars(out, 11, point);
  AddOptional(out, 12, point.has_min, point.min);
  AddOptional(out, 13, point.has_max, point.max);
  AddOptional(out, 14, point.zero_threshold != 0, point.zero_threshold);
}

void WriteSummaryPoint(Writer* out, const MetricPoint& point) {
  AddFixed64(out, 2, point.start_time);
  AddFixed64(out, 3, point.time);
  AddFixed64(out, 4, point.count);
  out->add_double(5, point.sum);
  for (const model::Quantile& quantile : point.quantiles) {
    Writer nested(*out, 6);
    nested.add_double(1, quantile.quantile);
    nested.add_double(2, quantile.value);
  }
  AddAttributes(out, 7, point.attributes);
  AddUint32(out, 8, point.flags);
}

uint32_t FieldOfType(MetricType type) {
  switch (type) {
    case MetricType::kGauge: return 5;
    case MetricType::kSum: return 7;
    case MetricType::kHistogram: return 9;
    case MetricType::kExponentialHistogram: return 10;
    case MetricType::kSummary: return 11;
  }
  return 5;
}

void WriteMetric(Writer* out, const Metric& metric) {
  AddText(out, 1, metric.name);
  AddText(out, 2, metric.description);
  AddText(out, 3, metric.unit);
  {
    Writer data(*out, FieldOfType(metric.type));
    for (const MetricPoint& point : metric.points) {
      Writer nested(data, 1);
      switch (metric.type) {
        case MetricType::kGauge:
        case MetricType::kSum: WriteNumberPoint(&nested, point); break;
        case MetricType::kHistogram: WriteHistogramPoint(&nested, point); break;
        case MetricType::kExponentialHistogram: WriteExponentialPoint(&nested, point); break;
        case MetricType::kSummary: WriteSummaryPoint(&nested, point); break;
      }
    }
    AddEnum(&data, 2, metric.temporality);
    if (metric.is_monotonic) data.add_bool(3, true);
  }
  AddAttributes(out, 12, metric.metadata);
}

void WriteRecord(Writer* out, const Span& span) { WriteSpan(out, span); }
void WriteRecord(Writer* out, const LogRecord& record) { WriteLog(out, record); }
void WriteRecord(Writer* out, const Metric& metric) { WriteMetric(out, metric); }

void WriteResource(Writer* out, const model::Resource& resource) {
  AddAttributes(out, 1, resource.attributes);
  AddUint32(out, 2, resource.dropped_attributes_count);
  for (const model::EntityRef& entity : resource.entity_refs) {
    Writer nested(*out, 3);
    AddText(&nested, 1, entity.schema_url);
    AddText(&nested, 2, entity.type);
    for (std::string_view key : entity.id_keys) nested.add_bytes(3, key.data(), key.size());
    for (std::string_view key : entity.description_keys) {
      nested.add_bytes(4, key.data(), key.size());
    }
  }
}

template <typename Record>
void WriteScopeGroup(Writer* out, const model::ScopeGroup<Record>& group) {
  if (group.scope != nullptr) {
    Writer scope(*out, 1);
    AddText(&scope, 1, group.scope->name);
    AddText(&scope, 2, group.scope->version);
    AddAttributes(&scope, 3, group.scope->attributes);
    AddUint32(&scope, 4, group.scope->dropped_attributes_count);
  }
  for (const Record& record : group.records) {
    Writer nested(*out, 2);
    WriteRecord(&nested, record);
  }
  if (group.scope != nullptr) AddText(out, 3, group.scope->schema_url);
}

// Neighbouring groups of one resource share their Resource{Spans,Logs,Metrics} message.
template <typename Record>
void WriteGroups(Writer* out, const std::vector<model::ScopeGroup<Record>>& groups) {
  for (size_t i = 0; i < groups.size();) {
    const model::Resource* resource = groups[i].resource;
    Writer nested(*out, 1);
    if (resource != nullptr) {
      Writer message(nested, 1);
      WriteResource(&message, *resource);
    }
    for (; i < groups.size() && groups[i].resource == resource; ++i) {
      Writer scope(nested, 2);
      WriteScopeGroup(&scope, groups[i]);
    }
    if (resource != nullptr) AddText(&nested, 3, resource->schema_url);
  }
}

}  // namespace

std::string EncodeProtobuf(const model::Batch& batch) {
  std::string out;
  Writer writer(out);
  switch (batch.signal) {
    case model::Signal::kTraces: WriteGroups(&writer, batch.spans); break;
    case model::Signal::kLogs: WriteGroups(&writer, batch.logs); break;
    case model::Signal::kMetrics: WriteGroups(&writer, batch.metrics); break;
  }
  return out;
}

}  // namespace ao::ingest::otlp
