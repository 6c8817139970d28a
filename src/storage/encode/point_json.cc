#include "storage/encode/point_json.h"

#include <cmath>
#include <limits>

#include "base/json_writer.h"
#include "storage/encode/json_dom.h"

namespace ao::storage {
namespace {

using json::Element;

class DetailWriter {
 public:
  explicit DetailWriter(std::string* json) : json_(json) {}

  std::string* Name(std::string_view name) {
    json_->append(first_ ? "{\"" : ",\"").append(name).append("\":");
    first_ = false;
    return json_;
  }
  template <typename T, typename F>
  void List(std::string_view name, std::span<const T> items, F append) {
    if (items.empty()) return;
    Name(name);
    char separator = '[';
    for (const T& item : items) {
      json_->push_back(separator);
      separator = ',';
      append(item, json_);
    }
    json_->push_back(']');
  }
  void Buckets(std::string_view name, const model::Buckets& buckets) {
    if (buckets.offset == 0 && buckets.counts.empty()) return;
    Name(name);
    DetailWriter inner(json_);
    AppendInt(buckets.offset, inner.Name("offset"));
    inner.List("counts", buckets.counts, AppendUint);
    inner.End();
  }
  void End() {
    if (!first_) json_->push_back('}');
  }

 private:
  std::string* json_;
  bool first_ = true;
};

void AppendQuantile(const model::Quantile& q, std::string* json) {
  json->push_back('[');
  AppendJsonDouble(q.quantile, json);
  json->push_back(',');
  AppendJsonDouble(q.value, json);
  json->push_back(']');
}

void AppendExemplar(const model::Exemplar& exemplar, std::string* json) {
  const AttributeEncoder encoder(0, std::numeric_limits<size_t>::max());
  DetailWriter writer(json);
  AppendUint(exemplar.time, writer.Name("time"));
  encoder.Encode(exemplar.value, 0, writer.Name("value"), nullptr, nullptr);
  if (!exemplar.trace_id.empty()) {
    writer.Name("trace_id")->append("\"").append(exemplar.trace_id.ToHex()).append("\"");
  }
  if (!exemplar.span_id.empty()) {
    writer.Name("span_id")->append("\"").append(exemplar.span_id.ToHex()).append("\"");
  }
  if (!exemplar.filtered_attributes.empty()) {
    encoder.EncodeMap(exemplar.filtered_attributes, 0, writer.Name("attributes"), nullptr, nullptr);
  }
  writer.End();
}

Status ReadUints(Element element, Arena* arena, std::span<const uint64_t>* out) {
  AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(element, "bucket counts"));
  std::vector<uint64_t> values;
  for (const Element item : array) {
    AO_ASSIGN_OR_RETURN(const uint64_t value, json::ToUint(item, "bucket count"));
    values.push_back(value);
  }
  *out = arena->Copy(values);
  return OkStatus();
}

Status ReadDoubles(Element element, Arena* arena, std::span<const double>* out) {
  AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(element, "bounds"));
  std::vector<double> values;
  for (const Element item : array) {
    AO_ASSIGN_OR_RETURN(const double value, json::ToDouble(item, "bound"));
    values.push_back(value);
  }
  *out = arena->Copy(values);
  return OkStatus();
}

Result<int32_t> ReadInt32(Element element, std::string_view what) {
  AO_ASSIGN_OR_RETURN(const int64_t value, json::ToInt(element, what));
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    return json::Malformed(what);
  }
  return static_cast<int32_t>(value);
}

Status ReadBuckets(Element element, Arena* arena, model::Buckets* out) {
  AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(element, "buckets"));
  for (const auto member : object) {
    if (member.key == "offset") {
      AO_ASSIGN_OR_RETURN(out->offset, ReadInt32(member.value, "bucket offset"));
    } else if (member.key == "counts") {
      AO_TRY(ReadUints(member.value, arena, &out->counts));
    }
  }
  return OkStatus();
}

Status ReadQuantiles(Element element, Arena* arena, std::span<const model::Quantile>* out) {
  AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(element, "quantiles"));
  std::vector<model::Quantile> values;
  for (const Element item : array) {
    AO_ASSIGN_OR_RETURN(const auto pair, json::ToArray(item, "quantile"));
    if (pair.size() != 2) return json::Malformed("quantile");
    model::Quantile q;
    AO_ASSIGN_OR_RETURN(q.quantile, json::ToDouble(pair.at(0).value_unsafe(), "quantile"));
    AO_ASSIGN_OR_RETURN(q.value, json::ToDouble(pair.at(1).value_unsafe(), "quantile"));
    values.push_back(q);
  }
  *out = arena->Copy(values);
  return OkStatus();
}

Result<model::Exemplar> ReadExemplar(Element element, Arena* arena) {
  model::Exemplar exemplar;
  AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(element, "exemplar"));
  for (const auto member : object) {
    if (member.key == "time") {
      AO_ASSIGN_OR_RETURN(exemplar.time, json::ToUint(member.value, "exemplar time"));
    } else if (member.key == "value") {
      AO_ASSIGN_OR_RETURN(exemplar.value, json::ToValue(member.value, {}, arena));
    } else if (member.key == "attributes") {
      AO_ASSIGN_OR_RETURN(exemplar.filtered_attributes, json::ToMap(member.value, {}, arena));
    } else if (member.key == "trace_id" || member.key == "span_id") {
      AO_ASSIGN_OR_RETURN(const auto hex, json::ToText(member.value, "exemplar id"));
      const auto trace = TraceId::FromHex(hex);
      const auto span = SpanId::FromHex(hex);
      if (!trace && !span) return json::Malformed("exemplar id");
      if (trace) exemplar.trace_id = *trace;
      if (span) exemplar.span_id = *span;
    }
  }
  return exemplar;
}

Status ReadExemplars(Element element, Arena* arena, std::span<const model::Exemplar>* out) {
  AO_ASSIGN_OR_RETURN(const auto array, json::ToArray(element, "exemplars"));
  std::vector<model::Exemplar> values;
  for (const Element item : array) {
    AO_ASSIGN_OR_RETURN(const auto exemplar, ReadExemplar(item, arena));
    values.push_back(exemplar);
  }
  *out = arena->Copy(values);
  return OkStatus();
}

Status ReadDetail(std::string_view detail, Arena* arena, model::MetricPoint* point) {
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(detail));
  AO_ASSIGN_OR_RETURN(const auto object, json::ToObject(element, "point detail"));
  for (const auto member : object) {
    const std::string_view key = member.key;
    if (key == "raw_time") {
      AO_ASSIGN_OR_RETURN(point->time, json::ToUint(member.value, key));
    } else if (key == "raw_start") {
      AO_ASSIGN_OR_RETURN(point->start_time, json::ToUint(member.value, key));
    } else if (key == "counts") {
      AO_TRY(ReadUints(member.value, arena, &point->bucket_counts));
    } else if (key == "bounds") {
      AO_TRY(ReadDoubles(member.value, arena, &point->explicit_bounds));
    } else if (key == "scale") {
      AO_ASSIGN_OR_RETURN(point->scale, ReadInt32(member.value, key));
    } else if (key == "zero_count") {
      AO_ASSIGN_OR_RETURN(point->zero_count, json::ToUint(member.value, key));
    } else if (key == "zero_threshold") {
      AO_ASSIGN_OR_RETURN(point->zero_threshold, json::ToDouble(member.value, key));
    } else if (key == "positive") {
      AO_TRY(ReadBuckets(member.value, arena, &point->positive));
    } else if (key == "negative") {
      AO_TRY(ReadBuckets(member.value, arena, &point->negative));
    } else if (key == "quantiles") {
      AO_TRY(ReadQuantiles(member.value, arena, &point->quantiles));
    } else if (key == "exemplars") {
      AO_TRY(ReadExemplars(member.value, arena, &point->exemplars));
    } else {
      return json::Malformed("point detail member " + std::string(key));
    }
  }
  return OkStatus();
}

}  // namespace

void EncodePointDetail(const model::MetricPoint& point, RawTimes raw, std::string* json) {
  DetailWriter writer(json);
  if (raw.time_changed) AppendUint(point.time, writer.Name("raw_time"));
  if (raw.start_changed) AppendUint(point.start_time, writer.Name("raw_start"));
  writer.List("counts", point.bucket_counts, AppendUint);
  writer.List("bounds", point.explicit_bounds, AppendJsonDouble);
  if (point.scale != 0) AppendInt(point.scale, writer.Name("scale"));
  if (point.zero_count != 0) AppendUint(point.zero_count, writer.Name("zero_count"));
  if (point.zero_threshold != 0 || std::signbit(point.zero_threshold)) {
    AppendJsonDouble(point.zero_threshold, writer.Name("zero_threshold"));
  }
  writer.Buckets("positive", point.positive);
  writer.Buckets("negative", point.negative);
  writer.List("quantiles", point.quantiles, AppendQuantile);
  writer.List("exemplars", point.exemplars, AppendExemplar);
  writer.End();
}

Result<model::MetricPoint> DecodePoint(const PointRow& row, model::Attributes attributes,
                                       Arena* arena) {
  model::MetricPoint point;
  point.attributes = attributes;
  point.time = static_cast<uint64_t>(row.time);
  point.start_time = static_cast<uint64_t>(row.start_time);
  point.flags = row.flags;
  if (row.has_value) {
    point.value = row.is_int ? model::Value::Int(row.int_value) : model::Value::Double(row.value);
  }
  point.count = row.count;
  point.has_sum = row.has_sum;
  point.has_min = row.has_min;
  point.has_max = row.has_max;
  point.sum = row.sum;
  point.min = row.min;
  point.max = row.max;
  if (!row.detail.empty()) AO_TRY(ReadDetail(row.detail, arena, &point));
  return point;
}

}  // namespace ao::storage
