#pragma once

#include "cli/command.h"

// The commands that need the server's own parts. One file each.

namespace ao::app {

cli::Command ServeCommand();
cli::Command DoctorCommand();
cli::Command BenchCommand();

}  // namespace ao::app
