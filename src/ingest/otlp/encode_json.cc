#include <string_view>

#include "base/encoding.h"
#include "base/json_writer.h"
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

// 64-bit integers are strings in protobuf's JSON.
template <typename Int>
void Text64(JsonWriter* json, Int value) {
  std::string text = "\"";
  if constexpr (std::is_signed_v<Int>) {
    AppendInt(value, &text);
  } else {
    AppendUint(value, &text);
  }
  text.push_back('"');
  json->Raw(text);
}
void Field64(JsonWriter* json, std::string_view key, uint64_t value) {
  if (value == 0) return;
  json->Key(key);
  Text64(json, value);
}
void Field32(JsonWriter* json, std::string_view key, int64_t value) {
  if (value != 0) json->Field(key, value);
}
template <typename Id>
void FieldId(JsonWriter* json, std::string_view key, const Id& id) {
  if (!id.empty()) json->Field(key, id.ToHex());
}

void WriteKeyValues(JsonWriter* json, model::Attributes pairs);

void WriteValue(JsonWriter* json, const Value& value) {
  json->BeginObject();
  switch (value.kind()) {
    case ValueKind::kEmpty: break;
    case ValueKind::kBool: json->Field("boolValue", value.as_bool()); break;
    case ValueKind::kInt:
      json->Key("intValue");
      Text64(json, value.as_int());
      break;
    case ValueKind::kDouble: json->Field("doubleValue", value.as_double()); break;
    case ValueKind::kString: json->Field("stringValue", value.as_string()); break;
    case ValueKind::kBytes: json->Field("bytesValue", EncodeBase64(value.as_string())); break;
    case ValueKind::kArray:
      json->Key("arrayValue").BeginObject().Key("values").BeginArray();
      for (const Value& item : value.as_array()) WriteValue(json, item);
      json->EndArray().EndObject();
      break;
    case ValueKind::kMap:
      json->Key("kvlistValue").BeginObject().Key("values");
      WriteKeyValues(json, value.as_map());
      json->EndObject();
      break;
  }
  json->EndObject();
}

void WriteKeyValues(JsonWriter* json, model::Attributes pairs) {
  json->BeginArray();
  for (const auto& pair : pairs) {
    json->BeginObject().Field("key", pair.key).Key("value");
    WriteValue(json, pair.value);
    json->EndObject();
  }
  json->EndArray();
}

void FieldAttributes(JsonWriter* json, std::string_view key, model::Attributes attributes) {
  if (attributes.empty()) return;
  json->Key(key);
  WriteKeyValues(json, attributes);
}

void WriteEvents(JsonWriter* json, const Span& span) {
  if (span.events.empty()) return;
  json->Key("events").BeginArray();
  for (const model::Event& event : span.events) {
    json->BeginObject();
    Field64(json, "timeUnixNano", event.time);
    json->FieldIfSet("name", event.name);
    FieldAttributes(json, "attributes", event.attributes);
    Field32(json, "droppedAttributesCount", event.dropped_attributes_count);
    json->EndObject();
  }
  json->EndArray();
}

void WriteLinks(JsonWriter* json, const Span& span) {
  if (span.links.empty()) return;
  json->Key("links").BeginArray();
  for (const model::Link& link : span.links) {
    json->BeginObject();
    FieldId(json, "traceId", link.trace_id);
    FieldId(json, "spanId", link.span_id);
    json->FieldIfSet("traceState", link.trace_state);
    FieldAttributes(json, "attributes", link.attributes);
    Field32(json, "droppedAttributesCount", link.dropped_attributes_count);
    Field32(json, "flags", link.flags);
    json->EndObject();
  }
  json->EndArray();
}

void WriteRecord(JsonWriter* json, const Span& span) {
  json->BeginObject();
  FieldId(json, "traceId", span.trace_id);
  FieldId(json, "spanId", span.span_id);
  json->FieldIfSet("traceState", span.trace_state);
  FieldId(json, "parentSpanId", span.parent_span_id);
  Field32(json, "flags", span.flags);
  json->FieldIfSet("name", span.name);
  Field32(json, "kind", static_cast<int64_t>(span.kind));
  Field64(json, "startTimeUnixNano", span.start);
  Field64(json, "endTimeUnixNano", span.end);
  FieldAttributes(json, "attributes", span.attributes);
  Field32(json, "droppedAttributesCount", span.dropped_attributes_count);
  WriteEvents(json, span);
  Field32(json, "droppedEventsCount", span.dropped_events_count);
  WriteLinks(json, span);
  Field32(json, "droppedLinksCount", span.dropped_links_count);
  if (span.status != model::StatusCode::kUnset || !span.status_message.empty()) {
    json->Key("status").BeginObject();
    json->FieldIfSet("message", span.status_message);
    Field32(json, "code", static_cast<int64_t>(span.status));
    json->EndObject();
  }
  json->EndObject();
}

void WriteRecord(JsonWriter* json, const LogRecord& record) {
  json->BeginObject();
  Field64(json, "timeUnixNano", record.time);
  Field64(json, "observedTimeUnixNano", record.observed_time);
  Field32(json, "severityNumber", record.severity_number);
  json->FieldIfSet("severityText", record.severity_text);
  if (record.body.kind() != ValueKind::kEmpty) {
    json->Key("body");
    WriteValue(json, record.body);
  }
  FieldAttributes(json, "attributes", record.attributes);
  Field32(json, "droppedAttributesCount", record.dropped_attributes_count);
  Field32(json, "flags", record.flags);
  FieldId(json, "traceId", record.trace_id);
  FieldId(json, "spanId", record.span_id);
  json->FieldIfSet("eventName", record.event_name);
  json->EndObject();
}

void FieldNumber(JsonWriter* json, const Value& value) {
  if (value.kind() == ValueKind::kDouble) json->Field("asDouble", value.as_double());
  if (value.kind() == ValueKind::kInt) {
    json->Key("asInt");
    Text64(json, value.as_int());
  }
}

void WriteExemplars(JsonWriter* json, const MetricPoint& point) {
  if (point.exemplars.empty()) return;
  json->Key("exemplars").BeginArray();
  for (const model::Exemplar& exemplar : point.exemplars) {
    json->BeginObject();
    FieldAttributes(json, "filteredAttributes", exemplar.filtered_attributes);
    Field64(json, "timeUnixNano", exemplar.time);
    FieldNumber(json, exemplar.value);
    FieldId(json, "spanId", exemplar.span_id);
    FieldId(json, "traceId", exemplar.trace_id);
    json->EndObject();
  }
  json->EndArray();
}

void FieldCounts(JsonWriter* json, std::string_view key, std::span<const uint64_t> counts) {
  if (counts.empty()) return;
  json->Key(key).BeginArray();
  for (uint64_t count : counts) Text64(json, count);
  json->EndArray();
}

void WriteBuckets(JsonWriter* json, std::string_view key, const model::Buckets& buckets) {
  if (buckets.offset == 0 && buckets.counts.empty()) return;
  json->Key(key).BeginObject();
  Field32(json, "offset", buckets.offset);
  FieldCounts(json, "bucketCounts", buckets.counts);
  json->EndObject();
}

void WriteStatistics(JsonWriter* json, const MetricPoint& point) {
  Field64(json, "count", point.count);
  if (point.has_sum) json->Field("sum", point.sum);
  if (point.has_min) json->Field("min", point.min);
  if (point.has_max) json->Field("max", point.max);
}

void WriteHistogram(JsonWriter* json, const MetricPoint& point) {
  FieldCounts(json, "bucketCounts", point.bucket_counts);
  if (point.explicit_bounds.empty()) return;
  json->Key("explicitBounds").BeginArray();
  for (double bound : point.explicit_bounds) json->Value(bound);
  json->EndArray();
}

void WriteExponential(JsonWriter* json, const MetricPoint& point) {
  Field32(json, "scale", point.scale);
  Field64(json, "zeroCount", point.zero_count);
  WriteBuckets(json, "positive", point.positive);
  WriteBuckets(json, "negative", point.negative);
  if (point.zero_threshold != 0) json->Field("zeroThreshold", point.zero_threshold);
}

void WriteQuantiles(JsonWriter* json, const MetricPoint& point) {
  if (point.quantiles.empty()) return;
  json->Key("quantileValues").BeginArray();
  for (const model::Quantile& quantile : point.quantiles) {
    json->BeginObject().Field("quantile", quantile.quantile).Field("value", quantile.value);
    json->EndObject();
  }
  json->EndArray();
}

void WritePoint(JsonWriter* json, MetricType type, const MetricPoint& point) {
  json->BeginObject();
  FieldAttributes(json, "attributes", point.attributes);
  Field64(json, "startTimeUnixNano", point.start_time);
  Field64(json, "timeUnixNano", point.time);
  switch (type) {
    case MetricType::kGauge:
    case MetricType::kSum: FieldNumber(json, point.value); break;
    case MetricType::kHistogram:
      WriteStatistics(json, point);
      WriteHistogram(json, point);
      break;
    case MetricType::kExponentialHistogram:
      WriteStatistics(json, point);
      WriteExponential(json, point);
      break;
    case MetricType::kSummary:
      WriteStatistics(json, point);
      WriteQuantiles(json, point);
      break;
  }
  WriteExemplars(json, point);
  Field32(json, "flags", point.flags);
  json->EndObject();
}

std::string_view NameOfType(MetricType type) {
  switch (type) {
    case MetricType::kGauge: return "gauge";
    case MetricType::kSum: return "sum";
    case MetricType::kHistogram: return "histogram";
    case MetricType::kExponentialHistogram: return "exponentialHistogram";
    case MetricType::kSummary: return "summary";
  }
  return "gauge";
}

void WriteRecord(JsonWriter* json, const Metric& metric) {
  json->BeginObject();
  json->FieldIfSet("name", metric.name);
  json->FieldIfSet("description", metric.description);
  json->FieldIfSet("unit", metric.unit);
  json->Key(NameOfType(metric.type)).BeginObject().Key("dataPoints").BeginArray();
  for (const MetricPoint& point : metric.points) WritePoint(json, metric.type, point);
  json->EndArray();
  Field32(json, "aggregationTemporality", static_cast<int64_t>(metric.temporality));
  if (metric.is_monotonic) json->Field("isMonotonic", true);
  json->EndObject();
  FieldAttributes(json, "metadata", metric.metadata);
  json->EndObject();
}

void WriteTexts(JsonWriter* json, std::string_view key, std::span<const std::string_view> texts) {
  if (texts.empty()) return;
  json->Key(key).BeginArray();
  for (std::string_view text : texts) json->Value(text);
  json->EndArray();
}

void WriteResource(JsonWriter* json, const model::Resource& resource) {
  json->BeginObject();
  FieldAttributes(json, "attributes", resource.attributes);
  Field32(json, "droppedAttributesCount", resource.dropped_attributes_count);
  if (!resource.entity_refs.empty()) {
    json->Key("entityRefs").BeginArray();
    for (const model::EntityRef& entity : resource.entity_refs) {
      json->BeginObject();
      json->FieldIfSet("schemaUrl", entity.schema_url);
      json->FieldIfSet("type", entity.type);
      WriteTexts(json, "idKeys", entity.id_keys);
      WriteTexts(json, "descriptionKeys", entity.description_keys);
      json->EndObject();
    }
    json->EndArray();
  }
  json->EndObject();
}

void WriteScope(JsonWriter* json, const model::Scope& scope) {
  json->BeginObject();
  json->FieldIfSet("name", scope.name);
  json->FieldIfSet("version", scope.version);
  FieldAttributes(json, "attributes", scope.attributes);
  Field32(json, "droppedAttributesCount", scope.dropped_attributes_count);
  json->EndObject();
}

struct Names {
  std::string_view resource_groups, scope_groups, records;
};

template <typename Record>
void WriteScopeGroup(JsonWriter* json, const Names& names, const model::ScopeGroup<Record>& group) {
  json->BeginObject();
  if (group.scope != nullptr) {
    json->Key("scope");
    WriteScope(json, *group.scope);
  }
  json->Key(names.records).BeginArray();
  for (const Record& record : group.records) WriteRecord(json, record);
  json->EndArray();
  if (group.scope != nullptr) json->FieldIfSet("schemaUrl", group.scope->schema_url);
  json->EndObject();
}

// Neighbouring groups of one resource share their Resource{Spans,Logs,Metrics} object.
template <typename Record>
std::string WriteGroups(const Names& names, const std::vector<model::ScopeGroup<Record>>& groups) {
  JsonWriter json;
  json.BeginObject().Key(names.resource_groups).BeginArray();
  for (size_t i = 0; i < groups.size();) {
    const model::Resource* resource = groups[i].resource;
    json.BeginObject();
    if (resource != nullptr) {
      json.Key("resource");
      WriteResource(&json, *resource);
    }
    json.Key(names.scope_groups).BeginArray();
    for (; i < groups.size() && groups[i].resource == resource; ++i) {
      WriteScopeGroup(&json, names, groups[i]);
    }
    json.EndArray();
    if (resource != nullptr) json.FieldIfSet("schemaUrl", resource->schema_url);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace

std::string EncodeJson(const model::Batch& batch) {
  switch (batch.signal) {
    case model::Signal::kTraces:
      return WriteGroups({"resourceSpans", "scopeSpans", "spans"}, batch.spans);
    case model::Signal::kLogs:
      return WriteGroups({"resourceLogs", "scopeLogs", "logRecords"}, batch.logs);
    case model::Signal::kMetrics:
      return WriteGroups({"resourceMetrics", "scopeMetrics", "metrics"}, batch.metrics);
  }
  return "{}";
}

}  // namespace ao::ingest::otlp
