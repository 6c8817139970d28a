#include <algorithm>
#include <iterator>
#include <unordered_map>

#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "api/rest/span_cost.h"
#include "api/rest/span_meaning.h"
#include "semconv/canonicalize.h"
#include "semconv/explain.h"
#include "semconv/messages.h"

namespace ao::api {
namespace {

using storage::SpanSummary;
using Spans = std::vector<SpanSummary>;

// {"dictionary": [distinct texts], "index": [position per span]}; nothing when all are empty.
template <typename TextOf>
void WriteTextColumn(std::string_view name, const Spans& spans, TextOf text_of, JsonWriter& json) {
  std::unordered_map<std::string_view, size_t> positions;
  std::vector<std::string_view> dictionary;
  std::vector<size_t> index;
  index.reserve(spans.size());
  for (const SpanSummary& span : spans) {
    const std::string_view text = text_of(span);
    const auto [position, added] = positions.try_emplace(text, dictionary.size());
    if (added) dictionary.push_back(text);
    index.push_back(position->second);
  }
  if (dictionary.empty() || (dictionary.size() == 1 && dictionary[0].empty())) return;
  json.Key(name).BeginObject().Key("dictionary").BeginArray();
  for (const std::string_view text : dictionary) json.Value(text);
  json.EndArray().Key("index").BeginArray();
  for (const size_t position : index) json.Value(position);
  json.EndArray().EndObject();
}

// A plain array with null where a span has no value; nothing when no span has one.
template <typename ValueOf>
void WriteOptionalColumn(std::string_view name, const Spans& spans, ValueOf value_of,
                         JsonWriter& json) {
  if (std::none_of(spans.begin(), spans.end(),
                   [&](const SpanSummary& span) { return value_of(span).has_value(); })) {
    return;
  }
  json.Key(name).BeginArray();
  for (const SpanSummary& span : spans) {
    if (const auto value = value_of(span)) {
      json.Value(*value);
    } else {
      json.Null();
    }
  }
  json.EndArray();
}

template <typename ValueOf>
void WriteColumn(std::string_view name, const Spans& spans, ValueOf value_of, JsonWriter& json) {
  json.Key(name).BeginArray();
  for (const SpanSummary& span : spans) json.Value(value_of(span));
  json.EndArray();
}

// The row of each span's parent, -1 where it has none or it is not stored.
std::vector<int64_t> ParentRows(const Spans& spans) {
  std::unordered_map<SpanId, int64_t> rows;
  rows.reserve(spans.size());
  for (const SpanSummary& span : spans) {
    rows.try_emplace(span.span_id, static_cast<int64_t>(rows.size()));
  }
  std::vector<int64_t> parents;
  parents.reserve(spans.size());
  for (const SpanSummary& span : spans) {
    const auto parent = rows.find(span.parent_span_id);
    const bool known = parent != rows.end() && span.parent_span_id != span.span_id;
    parents.push_back(known ? parent->second : -1);
  }
  return parents;
}

void WriteColumns(const Spans& spans, Nanos base, JsonWriter& json) {
  using S = const SpanSummary&;
  json.BeginObject();
  WriteColumn(
      "span_id", spans, [](S s) { return s.span_id.ToHex(); }, json);
  WriteOptionalColumn(
      "parent_span_id", spans,
      [](S s) {
        return s.parent_span_id.empty() ? std::optional<std::string>() : s.parent_span_id.ToHex();
      },
      json);
  json.Key("parent_row").BeginArray();
  for (const int64_t row : ParentRows(spans)) json.Value(row);
  json.EndArray();
  WriteColumn(
      "start_ns", spans, [base](S s) { return s.start - base; }, json);
  WriteColumn(
      "duration_ns", spans, [](S s) { return s.duration; }, json);
  const auto text = [&](std::string_view name, auto text_of) {
    WriteTextColumn(name, spans, text_of, json);
  };
  text("name", [](S s) -> std::string_view { return s.name; });
  text("op", [](S s) { return model::OpName(s.op); });
  text("kind", [](S s) { return KindName(s.kind); });
  text("status", [](S s) { return StatusName(s.status); });
  text("status_message", [](S s) -> std::string_view { return s.status_message; });
  text("error_type", [](S s) -> std::string_view { return s.error_type; });
  text("service", [](S s) -> std::string_view { return s.service; });
  text("agent", [](S s) -> std::string_view { return s.agent_name; });
  text("model", [](S s) -> std::string_view { return s.model; });
  text("provider", [](S s) -> std::string_view { return s.provider; });
  text("tool", [](S s) -> std::string_view { return s.tool_name; });
  text("session", [](S s) -> std::string_view { return s.session; });
  text("user", [](S s) -> std::string_view { return s.user; });
  text("finish_reason", [](S s) -> std::string_view { return s.finish_reason; });
  const auto optional = [&](std::string_view name, auto member) {
    WriteOptionalColumn(
        name, spans, [member](S s) { return s.*member; }, json);
  };
  optional("input_tokens", &SpanSummary::input_tokens);
  optional("output_tokens", &SpanSummary::output_tokens);
  optional("total_tokens", &SpanSummary::total_tokens);
  optional("cache_read_tokens", &SpanSummary::cache_read_tokens);
  optional("cache_write_tokens", &SpanSummary::cache_write_tokens);
  optional("reasoning_tokens", &SpanSummary::reasoning_tokens);
  optional("cost_usd", &SpanSummary::cost_usd);
  text("cost_source", [](S s) {
    return s.cost_source == model::CostSource::kNone
               ? std::string_view()
               : model::kCostSourceNames[static_cast<size_t>(s.cost_source)];
  });
  text("price", [](S s) -> std::string_view { return s.price; });
  optional("time_to_first_token_ns", &SpanSummary::time_to_first_token);
  WriteOptionalColumn(
      "times_adjusted", spans,
      [](S s) { return s.times_adjusted ? std::optional<bool>(true) : std::nullopt; }, json);
  json.EndObject();
}

Result<net::HttpResponse> GetTrace(Context& context, const Call& call) {
  const TraceId id = call.arguments.trace_id("trace_id");
  AO_ASSIGN_OR_RETURN(const storage::TraceSkeleton trace, context.store.GetTrace(call.project, id));
  AO_ASSIGN_OR_RETURN(const model::Run run,
                      context.store.GetRun(call.project, id, storage::RunDetail::kOverview));
  const Nanos base = trace.spans.empty() ? 0 : trace.spans.front().start;
  JsonWriter json;
  json.BeginObject().Field("trace_id", id.ToHex()).Key("run");
  WriteRun(run, json);
  json.Field("span_count", trace.spans.size());
  WriteTime("base", base, json);
  json.Key("columns");
  WriteColumns(trace.spans, base, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

void WriteEvents(const model::Span& span, JsonWriter& json) {
  json.Key("events").BeginArray();
  for (const model::Event& event : span.events) {
    json.BeginObject().Field("name", event.name);
    WriteTime("time", static_cast<int64_t>(event.time), json);
    json.Key("attributes");
    WriteAttributes(event.attributes, json);
    json.Field("dropped_attributes", event.dropped_attributes_count).EndObject();
  }
  json.EndArray();
}

void WriteLinks(const model::Span& span, JsonWriter& json) {
  json.Key("links").BeginArray();
  for (const model::Link& link : span.links) {
    json.BeginObject();
    WriteId("trace_id", link.trace_id, json);
    WriteId("span_id", link.span_id, json);
    json.Field("trace_state", link.trace_state).Key("attributes");
    WriteAttributes(link.attributes, json);
    json.Field("dropped_attributes", link.dropped_attributes_count).EndObject();
  }
  json.EndArray();
}

void WriteOrigin(const model::Resource* resource, const model::Scope* scope, JsonWriter& json) {
  json.Key("resource");
  if (resource == nullptr) {
    json.Null();
  } else {
    json.BeginObject().Key("attributes");
    WriteAttributes(resource->attributes, json);
    json.Field("schema_url", resource->schema_url).EndObject();
  }
  json.Key("scope");
  if (scope == nullptr) {
    json.Null();
  } else {
    json.BeginObject().Field("name", scope->name).Field("version", scope->version);
    json.Key("attributes");
    WriteAttributes(scope->attributes, json);
    json.Field("schema_url", scope->schema_url).EndObject();
  }
}

void WriteSpan(const model::Span& span, JsonWriter& json) {
  WriteId("trace_id", span.trace_id, json);
  WriteId("span_id", span.span_id, json);
  WriteId("parent_span_id", span.parent_span_id, json);
  json.Field("name", span.name).Field("kind", KindName(span.kind));
  json.Key("status").BeginObject().Field("code", StatusName(span.status));
  json.Field("message", span.status_message).EndObject();
  WriteTime("start", static_cast<int64_t>(span.start), json);
  WriteTime("end", static_cast<int64_t>(span.end), json);
  const bool ends = span.end >= span.start;
  json.Field("duration_ms", ends ? static_cast<double>(span.end - span.start) / 1e6 : 0.0);
  json.Field("trace_state", span.trace_state).Field("flags", span.flags);
  json.Key("attributes");
  WriteAttributes(span.attributes, json);
  WriteEvents(span, json);
  WriteLinks(span, json);
  json.Key("dropped").BeginObject();
  json.Field("attributes", span.dropped_attributes_count);
  json.Field("events", span.dropped_events_count);
  json.Field("links", span.dropped_links_count).EndObject();
}

// Conventions up to 1.36 put messages into log records.
Result<storage::LogPage> LogsOf(Context& context, const Call& call, const model::Canonical& k) {
  if (k.op != model::Op::kLlm) return storage::LogPage{};
  storage::LogQuery query;
  query.project = call.project;
  query.trace_id = call.arguments.trace_id("trace_id");
  query.span_id = call.arguments.span_id("span_id");
  query.ascending = true;
  query.limit = 1000;
  return context.store.ListLogs(query);
}

// What the span means: canonical columns, messages, documents, and why.
Status WriteMeaning(Context& context, const Call& call, const model::Resource* resource,
                    const model::Scope* scope, const model::Span& span, JsonWriter& json) {
  Arena arena;
  model::Canonical canonical;
  const model::Resource& from = resource != nullptr ? *resource : model::Resource{};
  const model::Scope& by = scope != nullptr ? *scope : model::Scope{};
  semconv::Canonicalize(from, by, span, &arena, &canonical);
  AO_ASSIGN_OR_RETURN(const storage::LogPage page, LogsOf(context, call, canonical));
  std::vector<model::LogRecord> logs;
  for (const auto& group : page.batch.logs) {
    logs.insert(logs.end(), group.records.begin(), group.records.end());
  }
  WriteCanonical(canonical, json);
  WriteConversation(semconv::ReadConversation(span, canonical, logs), json);
  if (call.arguments.text("explain") == "1") {
    WriteExplanation(semconv::Explain(from, by, span), json);
  }
  return OkStatus();
}

Result<net::HttpResponse> GetSpan(Context& context, const Call& call) {
  const TraceId trace_id = call.arguments.trace_id("trace_id");
  const SpanId span_id = call.arguments.span_id("span_id");
  AO_ASSIGN_OR_RETURN(const model::Batch batch,
                      context.store.ReadSpans(call.project, trace_id, span_id));
  for (const auto& group : batch.spans) {
    for (const model::Span& span : group.records) {
      if (span.span_id != span_id) continue;
      JsonWriter json;
      json.BeginObject();
      WriteSpan(span, json);
      WriteOrigin(group.resource, group.scope, json);
      AO_TRY(WriteMeaning(context, call, group.resource, group.scope, span, json));
      AO_TRY(WriteSpanCost(context, call.project, group.resource, group.scope, span, json));
      json.EndObject();
      return JsonResponse(std::move(json));
    }
  }
  return NotFound(fmt::format("cannot find span {} in trace {}: it is not stored", span_id.ToHex(),
                              trace_id.ToHex()));
}

}  // namespace

std::vector<Endpoint> TraceEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/traces/{trace_id}",
       .summary = "The structure of a trace, without payloads",
       .parameters = {kTraceIdInPath},
       .response = "{trace_id, run: Run, span_count, base, base_unix_nano, columns}: one array per "
                   "column, spans in start order, times relative to base. A text column is "
                   "{dictionary, index}. Columns without any value are left out.",
       .handler = &GetTrace},
      {.method = "GET",
       .pattern = "/api/v1/traces/{trace_id}/spans/{span_id}",
       .summary = "One span, whole",
       .parameters = {kTraceIdInPath,
                      kSpanIdInPath,
                      {"explain", Type::kChoice, "1: say which rule filled each column", "0|1"}},
       .response = "The span as it was sent: attributes, events, links, resource and scope. "
                   "canonical: what it means, whatever the dialect. messages: {input, output}, "
                   "each a list of {role, name, parts: [{type: "
                   "text|reasoning|tool_call|tool_result|reference|other, ...}], finish_reason}. "
                   "documents: [{id, score, content, metadata, version}]. With explain=1 explain: "
                   "{dialect, mapping_version, fields: [{field, candidates: [{dialect, attribute, "
                   "rank, value, outcome: used|outranked|unusable}], inferred}], unmapped}. "
                   "cost, where the span has one: {usd, source, price, tier, steps: [{bucket, "
                   "tokens, usd_per_million, usd}], inclusive, current: {usd, price}?}, the "
                   "arithmetic with the prices of now; current is there when they are no longer "
                   "those that the stored usd was computed with.",
       .handler = &GetSpan},
  };
}

}  // namespace ao::api
