#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

constexpr std::string_view kSeverities[] = {"trace", "debug", "info", "warn", "error", "fatal"};

// The first of the four severity numbers that a name stands for; 0 for no name.
int32_t LowestSeverity(std::string_view name) {
  for (size_t i = 0; i < std::size(kSeverities); ++i) {
    if (kSeverities[i] == name) return static_cast<int32_t>(4 * i + 1);
  }
  return 0;
}

std::string_view SeverityName(int32_t number) {
  return number >= 1 && number <= 24 ? kSeverities[static_cast<size_t>(number - 1) / 4]
                                     : std::string_view();
}

void WriteLog(const model::LogRecord& log, const model::Resource* resource,
              const model::Scope* scope, JsonWriter& json) {
  const uint64_t time = log.time != 0 ? log.time : log.observed_time;
  json.BeginObject();
  WriteTime("time", static_cast<int64_t>(time), json);
  WriteTime("observed", static_cast<int64_t>(log.observed_time), json);
  json.Field("severity", SeverityName(log.severity_number));
  json.Field("severity_number", log.severity_number).Field("severity_text", log.severity_text);
  json.Field("service", resource != nullptr
                            ? model::FindString(resource->attributes, "service.name")
                            : std::string_view());
  json.Field("event_name", log.event_name).Key("body");
  WriteValue(log.body, json);
  json.Key("attributes");
  WriteAttributes(log.attributes, json);
  WriteId("trace_id", log.trace_id, json);
  WriteId("span_id", log.span_id, json);
  json.Key("resource");
  WriteAttributes(resource != nullptr ? resource->attributes : model::Attributes(), json);
  json.Field("scope", scope != nullptr ? scope->name : std::string_view()).EndObject();
}

// For both routes; parameters that one does not declare are absent.
Result<net::HttpResponse> ListLogs(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::LogQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.trace_id = a.trace_id("trace_id");
  query.span_id = a.span_id("span_id");
  query.service = a.string("service");
  query.min_severity = LowestSeverity(a.text("severity"));
  query.event_name = a.string("event_name");
  query.text = a.string("q");
  query.ascending = a.text("order") == "asc";
  query.limit = *a.integer("limit");
  query.cursor = a.string("cursor");
  AO_ASSIGN_OR_RETURN(const storage::LogPage page, context.store.ListLogs(query));
  JsonWriter json;
  json.BeginObject().Key("logs").BeginArray();
  for (const auto& group : page.batch.logs) {
    for (const model::LogRecord& log : group.records) {
      WriteLog(log, group.resource, group.scope, json);
    }
  }
  json.EndArray();
  WriteCursor(page.next_cursor, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

std::vector<Parameter> Filters(const Parameter& trace_id, std::string_view order) {
  return {trace_id,
          kSpanIdFilter,
          kSince,
          kUntil,
          {"service", Type::kText, "service.name"},
          {"severity", Type::kChoice, "at least this severe", "trace|debug|info|warn|error|fatal"},
          {"event_name", Type::kText, "name of the event"},
          {"q", Type::kText, "text in the body, in any case"},
          {"order", Type::kChoice, "direction of time", "desc|asc", order},
          Limit("100"),
          kCursor};
}

constexpr std::string_view kResponse = "{logs: [log record], next_cursor}";

}  // namespace

std::vector<Endpoint> LogEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/logs",
       .summary = "Search log records, the newest first",
       .parameters = Filters(kTraceIdFilter, "desc"),
       .response = kResponse,
       .handler = &ListLogs},
      {.method = "GET",
       .pattern = "/api/v1/traces/{trace_id}/logs",
       .summary = "The log records of a trace, the oldest first",
       .parameters = Filters(kTraceIdInPath, "asc"),
       .response = kResponse,
       .handler = &ListLogs},
  };
}

}  // namespace ao::api
