#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

storage::UserSort SortOf(std::string_view name) {
  using storage::UserSort;
  constexpr std::pair<std::string_view, UserSort> kRows[] = {{"cost", UserSort::kCost},
                                                             {"tokens", UserSort::kTokens},
                                                             {"runs", UserSort::kRuns},
                                                             {"errors", UserSort::kErrors}};
  for (const auto& [key, sort] : kRows) {
    if (key == name) return sort;
  }
  return UserSort::kLast;
}

void WriteUser(const storage::UserRow& row, JsonWriter& json) {
  json.BeginObject().Field("user", row.user);
  WriteTime("first", row.first, json);
  WriteTime("last", row.last, json);
  json.Field("sessions", row.sessions).Field("runs", row.runs).Field("errors", row.errors);
  json.Field("steps", row.steps).Field("tool_calls", row.tool_calls).Key("tokens").BeginObject();
  json.Field("input", row.input_tokens).Field("output", row.output_tokens);
  json.Field("total", row.total_tokens).EndObject();
  json.Field("cost_usd", row.cost_usd).EndObject();
}

Result<net::HttpResponse> ListUsers(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::UserQuery query;
  query.project = call.project;
  AO_ASSIGN_OR_RETURN(query.range, RangeOf(a));
  query.text = a.string("q");
  query.sort = SortOf(a.text("sort"));
  query.limit = *a.integer("limit");
  query.cursor = a.string("cursor");
  AO_ASSIGN_OR_RETURN(const storage::UserPage page, context.store.ListUsers(query));
  JsonWriter json;
  json.BeginObject().Key("users").BeginArray();
  for (const storage::UserRow& row : page.users) WriteUser(row, json);
  json.EndArray();
  WriteCursor(page.next_cursor, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> UserEndpoints() {
  return {{.method = "GET",
           .pattern = "/api/v1/users",
           .summary = "Users with their totals",
           .parameters = {kSince,
                          kUntil,
                          {"q", Type::kText, "text in the user id"},
                          {"sort", Type::kChoice, "what to sort by, the greatest first",
                           "last|cost|tokens|runs|errors", "last"},
                          Limit("50"),
                          kCursor},
           .response = "{users: [{user, first, last, sessions, runs, errors, steps, tool_calls, "
                       "tokens: {input, output, total}, cost_usd}], next_cursor}; errors counts "
                       "failed runs",
           .handler = &ListUsers}};
}

}  // namespace ao::api
