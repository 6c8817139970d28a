#pragma once

#include "cli/command.h"

// The real Io of a process: standard streams, terminal size, environment, the system clock.

namespace ao::cli {

// `http` outlives the result.
Io TerminalIo(HttpClient& http);

}  // namespace ao::cli
