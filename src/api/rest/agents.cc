#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

double Millis(Nanos duration) { return static_cast<double>(duration) / 1e6; }

void WriteVersion(const storage::AgentVersionRow& row, JsonWriter& json) {
  json.BeginObject().Field("id", row.version.id);
  json.Field("service_version", row.version.service_version).Field("model", row.version.model);
  json.Field("setup", row.version.setup);
  WriteTime("first", row.first, json);
  WriteTime("last", row.last, json);
  json.Field("runs", row.runs).EndObject();
}

void WriteAgent(const storage::AgentRow& row, JsonWriter& json) {
  json.BeginObject().Field("agent", row.agent);
  json.Field("runs", row.runs).Field("failed_runs", row.failed_runs);
  json.Field("invocations", row.invocations).Field("errors", row.errors);
  json.Field("model_calls", row.model_calls).Key("tokens").BeginObject();
  json.Field("input", row.input_tokens).Field("output", row.output_tokens);
  json.Field("total", row.total_tokens).EndObject().Field("cost_usd", row.cost_usd);
  json.Key("duration_ms");
  if (row.invocations == 0) {
    json.Null();
  } else {
    json.BeginObject().Field("p50", Millis(row.p50)).Field("p95", Millis(row.p95)).EndObject();
  }
  WriteTime("first", row.first, json);
  WriteTime("last", row.last, json);
  json.Key("versions").BeginArray();
  for (const storage::AgentVersionRow& version : row.versions) WriteVersion(version, json);
  json.EndArray().EndObject();
}

Result<net::HttpResponse> ListAgents(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::AgentQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.agent = a.string("agent");
  query.limit = *a.integer("limit");
  AO_ASSIGN_OR_RETURN(const storage::AgentPage page, context.store.ListAgents(query));
  JsonWriter json;
  json.BeginObject().Key("agents").BeginArray();
  for (const storage::AgentRow& row : page.agents) WriteAgent(row, json);
  json.EndArray().Field("total", page.total);
  WriteTime("since", query.range.since, json);
  WriteTime("until", query.range.until, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> AgentEndpoints() {
  Parameter since = kSince;
  since.fallback = "7d";
  return {{.method = "GET",
           .pattern = "/api/v1/agents",
           .summary = "What each agent did over a window, the latest first",
           .parameters = {since,
                          kUntil,
                          {"agent", Type::kText, "its name; a last * matches any suffix"},
                          Limit("100")},
           .response =
               "{agents: [{agent, runs, failed_runs, invocations, errors, model_calls, tokens, "
               "cost_usd, duration_ms: {p50, p95}, first, last, versions: [{id, service_version, "
               "model, setup, first, last, runs}]}], total, since, until}. runs are those that it "
               "took part in; invocations, errors and durations are of its own spans, tokens and "
               "cost without those of agents that it called.",
           .handler = &ListAgents}};
}

}  // namespace ao::api
