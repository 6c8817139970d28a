#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "base/encoding.h"

// GET /api/traces/{trace_id}: the trace as a flat list for short scripts. The shape is a contract
// and never changes; everything else belongs into /api/v1.

namespace ao::api {
namespace {

constexpr int64_t kUnknown = -1;
constexpr int64_t kOnPath = -2;

// Steps from the root of each span. A span whose parent is not stored is a root; so is the first
// span of a cycle.
std::vector<int64_t> Depths(const std::vector<const model::Span*>& spans) {
  std::unordered_map<SpanId, size_t> rows;
  for (size_t i = 0; i < spans.size(); ++i) rows.try_emplace(spans[i]->span_id, i);
  std::vector<int64_t> depths(spans.size(), kUnknown);
  std::vector<size_t> path;
  for (size_t i = 0; i < spans.size(); ++i) {
    int64_t depth = kUnknown;  // of the span above the path
    for (size_t at = i; depths[at] == kUnknown;) {
      depths[at] = kOnPath;
      path.push_back(at);
      const auto parent = rows.find(spans[at]->parent_span_id);
      if (parent == rows.end() || depths[parent->second] == kOnPath) break;
      at = parent->second;
      depth = depths[at];
    }
    for (; !path.empty(); path.pop_back()) depths[path.back()] = ++depth;
  }
  return depths;
}

void WriteScalar(const model::Value& value, JsonWriter& json) {
  switch (value.kind()) {
    case model::ValueKind::kString: json.Value(value.as_string()); return;
    case model::ValueKind::kDouble: json.Value(value.as_double()); return;
    case model::ValueKind::kBytes: json.Value(EncodeBase64(value.as_string())); return;
    case model::ValueKind::kArray:
    case model::ValueKind::kMap: {
      JsonWriter nested;
      WriteValue(value, nested);
      json.Value(nested.text());
      return;
    }
    default: WriteValue(value, json);
  }
}

std::string_view UpperStatus(model::StatusCode status) {
  return status == model::StatusCode::kOk      ? "OK"
         : status == model::StatusCode::kError ? "ERROR"
                                               : "UNSET";
}

void WriteSpan(const model::Span& span, int64_t depth, JsonWriter& json) {
  json.BeginObject().Field("name", span.name).Field("spanId", span.span_id.ToHex());
  json.Field("parentSpanId",
             span.parent_span_id.empty() ? std::string() : span.parent_span_id.ToHex());
  json.Field("startTimeUnixNano", span.start).Field("endTimeUnixNano", span.end);
  json.Field("depth", depth).Field("status", UpperStatus(span.status));
  json.Key("attributes").BeginArray();
  for (const model::KeyValue& attribute : span.attributes) {
    json.BeginObject().Field("key", attribute.key).Key("value");
    WriteScalar(attribute.value, json);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

Result<net::HttpResponse> ListSpans(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(
      const model::Batch batch,
      context.store.ReadSpans(call.project, call.arguments.trace_id("trace_id"), std::nullopt));
  std::vector<const model::Span*> spans;
  for (const auto& group : batch.spans) {
    for (const model::Span& span : group.records) spans.push_back(&span);
  }
  const std::vector<int64_t> depths = Depths(spans);
  std::vector<size_t> order(spans.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  // A parent comes before a child that starts in the same nanosecond.
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tuple(spans[a]->start, depths[a], spans[a]->span_id) <
           std::tuple(spans[b]->start, depths[b], spans[b]->span_id);
  });
  JsonWriter json;
  json.BeginObject().Key("spans").BeginArray();
  for (const size_t i : order) WriteSpan(*spans[i], depths[i], json);
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> SpanListEndpoints() {
  return {{.method = "GET",
           .pattern = "/api/traces/{trace_id}",
           .summary = "The spans of a trace as a flat list, for scripts",
           .parameters = {kTraceIdInPath},
           .response = "{spans: [{name, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, "
                       "depth, status, attributes: [{key, value}]}]} in start order; the root has "
                       "depth 0, values are plain scalars.",
           .handler = &ListSpans}};
}

}  // namespace ao::api
