#include <algorithm>
#include <string>

#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "search/fields.h"

// What a search box needs for completion: the fields of the search language, and their values.

namespace ao::api {
namespace {

Result<net::HttpResponse> ListFields(Context&, const Call&) {
  JsonWriter json;
  json.BeginObject().Key("fields").BeginArray();
  for (const search::Field& field : search::Fields()) {
    json.BeginObject().Field("name", field.name);
    json.Field("kind", search::kValueKindNames[static_cast<size_t>(field.kind)]);
    json.Field("doc", field.doc).Field("example", field.example);
    json.Key("operators").BeginArray();
    const bool compares =
        model::IsNumber(field.field) && field.name != "since" && field.name != "until";
    json.Value(":");
    if (compares) {
      for (const std::string_view op : {"=", "!=", ">", ">=", "<", "<="}) json.Value(op);
    }
    json.EndArray().Key("values").BeginArray();
    for (std::string_view rest = field.choices; !rest.empty();) {
      const size_t bar = std::min(rest.find('|'), rest.size());
      json.Value(rest.substr(0, bar));
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
    json.EndArray().Field("has_values", !field.column.empty()).EndObject();
  }
  json.EndArray().Key("keywords").BeginArray();
  for (const std::string_view word : {"AND", "OR", "NOT"}) json.Value(word);
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> ListValues(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  const search::Field* field = search::FindField(a.text("field"));
  if (field == nullptr || field->column.empty()) {
    return InvalidArgument(
        fmt::format("cannot list values of field {}: it has none to list", Quoted(a.text("field"))),
        "GET /api/v1/search/fields says which fields have values");
  }
  AO_ASSIGN_OR_RETURN(const storage::TimeRange range, RangeOf(a));
  storage::SqlRequest request;
  request.project = call.project;
  request.timeout = 5 * kSecond;
  request.max_rows = *a.integer("limit");
  const std::string value =
      field->is_list ? fmt::format("unnest({})", field->column) : std::string(field->column);
  std::string where = fmt::format("start_ns >= {}", range.since);
  if (range.until != 0) where += fmt::format(" AND start_ns < {}", range.until);
  request.text = fmt::format(
      "SELECT value, count(*) AS runs FROM (SELECT {} AS value FROM runs WHERE {}) WHERE value <> "
      "'' AND starts_with(lower(value), lower({})) GROUP BY value ORDER BY runs DESC, value LIMIT "
      "{}",
      value, where, SqlText(a.text("prefix")), request.max_rows);
  AO_ASSIGN_OR_RETURN(const storage::SqlResult result, context.store.Sql(request));
  JsonWriter json;
  json.BeginObject().Field("field", field->name).Key("values").BeginArray();
  for (const std::string& row : result.rows) json.Raw(row);
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> SearchText(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::TextQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.text = a.string("q");
  if (query.text.empty()) {
    return InvalidArgument("cannot search texts: parameter \"q\" is missing", "add q=some words");
  }
  query.limit = *a.integer("limit");
  query.time_limit = std::clamp<Nanos>(*a.integer("timeout"), kMillisecond, 30 * kSecond);
  AO_ASSIGN_OR_RETURN(const storage::TextPage page, context.store.SearchText(query));
  JsonWriter json;
  json.BeginObject().Key("matches").BeginArray();
  for (const storage::TextMatch& match : page.matches) {
    json.BeginObject().Field("trace_id", match.trace_id.ToHex());
    json.Field("span_id", match.span_id.ToHex()).Field("name", match.name);
    WriteTime("start", match.start, json);
    json.Field("field", match.field).Field("snippet", match.snippet).EndObject();
  }
  json.EndArray().Field("complete", page.complete).Key("scanned").BeginObject();
  json.Field("spans", page.scanned_spans);
  WriteTime("since", page.scanned_since, json);
  json.EndObject().EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> SearchEndpoints() {
  Parameter since = kSince;
  since.fallback = "7d";
  Parameter day = kSince;
  day.fallback = "1d";
  return {
      {.method = "GET",
       .pattern = "/api/v1/search/fields",
       .summary = "The fields of the search language",
       .response = "{fields: [{name, kind, doc, example, operators, values, has_values}], "
                   "keywords}; has_values: search/values lists what is stored",
       .handler = &ListFields},
      {.method = "GET",
       .pattern = "/api/v1/search/values",
       .summary = "Values that a field has in stored runs, the most frequent first",
       .parameters = {{"field", Type::kText, "a field with has_values"},
                      {"prefix", Type::kText, "how the values begin; case does not matter"},
                      since,
                      kUntil,
                      Limit("20")},
       .response = "{field, values: [[value, runs]]}",
       .handler = &ListValues},
      {.method = "GET",
       .pattern = "/api/v1/search/text",
       .summary = "Spans whose prompts, answers, tool arguments or tool results hold a text",
       .parameters = {{"q", Type::kText, "whole words in any case; refund* also finds refunds"},
                      day,
                      kUntil,
                      {"timeout", Type::kDuration, "answer after this long, at most 30s", {}, "2s"},
                      Limit("20")},
       .response = "{matches: [{trace_id, span_id, name, start, field, snippet}], complete, "
                   "scanned: {spans, since}}, the newest first. complete: false says that the "
                   "limit or the timeout came first; the rest is older than scanned.since",
       .handler = &SearchText},
  };
}

}  // namespace ao::api
