#include <iterator>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "api/rest/run_query.h"

namespace ao::api {
namespace {

constexpr std::string_view kSorts = "start|duration|cost|tokens|steps|spans|errors";

storage::RunSort SortOf(std::string_view name) {
  using storage::RunSort;
  constexpr std::pair<std::string_view, RunSort> kRows[] = {
      {"start", RunSort::kStart},   {"duration", RunSort::kDuration}, {"cost", RunSort::kCost},
      {"tokens", RunSort::kTokens}, {"steps", RunSort::kSteps},       {"spans", RunSort::kSpans},
      {"errors", RunSort::kErrors}};
  for (const auto& [key, sort] : kRows) {
    if (key == name) return sort;
  }
  return RunSort::kStart;
}

Result<storage::RunQuery> QueryOf(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  AO_ASSIGN_OR_RETURN(storage::RunQuery query, RunQueryOf(context, call));
  query.sort = SortOf(a.text("sort"));
  query.ascending = a.text("order") == "asc";
  query.limit = *a.integer("limit");
  query.cursor = a.string("cursor");
  return query;
}

Result<net::HttpResponse> ListRuns(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(const storage::RunQuery query, QueryOf(context, call));
  AO_ASSIGN_OR_RETURN(const storage::RunPage page, context.store.ListRuns(query));
  JsonWriter json;
  json.BeginObject().Key("runs").BeginArray();
  for (const model::Run& run : page.runs) WriteRun(run, json);
  json.EndArray();
  WriteCursor(page.next_cursor, json);
  json.Field("total", page.total).EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> GetRun(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(const model::Run run,
                      context.store.GetRun(call.project, call.arguments.trace_id("trace_id")));
  JsonWriter json;
  WriteRunWithDetails(run, json);
  return JsonResponse(std::move(json));
}

std::vector<Parameter> ListParameters() {
  std::vector<Parameter> parameters = RunFilters();
  parameters.push_back({"sort", Type::kChoice, "what to sort by", kSorts, "start"});
  parameters.push_back({"order", Type::kChoice, "direction", "desc|asc", "desc"});
  parameters.push_back(Limit("50"));
  parameters.push_back(kCursor);
  return parameters;
}

}  // namespace

std::vector<Endpoint> RunEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/runs",
       .summary = "List runs, the newest first",
       .parameters = ListParameters(),
       .response = "{runs: [Run], next_cursor, total}; total counts all pages.",
       .handler = &ListRuns},
      {.method = "GET",
       .pattern = "/api/v1/runs/{trace_id}",
       .summary = "One run",
       .parameters = {kTraceIdInPath},
       .response = "A Run with usage and edges.",
       .handler = &GetRun},
  };
}

}  // namespace ao::api
