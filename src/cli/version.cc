#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/version.h"

namespace ao::cli {

std::string_view Version() { return AO_VERSION; }
std::string_view Commit() { return AO_COMMIT; }

Command VersionCommand() {
  return {.path = "version",
          .summary = "Print the version",
          .examples = {{"observatory version", "Version, commit and compiler"},
                       {"observatory version --json | jq -r .version", "Only the number"}},
          .run =
              [](const Invocation& invocation, Io& io) {
                if (invocation.On("json")) {
                  JsonWriter json;
                  json.BeginObject().Field("version", Version()).Field("commit", Commit());
                  json.Field("compiler", __VERSION__).EndObject();
                  io.out << json.text() << "\n";
                  return kExitOk;
                }
                io.out << fmt::format("observatory {} (commit {}, {})\n", Version(), Commit(),
                                      "g++ " __VERSION__);
                return kExitOk;
              },
          .group = "Operate"};
}

std::vector<Command> ClientCommands(const ClientHooks& hooks) {
  std::vector<Command> commands = {
      RunsCommand(), RunShowCommand(), TracesCommand(), LogsCommand(),        TailCommand(),
      SqlCommand(),  CostCommand(),    SendCommand(),   ExportCommand(hooks), ImportCommand()};
  for (auto& group : {PriceCommands(), ConfigCommands(), KeysCommands()}) {
    commands.insert(commands.end(), group.begin(), group.end());
  }
  commands.push_back(VersionCommand());
  return commands;
}

}  // namespace ao::cli
