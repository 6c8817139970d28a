#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

Result<net::HttpResponse> Delete(Context& context, storage::DeleteQuery query) {
  AO_ASSIGN_OR_RETURN(const storage::DeleteReport report, context.store.Delete(query));
  JsonWriter json;
  json.BeginObject().Field("deleted_traces", report.traces).EndObject();
  return JsonResponse(std::move(json));
}

// An empty id would be no condition at all, and delete everything.
Result<std::string> NotEmpty(const Call& call, std::string_view name) {
  std::string id = call.arguments.string(name);
  if (id.empty()) return InvalidArgument(fmt::format("cannot delete {}: its id is empty", name));
  return id;
}

Result<net::HttpResponse> DeleteTrace(Context& context, const Call& call) {
  return Delete(context, {.project = call.project,
                          .trace_ids = {call.arguments.trace_id("trace_id")},
                          .session = {},
                          .user = {}});
}

Result<net::HttpResponse> DeleteSession(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(std::string session, NotEmpty(call, "session"));
  return Delete(
      context,
      {.project = call.project, .trace_ids = {}, .session = std::move(session), .user = {}});
}

Result<net::HttpResponse> DeleteUser(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(std::string user, NotEmpty(call, "user"));
  return Delete(context,
                {.project = call.project, .trace_ids = {}, .session = {}, .user = std::move(user)});
}

constexpr std::string_view kResponse =
    "{deleted_traces}: 0 when there was nothing to delete. Reads no longer see them; the disk is "
    "freed within a minute.";

}  // namespace

std::vector<Endpoint> DeleteEndpoints() {
  return {
      {.method = "DELETE",
       .pattern = "/api/v1/traces/{trace_id}",
       .access = net::Access::kAdmin,
       .summary = "Delete a trace",
       .parameters = {kTraceIdInPath},
       .response = kResponse,
       .handler = &DeleteTrace},
      {.method = "DELETE",
       .pattern = "/api/v1/sessions/{session}",
       .access = net::Access::kAdmin,
       .summary = "Delete every trace of a session",
       .parameters = {{"session", Type::kText, "session id"}},
       .response = kResponse,
       .handler = &DeleteSession},
      {.method = "DELETE",
       .pattern = "/api/v1/users/{user}",
       .access = net::Access::kAdmin,
       .summary = "Delete every trace of a user",
       .parameters = {{"user", Type::kText, "user id"}},
       .response = kResponse,
       .handler = &DeleteUser},
  };
}

}  // namespace ao::api
