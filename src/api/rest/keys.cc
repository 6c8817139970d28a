#include <algorithm>

#include <fmt/core.h>

#include "api/json.h"
#include "api/json_body.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "base/log.h"
#include "keys/authenticator.h"
#include "keys/key_store.h"

namespace ao::api {
namespace {

using keys::ApiKey;

// Keys are a matter of their project, as its data is. Who needs no key sees all.
bool MayManage(const Call& call, std::string_view project) {
  return call.request.principal.key_id.empty() || project == call.project;
}

std::string Whose(const Call& call) {
  return call.request.principal.key_id.empty() ? "" : " of project " + call.project;
}

Result<std::vector<ApiKey>> ManagedKeys(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(std::vector<ApiKey> all, context.keys.List());
  std::erase_if(all, [&](const ApiKey& key) { return !MayManage(call, key.project); });
  return all;
}

void WriteMembers(const ApiKey& key, JsonWriter& json) {
  json.Field("id", key.id).Field("name", key.name).Field("project", key.project);
  json.Field("scopes", keys::FormatScopes(key.scopes));
  WriteTime("created", key.created, json);
}

// What the keys that are left leave nobody able to do: said, so that nobody is locked out unawares.
// `whose`: " of project NAME" when `all` are those of a project.
std::vector<std::string> LostRights(const std::vector<ApiKey>& all, const std::string& whose) {
  keys::Scopes held{false, false, false};
  for (const ApiKey& key : all) {
    if (key.revoked != 0) continue;
    held.ingest |= key.scopes.ingest;
    held.read |= key.scopes.read;
    held.admin |= key.scopes.admin;
  }
  std::vector<std::string> lost;
  const auto say = [&](const char* right, const char* result) {
    lost.push_back(fmt::format("no valid key{} may {}: {}", whose, right, result));
  };
  if (!held.ingest) say("ingest", "telemetry is refused");
  if (!held.read) say("read", "the API and the web UI show nothing");
  if (!held.admin) say("admin", "keys are now managed with `observatory keys` beside the server");
  return lost;
}

void WriteWarnings(const std::vector<std::string>& warnings, JsonWriter& json) {
  json.Key("warnings").BeginArray();
  for (const std::string& warning : warnings) json.Value(warning);
  json.EndArray();
}

// The change is stored already: if it cannot be read now, it counts a moment later.
void MakeKnown(Context& context) {
  if (const Status status = context.authenticator.Refresh(); !status.ok()) {
    AO_LOG(kWarn, "api", "cannot refresh API keys", "reason", status.message());
  }
}

Result<net::HttpResponse> ListKeys(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(const std::vector<ApiKey> all, ManagedKeys(context, call));
  JsonWriter json;
  json.BeginObject().Key("keys").BeginArray();
  for (const ApiKey& key : all) {
    json.BeginObject();
    WriteMembers(key, json);
    WriteTime("last_used", key.last_used, json);
    WriteTime("revoked", key.revoked, json);
    json.Field("current", key.id == call.request.principal.key_id).EndObject();
  }
  json.EndArray();
  json.Field("required", !all.empty() || context.authenticator.KeysNeeded()).EndObject();
  return JsonResponse(std::move(json));
}

// A browser sends JSON to another origin only after asking, so no foreign page makes the first key
// of a server that needs none, which would close it.
Status CheckIsJson(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "content-type" && value.starts_with("application/json")) return OkStatus();
  }
  return InvalidArgument("cannot create API key: the body is not declared as JSON",
                         "send Content-Type: application/json");
}

struct KeyRequest {
  std::string name, project;
  keys::Scopes scopes;
};

Result<KeyRequest> KeyRequestOf(const Call& call) {
  AO_TRY(CheckIsJson(call.request));
  AO_ASSIGN_OR_RETURN(const JsonBody body,
                      JsonBody::Parse(call.request.body, {"name", "project", "scopes"}));
  KeyRequest wanted;
  AO_ASSIGN_OR_RETURN(wanted.name, body.Text("name"));
  AO_ASSIGN_OR_RETURN(wanted.project, body.Text("project"));
  if (wanted.project.empty()) wanted.project = call.project;
  if (body.Find("scopes") != nullptr) {
    AO_ASSIGN_OR_RETURN(const std::string scopes, body.Text("scopes"));
    AO_ASSIGN_OR_RETURN(wanted.scopes, keys::ParseScopes(scopes));
  }
  if (!MayManage(call, wanted.project)) {
    return PermissionDenied(
        fmt::format("cannot create API key for project {}: the key of this request belongs to {}",
                    Quoted(wanted.project), call.project),
        "use a key of that project, or `observatory keys create` beside the server");
  }
  return wanted;
}

std::vector<std::string> WarningsOfCreation(const ApiKey& key, bool first,
                                            const std::vector<ApiKey>& all,
                                            const std::string& whose) {
  std::vector<std::string> warnings = LostRights(all, whose);
  if (!first) return warnings;
  warnings.insert(warnings.begin(),
                  "from now on every request needs a key, also of agents that send telemetry");
  const std::string open_project = net::Principal().project;
  if (key.project != open_project) {
    warnings.push_back(fmt::format(
        "what was stored without keys belongs to project {}, which this key does not see",
        open_project));
  }
  return warnings;
}

Result<net::HttpResponse> CreateKey(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(const KeyRequest wanted, KeyRequestOf(call));
  AO_ASSIGN_OR_RETURN(std::vector<ApiKey> all, ManagedKeys(context, call));
  const bool first = all.empty();
  AO_ASSIGN_OR_RETURN(const keys::NewKey created,
                      context.keys.Create(wanted.project, wanted.name, wanted.scopes));
  all.push_back(created.key);
  MakeKnown(context);
  JsonWriter json;
  json.BeginObject();
  WriteMembers(created.key, json);
  json.Field("key", created.secret).Field("required", true);
  WriteWarnings(WarningsOfCreation(created.key, first, all, Whose(call)), json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> RevokeKey(Context& context, const Call& call) {
  const std::string id = call.arguments.string("id");
  AO_ASSIGN_OR_RETURN(std::vector<ApiKey> all, ManagedKeys(context, call));
  const auto found = std::ranges::find(all, id, &ApiKey::id);
  if (found == all.end()) {
    return NotFound(fmt::format("cannot revoke API key {}: no such key", Quoted(id)),
                    "GET /api/v1/keys lists them");
  }
  AO_TRY(context.keys.Revoke(id));
  MakeKnown(context);
  found->revoked = context.clock.Now();
  std::vector<std::string> warnings = LostRights(all, Whose(call));
  if (id == call.request.principal.key_id) {
    warnings.insert(warnings.begin(),
                    "this request came with the key that it revoked: the next one is refused");
  }
  JsonWriter json;
  json.BeginObject().Field("revoked", id).Field("required", true);
  WriteWarnings(warnings, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> KeyEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/keys",
       .summary = "List the API keys of the project, without their secrets, the newest first",
       .response = "{keys: [{id, name, project, scopes, created, last_used, revoked, current}], "
                   "required}",
       .handler = &ListKeys},
      {.method = "POST",
       .pattern = "/api/v1/keys",
       .access = net::Access::kAdmin,
       .summary = "Create an API key; the answer alone has its secret",
       .response = "{id, name, project, scopes, created, key, required, warnings}",
       .handler = &CreateKey,
       .body = "{name?, project?, scopes?}: scopes are ingest, read and admin with commas between "
               "them, by default ingest,read"},
      {.method = "DELETE",
       .pattern = "/api/v1/keys/{id}",
       .access = net::Access::kAdmin,
       .summary = "Revoke an API key for good",
       .parameters = {{"id", Type::kText, "id of the key, as the list has it"}},
       .response = "{revoked, required, warnings}",
       .handler = &RevokeKey},
  };
}

}  // namespace ao::api
