#include "storage/local/batch_builder.h"

#include "storage/encode/point_json.h"
#include "storage/encode/span_json.h"

namespace ao::storage::local {

Result<BatchBuilder::Origin> BatchBuilder::OriginOf(ContentAddress resource, ContentAddress scope,
                                                    Nanos time) {
  Origin origin;
  if (!resource.empty()) {
    const model::Resource*& known = resources_[{DayOf(time), resource}];
    if (known == nullptr) {
      auto text = content_(time)(resource);
      if (!text.ok()) return Corruption("cannot read a resource: " + text.status().message());
      AO_ASSIGN_OR_RETURN(known, DecodeResource(*text, &batch_.arena));
    }
    origin.resource = known;
  }
  if (!scope.empty()) {
    const model::Scope*& known = scopes_[{DayOf(time), scope}];
    if (known == nullptr) {
      auto text = content_(time)(scope);
      if (!text.ok()) return Corruption("cannot read a scope: " + text.status().message());
      AO_ASSIGN_OR_RETURN(known, DecodeScope(*text, &batch_.arena));
    }
    origin.scope = known;
  }
  // Consumers may follow both pointers.
  static const model::Resource no_resource;
  static const model::Scope no_scope;
  if (origin.resource == nullptr) origin.resource = &no_resource;
  if (origin.scope == nullptr) origin.scope = &no_scope;
  return origin;
}

void BatchBuilder::Enter(const Origin& origin) {
  if (origin == origin_) return;
  Finish();
  origin_ = origin;
}

Status BatchBuilder::Add(const SpanRow& row) {
  batch_.signal = model::Signal::kTraces;
  AO_ASSIGN_OR_RETURN(const Origin origin, OriginOf(row.resource_ref, row.scope_ref, row.start));
  Enter(origin);
  AO_ASSIGN_OR_RETURN(const model::Span span, DecodeSpan(row, content_(row.start), &batch_.arena));
  spans_.push_back(span);
  ++batch_.accepted;
  return OkStatus();
}

Status BatchBuilder::Add(const LogRow& row) {
  batch_.signal = model::Signal::kLogs;
  AO_ASSIGN_OR_RETURN(const Origin origin, OriginOf(row.resource_ref, row.scope_ref, row.time));
  Enter(origin);
  AO_ASSIGN_OR_RETURN(const model::LogRecord log,
                      DecodeLog(row, content_(row.time), &batch_.arena));
  logs_.push_back(log);
  ++batch_.accepted;
  return OkStatus();
}

Status BatchBuilder::Add(const SeriesRow& series, const PointRow& row) {
  batch_.signal = model::Signal::kMetrics;
  AO_ASSIGN_OR_RETURN(const Origin origin,
                      OriginOf(series.resource_ref, series.scope_ref, series.partition_time));
  Enter(origin);
  if (!metric_open_ || open_series_ != series.series_id) {
    CloseMetric();
    const ContentReader reader = content_(series.partition_time);
    AO_ASSIGN_OR_RETURN(series_attributes_, DecodeMap(series.attributes, reader, &batch_.arena));
    metric_ = {};
    metric_.name = series.name;
    metric_.description = series.description;
    metric_.unit = series.unit;
    metric_.type = series.type;
    metric_.temporality = series.temporality;
    metric_.is_monotonic = series.is_monotonic;
    if (!series.metadata.empty()) {
      AO_ASSIGN_OR_RETURN(metric_.metadata, DecodeMap(series.metadata, reader, &batch_.arena));
    }
    open_series_ = series.series_id;
    metric_open_ = true;
  }
  AO_ASSIGN_OR_RETURN(const model::MetricPoint point,
                      DecodePoint(row, series_attributes_, &batch_.arena));
  points_.push_back(point);
  ++batch_.accepted;
  return OkStatus();
}

void BatchBuilder::CloseMetric() {
  if (metric_open_) {
    metric_.points = batch_.arena.Copy(points_);
    metrics_.push_back(metric_);
  }
  points_.clear();
  metric_open_ = false;
}

void BatchBuilder::Finish() {
  CloseMetric();
  if (!spans_.empty()) {
    batch_.spans.push_back({origin_.resource, origin_.scope, batch_.arena.Copy(spans_)});
  }
  if (!logs_.empty()) {
    batch_.logs.push_back({origin_.resource, origin_.scope, batch_.arena.Copy(logs_)});
  }
  if (!metrics_.empty()) {
    batch_.metrics.push_back({origin_.resource, origin_.scope, batch_.arena.Copy(metrics_)});
  }
  spans_.clear();
  logs_.clear();
  metrics_.clear();
}

}  // namespace ao::storage::local
