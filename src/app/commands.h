#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/command.h"

// The commands that need the server's own parts. One file each.

namespace ao::app {

cli::Command ServeCommand();
cli::Command DoctorCommand();
cli::Command BenchCommand();
cli::Command ReindexCommand();
cli::Command ModelServerCommand();
cli::Command DemoCommand();
std::vector<cli::Command> ScenarioCommands();

// The hook of `export --parquet`: writes the data directory that the settings name as Parquet files
// into `directory`. failed_precondition while a server has it open.
Status ExportParquet(const cli::Invocation& invocation, cli::Io& io, const std::string& directory);

}  // namespace ao::app
