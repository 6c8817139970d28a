#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

Result<net::HttpResponse> ListSessions(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::SessionQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.user = a.string("user");
  query.text = a.string("q");
  query.limit = *a.integer("limit");
  query.cursor = a.string("cursor");
  AO_ASSIGN_OR_RETURN(const storage::SessionPage page, context.store.ListSessions(query));
  JsonWriter json;
  json.BeginObject().Key("sessions").BeginArray();
  for (const storage::SessionRow& row : page.sessions) {
    json.BeginObject().Field("session", row.session).Field("user", row.user);
    json.Field("agent", row.agent);
    WriteTime("first", row.first, json);
    WriteTime("last", row.last, json);
    json.Field("runs", row.runs).Field("errors", row.errors).Field("steps", row.steps);
    json.Field("total_tokens", row.total_tokens).Field("cost_usd", row.cost_usd).EndObject();
  }
  json.EndArray();
  WriteCursor(page.next_cursor, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

// One exchange of the conversation: what the user said, what came back, and where the whole is.
void WriteTurn(const model::Run& run, JsonWriter& json) {
  json.BeginObject().Field("trace_id", run.trace_id.ToHex());
  WriteTime("start", run.start, json);
  json.Field("duration_ms", static_cast<double>(run.duration) / 1e6);
  json.Field("status", RunStatus(run)).Field("agent", run.agent).Field("user", run.user);
  json.Field("input", run.input_preview).Field("output", run.output_preview);
  json.Field("error_message", run.error_message);
  json.Field("steps", run.steps).Field("tool_calls", run.tool_calls);
  json.Field("total_tokens", run.total_tokens).Field("cost_usd", run.cost_usd);
  json.Key("refs").BeginObject();
  json.Field("run", "/api/v1/runs/" + run.trace_id.ToHex());
  json.Field("trace", "/api/v1/traces/" + run.trace_id.ToHex()).EndObject().EndObject();
}

Result<net::HttpResponse> GetSession(Context& context, const Call& call) {
  const std::string session = call.arguments.string("session");
  storage::RunQuery query;
  query.project = call.project;
  query.session = session;
  query.ascending = true;
  query.limit = *call.arguments.integer("limit");
  query.cursor = call.arguments.string("cursor");
  if (session.empty()) return InvalidArgument("cannot read session: its id is empty");
  AO_ASSIGN_OR_RETURN(const storage::RunPage page, context.store.ListRuns(query));
  JsonWriter json;
  json.BeginObject().Field("session", session).Key("runs").BeginArray();
  bool found = false;
  for (const model::Run& run : page.runs) {
    if (run.session != session) continue;  // an id that ends in '*' matches others too
    found = true;
    WriteRun(run, json);
  }
  if (!found && query.cursor.empty() && page.next_cursor.empty()) {
    return NotFound(fmt::format("cannot find session {}: no run belongs to it", Quoted(session)));
  }
  json.EndArray().Key("turns").BeginArray();
  for (const model::Run& run : page.runs) {
    if (run.session == session) WriteTurn(run, json);
  }
  json.EndArray();
  WriteCursor(page.next_cursor, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> SessionEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/sessions",
       .summary = "List sessions, the latest first",
       .parameters = {kSince,
                      kUntil,
                      {"user", Type::kText, "user id"},
                      {"q", Type::kText, "text in the session id"},
                      Limit("50"),
                      kCursor},
       .response = "{sessions: [{session, user, agent, first, last, runs, errors, steps, "
                   "total_tokens, cost_usd}], next_cursor}",
       .handler = &ListSessions},
      {.method = "GET",
       .pattern = "/api/v1/sessions/{session}",
       .summary = "A session as a conversation: its runs in order",
       .parameters = {{"session", Type::kText, "session id"}, Limit("200"), kCursor},
       .response = "{session, runs: [Run], turns: [{trace_id, start, duration_ms, status, agent, "
                   "user, input, output, error_message, steps, tool_calls, total_tokens, "
                   "cost_usd, refs: {run, trace}}], next_cursor}; input and output are previews",
       .handler = &GetSession},
  };
}

}  // namespace ao::api
