#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/list_output.h"
#include "keys/key_store.h"

namespace ao::cli {
namespace {

// --data-dir and --config of the server; nothing else of it matters here.
std::vector<Flag> WithDataFlags(std::vector<Flag> flags) {
  for (Flag& flag : SettingFlags()) {
    if (flag.name == "data-dir" || flag.name == "config") flags.push_back(std::move(flag));
  }
  return flags;
}

Result<std::unique_ptr<keys::KeyStore>> OpenStore(const Invocation& invocation, Io& io) {
  AO_ASSIGN_OR_RETURN(const config::Settings settings, LoadSettings(invocation, io));
  return keys::KeyStore::Open(settings.Text("data_dir"), io.clock);
}

int CreateKey(const Invocation& invocation, Io& io) {
  const auto scopes = keys::ParseScopes(invocation.Get("scopes"));
  if (!scopes.ok()) return ReportError(io, scopes.status());
  auto store = OpenStore(invocation, io);
  if (!store.ok()) return ReportError(io, store.status());
  const auto created =
      (*store)->Create(invocation.Get("project"), invocation.Get("name"), *scopes);
  if (!created.ok()) return ReportError(io, created.status());
  if (invocation.On("json")) {
    JsonWriter json;
    json.BeginObject().Field("id", created->key.id).Field("project", created->key.project);
    json.Field("scopes", keys::FormatScopes(*scopes)).Field("key", created->secret).EndObject();
    io.out << json.text() << "\n";
    return kExitOk;
  }
  io.out << created->secret << "\n";
  io.err << fmt::format("key {} for project {} ({}); it is not shown again\n", created->key.id,
                        created->key.project, keys::FormatScopes(*scopes));
  return kExitOk;
}

std::string TimeOrEmpty(Nanos time) { return time == 0 ? "" : IsoTime(time); }

int ListKeys(const Invocation& invocation, Io& io) {
  auto store = OpenStore(invocation, io);
  if (!store.ok()) return ReportError(io, store.status());
  const auto keys = (*store)->List();
  if (!keys.ok()) return ReportError(io, keys.status());
  Table table({{"id", "ID"}, {"project", "PROJECT"}, {"name", "NAME", false, true},
               {"scopes", "SCOPES"}, {"created", "CREATED", true}, {"last_used", "USED", true},
               {"revoked", "REVOKED", true}});
  JsonWriter json;
  json.BeginArray();
  const Nanos now = io.clock.Now();
  for (const keys::ApiKey& key : *keys) {
    const auto shown = [now](Nanos time) { return time == 0 ? "-" : RelativeTime(time, now); };
    table.Add({{key.id}, {key.project}, {key.name}, {keys::FormatScopes(key.scopes)},
               {TimeOrEmpty(key.created), shown(key.created)},
               {TimeOrEmpty(key.last_used), shown(key.last_used)},
               {TimeOrEmpty(key.revoked), shown(key.revoked),
                key.revoked == 0 ? Colour::kNone : Colour::kRed}});
    json.BeginObject().Field("id", key.id).Field("project", key.project).Field("name", key.name);
    json.Field("scopes", keys::FormatScopes(key.scopes));
    json.Field("created", TimeOrEmpty(key.created)).Field("last_used", TimeOrEmpty(key.last_used));
    json.Field("revoked", TimeOrEmpty(key.revoked)).EndObject();
  }
  json.EndArray();
  if (invocation.On("json")) {
    io.out << json.text() << "\n";
  } else if (!keys->empty() || !io.out_is_tty) {
    table.Print(io);
  } else {
    io.err << "no API keys; observatory keys create makes one\n";
  }
  return kExitOk;
}

int RevokeKey(const Invocation& invocation, Io& io) {
  auto store = OpenStore(invocation, io);
  if (!store.ok()) return ReportError(io, store.status());
  const Status status = (*store)->Revoke(invocation.Argument("id"));
  if (!status.ok()) return ReportError(io, status);
  if (invocation.On("json")) {
    JsonWriter json;
    json.BeginObject().Field("revoked", invocation.Argument("id")).EndObject();
    io.out << json.text() << "\n";
  } else {
    io.err << fmt::format("revoked {}; a running server refuses it from now on\n",
                          invocation.Argument("id"));
  }
  return kExitOk;
}

}  // namespace

std::vector<Command> KeysCommands() {
  return {{.path = "keys create",
           .summary = "Create an API key and print it, once",
           .details = "Keys live in the server's data directory, so this runs beside the server "
                      "(it may be running). The first key ends unauthenticated access.",
           .examples = {{"observatory keys create --name ci --scopes ingest", "Only to send"},
                        {"observatory keys create --project team-a --scopes ingest,read,admin",
                         "With all rights, for a project"}},
           .flags = WithDataFlags(
               {{.name = "project",
                 .value = "<name>",
                 .doc = "Project that the key belongs to; its data is kept apart",
                 .default_value = "default"},
                {.name = "name", .value = "<text>", .doc = "What the key is for"},
                {.name = "scopes",
                 .value = "<a,b>",
                 .doc = "What it may do: ingest, read, admin",
                 .default_value = "ingest,read"}}),
           .run = CreateKey,
           .group = "Operate"},
          {.path = "keys list",
           .summary = "List API keys (without their secrets)",
           .examples = {{"observatory keys list", "Who may come in"}},
           .flags = WithDataFlags({}),
           .run = ListKeys,
           .group = "Operate"},
          {.path = "keys revoke",
           .summary = "Revoke an API key for good",
           .examples = {{"observatory keys revoke 1f2e3d4c5b6a", "By id, as listed"}},
           .flags = WithDataFlags({}),
           .positionals = {{"id", "Id of the key, as `keys list` prints it"}},
           .run = RevokeKey,
           .group = "Operate"}};
}

}  // namespace ao::cli
