#include <string>
#include <vector>

#include "app/commands.h"
#include "cli/command.h"
#include "cli/http_client.h"
#include "cli/terminal.h"

int main(int argc, char** argv) {
  using namespace ao;
  const auto http = cli::NewHttpClient();
  cli::Io io = cli::TerminalIo(*http);
  std::vector<cli::Command> commands = {app::ServeCommand(),       app::DoctorCommand(),
                                        app::ReindexCommand(),     app::BenchCommand(),
                                        app::ModelServerCommand(), app::DemoCommand()};
  for (cli::Command& command : app::ScenarioCommands()) commands.push_back(std::move(command));
  for (cli::Command& command : cli::ClientCommands({.export_parquet = app::ExportParquet}))
    commands.push_back(std::move(command));
  return cli::Run(commands, std::vector<std::string>(argv + 1, argv + argc), io);
}
