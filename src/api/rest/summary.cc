#include "analysis/summary.h"

#include "analysis/tree.h"
#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

using storage::SpanSummary;

std::optional<int64_t> TokensOf(const SpanSummary& span) {
  if (span.total_tokens) return span.total_tokens;
  if (!span.input_tokens && !span.output_tokens) return std::nullopt;
  return span.input_tokens.value_or(0) + span.output_tokens.value_or(0);
}

std::string TextOf(const storage::TraceSkeleton& trace) {
  std::vector<analysis::SummarySpan> spans;
  spans.reserve(trace.spans.size());
  for (const SpanSummary& span : trace.spans) {
    spans.push_back({.id = span.span_id,
                     .parent = span.parent_span_id,
                     .start = span.start,
                     .duration = span.duration,
                     .name = span.name,
                     .model = span.model,
                     .tool = span.tool_name,
                     .tokens = TokensOf(span),
                     .error = span.status == model::StatusCode::kError,
                     .error_type = span.error_type});
  }
  return analysis::SummarizeRun(spans);
}

// The spans in the order of the text's lines.
void WriteSpans(const storage::TraceSkeleton& trace, JsonWriter& json) {
  std::vector<analysis::TreeSpan> spans;
  spans.reserve(trace.spans.size());
  for (const SpanSummary& span : trace.spans) {
    spans.push_back({span.span_id, span.parent_span_id, span.start});
  }
  json.Key("spans").BeginArray();
  for (const analysis::TreeNode& node : analysis::BuildTree(spans)) {
    const SpanSummary& span = trace.spans[node.span];
    json.BeginObject().Field("span_id", span.span_id.ToHex()).Field("depth", node.depth);
    json.Field("name", span.name).Field("op", model::OpName(span.op));
    json.Field("duration_ms", static_cast<double>(span.duration) / 1e6);
    json.Field("status", StatusName(span.status)).Field("error_type", span.error_type);
    json.Field("model", span.model).Field("tool", span.tool_name).Key("tokens");
    if (const auto tokens = TokensOf(span)) {
      json.Value(*tokens);
    } else {
      json.Null();
    }
    json.Field("missing_parent", node.missing_parent).EndObject();
  }
  json.EndArray();
}

bool WantsJson(const Call& call) {
  const std::string_view format = call.arguments.text("format");
  if (!format.empty()) return format == "json";
  return call.request.header("accept").find("application/json") != std::string_view::npos;
}

Result<net::HttpResponse> Summarize(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(const storage::TraceSkeleton trace,
                      context.store.GetTrace(call.project, call.arguments.trace_id("trace_id")));
  std::string text = TextOf(trace);
  if (!WantsJson(call)) {
    net::HttpResponse response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(text);
    return response;
  }
  JsonWriter json;
  json.BeginObject().Field("trace_id", trace.trace_id.ToHex()).Field("text", text);
  WriteSpans(trace, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> SummaryEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/traces/{trace_id}/summary",
       .summary = "What a run did, one line a span",
       .parameters = {kTraceIdInPath,
                      {"format", Type::kChoice,
                       "form of the answer; without it the Accept header decides", "text|json"}},
       .response = "Indented text: name, (duration), model=... tokens=... or tool=...; as JSON "
                   "{trace_id, text, spans: [{span_id, depth, name, op, duration_ms, status, "
                   "error_type, model, tool, tokens, missing_parent}]}.",
       .handler = &Summarize,
       .content_type = "text/plain"}};
}

}  // namespace ao::api
