#pragma once

// Ctrl-C for commands that wait or stream: the first one asks them to stop in good order, the
// second one ends the process.

namespace ao::cli {

// From now on SIGINT and SIGTERM set the flag, once. `serve` has its own handling and does not
// call this.
void CatchInterrupts();
bool Interrupted();

}  // namespace ao::cli
