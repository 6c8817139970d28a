#include "storage/encode/prepare.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "base/hash.h"
#include "base/hash_map.h"
#include "semconv/log_spans.h"
#include "storage/content/content_store.h"
#include "storage/encode/attributes.h"
#include "storage/encode/point_json.h"
#include "storage/encode/span_json.h"
#include "storage/encode/span_mapper.h"

namespace ao::storage {
namespace {

constexpr uint64_t kMaxTime = static_cast<uint64_t>(std::numeric_limits<Nanos>::max());

// Usable as an event time: given, and within the range of Nanos.
bool IsTime(uint64_t time) { return time != 0 && time <= kMaxTime; }

void SetTimes(const model::Span& span, Nanos received, SpanRow* row) {
  const bool has_start = IsTime(span.start);
  const bool has_end = IsTime(span.end);
  const uint64_t start = has_start ? span.start
                         : has_end ? span.end
                                   : static_cast<uint64_t>(std::max<Nanos>(received, 0));
  const uint64_t end = has_end && span.end >= start ? span.end : start;
  row->start = static_cast<Nanos>(start);
  row->duration = static_cast<Nanos>(end - start);
  if (start != span.start || end != span.end) {
    row->times_adjusted = true;
    row->raw_start = span.start;
    row->raw_end = span.end;
  }
}

// The columns that come from a resource.
struct Origin {
  std::string_view service, environment, service_version;
};

Origin OriginOf(const model::Resource& resource) {
  Origin origin;
  origin.service = model::FindString(resource.attributes, "service.name");
  origin.environment = model::FindString(resource.attributes, "deployment.environment.name");
  if (origin.environment.empty()) {
    origin.environment = model::FindString(resource.attributes, "deployment.environment");
  }
  origin.service_version = model::FindString(resource.attributes, "service.version");
  return origin;
}

const model::Resource kNoResource;
const model::Scope kNoScope;

// Fills the rows of one batch.
class Preparer {
 public:
  Preparer(PreparedBatch* out, const PrepareOptions& options)
      : out_(*out),
        options_(options),
        encoder_(options.content_seed, options.inline_limit),
        mapper_(options.pricer) {}

  void Spans(const model::ScopeGroup<model::Span>& group) {
    Enter(group);
    for (const model::Span& span : group.records) AddSpan(span);
  }

  void Logs(const model::ScopeGroup<model::LogRecord>& group) {
    Enter(group);
    for (const model::LogRecord& log : group.records) AddLog(log);
  }

  void Metrics(const model::ScopeGroup<model::Metric>& group) {
    Enter(group);
    identity_ = Hash64(
        CanonicalText(resource_->attributes),
        Hash64(CanonicalText(scope_->attributes), Hash64(scope_->name, Hash64(scope_->version))));
    for (const model::Metric& metric : group.records) {
      for (const model::MetricPoint& point : metric.points) AddPoint(metric, point);
    }
  }

 private:
  template <typename Record>
  void Enter(const model::ScopeGroup<Record>& group) {
    const model::Resource* resource = group.resource != nullptr ? group.resource : &kNoResource;
    const model::Scope* scope = group.scope != nullptr ? group.scope : &kNoScope;
    if (resource != resource_) {
      resource_ = resource;
      origin_ = OriginOf(*resource);
      resource_text_ = {};
    }
    if (scope != scope_) {
      scope_ = scope;
      scope_text_ = {};
    }
    shared_day_valid_ = false;
  }

  // The refs that every row of the current group needs on the day of `time`; their pieces are
  // added the first time, because content is kept per day.
  void ShareRefs(Nanos time) {
    const Day day = DayOf(time);
    if (shared_day_valid_ && shared_day_ == day) return;
    if (resource_text_.empty()) resource_text_ = out_.arena.Copy(EncodeResource(*resource_));
    if (scope_text_.empty()) scope_text_ = out_.arena.Copy(EncodeScope(*scope_));
    auto* refs = out_.arena.AllocateArray<ContentAddress>(2);
    refs[0] = KeepText(resource_text_, day, time);
    refs[1] = KeepText(scope_text_, day, time);
    shared_refs_ = {refs, 2};
    shared_day_ = day;
    shared_day_valid_ = true;
  }

  ContentAddress KeepText(std::string_view text, Day day, Nanos time) {
    auto [entry, is_new] = kept_.try_emplace(std::pair(text.data(), day));
    if (is_new) {
      entry->second = CutIntoPieces(text, options_.content_seed, time, &out_.contents);
    }
    return entry->second;
  }

  // Begins a row at `time`.
  void Begin(Nanos time) {
    ShareRefs(time);
    refs_.clear();
    pieces_before_ = out_.contents.size();
    time_ = time;
  }
  // The row's refs, complete.
  std::span<const ContentAddress> End() {
    if (refs_.empty()) return shared_refs_;
    refs_.insert(refs_.end(), shared_refs_.begin(), shared_refs_.end());
    return out_.arena.Copy(refs_);
  }

  EncodeTarget Target() {
    scratch_.clear();
    return {time_, &scratch_, &out_.contents, &refs_};
  }
  std::string_view EncodeMap(model::Attributes attributes) {
    scratch_.clear();
    encoder_.EncodeMap(attributes, time_, &scratch_, &out_.contents, &refs_);
    return out_.arena.Copy(scratch_);
  }

  // The address of `text` if it is exactly one of the texts that this row took out.
  ContentAddress RefOf(std::string_view text) const {
    if (text.size() <= options_.inline_limit) return {};
    const char* start = nullptr;
    for (size_t i = pieces_before_; i < out_.contents.size(); ++i) {
      const ContentPiece& piece = out_.contents[i];
      if (piece.parent.empty()) start = piece.bytes.data();
      if (start == text.data() &&
          piece.bytes.data() + piece.bytes.size() == text.data() + text.size()) {
        return piece.address;
      }
    }
    return {};
  }

  void AddSpan(const model::Span& span) {
    SpanRow row;
    row.trace_id = span.trace_id;
    row.span_id = span.span_id;
    row.parent_span_id = span.parent_span_id;
    SetTimes(span, out_.received, &row);
    row.name = span.name;
    row.kind = span.kind;
    row.status = span.status;
    row.status_message = span.status_message;
    row.service = origin_.service;
    row.environment = origin_.environment;
    row.service_version = origin_.service_version;
    row.trace_state = span.trace_state;
    row.flags = span.flags;
    row.dropped_attributes = span.dropped_attributes_count;
    row.dropped_events = span.dropped_events_count;
    row.dropped_links = span.dropped_links_count;
    mapper_.Map(out_.project, *resource_, *scope_, span, &out_.arena, &row);

    Begin(row.start);
    row.attributes = EncodeMap(span.attributes);
    row.input_ref = RefOf(row.canonical.input);
    row.output_ref = RefOf(row.canonical.output);
    row.tool_arguments_ref = RefOf(row.canonical.tool_arguments);
    row.tool_result_ref = RefOf(row.canonical.tool_result);
    if (!span.events.empty()) {
      EncodeEvents(span.events, encoder_, Target());
      row.events = out_.arena.Copy(scratch_);
    }
    if (!span.links.empty()) {
      EncodeLinks(span.links, encoder_, Target());
      row.links = out_.arena.Copy(scratch_);
    }
    row.resource_ref = shared_refs_[0];
    row.scope_ref = shared_refs_[1];
    row.content_refs = End();
    out_.spans.push_back(row);
  }

  void AddLog(const model::LogRecord& log) {
    LogRow row;
    row.raw_time = log.time;
    row.observed_time = log.observed_time;
    row.time = IsTime(log.time)            ? static_cast<Nanos>(log.time)
               : IsTime(log.observed_time) ? static_cast<Nanos>(log.observed_time)
                                           : std::max<Nanos>(out_.received, 0);
    row.severity_number = log.severity_number;
    row.severity_text = log.severity_text;
    row.service = origin_.service;
    row.environment = origin_.environment;
    row.event_name = log.event_name;
    row.dropped_attributes = log.dropped_attributes_count;
    row.flags = log.flags;
    row.trace_id = log.trace_id;
    row.span_id = log.span_id;

    Begin(row.time);
    if (log.body.kind() != model::ValueKind::kEmpty) {
      scratch_.clear();
      encoder_.Encode(log.body, time_, &scratch_, &out_.contents, &refs_);
      row.body = out_.arena.Copy(scratch_);
    }
    row.attributes = EncodeMap(log.attributes);
    row.resource_ref = shared_refs_[0];
    row.scope_ref = shared_refs_[1];
    row.content_refs = End();
    out_.logs.push_back(row);
    if (const auto span = semconv::SpanOfLog(*scope_, log, &out_.arena)) AddSpan(*span);
  }

  // Attributes as text that does not depend on their order.
  std::string_view CanonicalText(model::Attributes attributes) {
    sorted_.assign(attributes.begin(), attributes.end());
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [](const auto& a, const auto& b) { return a.key < b.key; });
    canonical_text_.clear();
    whole_encoder_.EncodeMap(sorted_, 0, &canonical_text_, nullptr, nullptr);
    return canonical_text_;
  }

  // Which series a point belongs to: everything that OTLP says identifies a timeseries.
  uint64_t SeriesIdOf(const model::Metric& metric, const model::MetricPoint& point) {
    const char kind[] = {static_cast<char>(metric.type), static_cast<char>(metric.temporality),
                         static_cast<char>(metric.is_monotonic)};
    uint64_t hash = Hash64(metric.name, identity_);
    hash = Hash64(metric.unit, hash);
    hash = Hash64({kind, sizeof kind}, hash);
    return Hash64(CanonicalText(point.attributes), hash);
  }

  void AddPoint(const model::Metric& metric, const model::MetricPoint& point) {
    PointRow row;
    row.series_id = SeriesIdOf(metric, point);
    const RawTimes raw{!IsTime(point.time), point.start_time > kMaxTime};
    row.time =
        raw.time_changed ? std::max<Nanos>(out_.received, 0) : static_cast<Nanos>(point.time);
    row.start_time = raw.start_changed ? 0 : static_cast<Nanos>(point.start_time);
    row.flags = point.flags;
    if (point.value.is_number()) {
      row.has_value = true;
      row.is_int = point.value.kind() == model::ValueKind::kInt;
      row.value = point.value.number();
      if (row.is_int) row.int_value = point.value.as_int();
    }
    row.count = point.count;
    row.has_sum = point.has_sum;
    row.has_min = point.has_min;
    row.has_max = point.has_max;
    row.sum = point.sum;
    row.min = point.min;
    row.max = point.max;
    scratch_.clear();
    EncodePointDetail(point, raw, &scratch_);
    row.detail = out_.arena.Copy(scratch_);
    out_.points.push_back(row);
    const auto day = static_cast<uint64_t>(DayOf(row.time));
    if (series_.insert(row.series_id ^ (day * 0x9E3779B97F4A7C15ULL)).second) {
      AddSeries(metric, point, row.series_id, row.time);
    }
  }

  void AddSeries(const model::Metric& metric, const model::MetricPoint& point, uint64_t id,
                 Nanos time) {
    SeriesRow row;
    row.series_id = id;
    row.name = metric.name;
    row.description = metric.description;
    row.unit = metric.unit;
    row.type = metric.type;
    row.temporality = metric.temporality;
    row.is_monotonic = metric.is_monotonic;
    row.service = origin_.service;
    row.environment = origin_.environment;
    Begin(time);
    row.attributes = EncodeMap(point.attributes);
    if (!metric.metadata.empty()) row.metadata = EncodeMap(metric.metadata);
    row.resource_ref = shared_refs_[0];
    row.scope_ref = shared_refs_[1];
    row.partition_time = time;
    row.content_refs = End();
    out_.series.push_back(row);
  }

  PreparedBatch& out_;
  const PrepareOptions& options_;
  const AttributeEncoder encoder_;
  const AttributeEncoder whole_encoder_{0, std::numeric_limits<size_t>::max()};
  SpanMapper mapper_;

  // The current group.
  const model::Resource* resource_ = nullptr;
  const model::Scope* scope_ = nullptr;
  Origin origin_;
  std::string_view resource_text_, scope_text_;
  uint64_t identity_ = 0;
  Day shared_day_ = 0;
  bool shared_day_valid_ = false;
  std::span<const ContentAddress> shared_refs_;

  // The current row.
  Nanos time_ = 0;
  size_t pieces_before_ = 0;
  std::vector<ContentAddress> refs_;

  std::map<std::pair<const char*, Day>, ContentAddress> kept_;  // resource and scope texts
  HashSet<uint64_t> series_;                                    // series id and day, mixed
  std::string scratch_, canonical_text_;
  std::vector<model::KeyValue> sorted_;
};

template <typename Record>
size_t CountRecords(const std::vector<model::ScopeGroup<Record>>& groups) {
  size_t n = 0;
  for (const auto& group : groups) n += group.records.size();
  return n;
}

}  // namespace

PreparedBatch Prepare(std::string project, Nanos received, std::string wal_format,
                      model::Batch batch, const PrepareOptions& options) {
  PreparedBatch out;
  out.project = std::move(project);
  out.received = received;
  out.wal_format = std::move(wal_format);
  out.batch = std::move(batch);
  Preparer preparer(&out, options);
  out.spans.reserve(CountRecords(out.batch.spans));
  out.logs.reserve(CountRecords(out.batch.logs));
  for (const auto& group : out.batch.spans) preparer.Spans(group);
  for (const auto& group : out.batch.logs) preparer.Logs(group);
  for (const auto& group : out.batch.metrics) preparer.Metrics(group);
  return out;
}

}  // namespace ao::storage
