#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

// Internal to cli: from words to an Invocation. The only place that knows CLI11.

namespace ao::cli {

struct Parsed {
  const Command* command = nullptr;
  Invocation invocation;
  bool short_help = false;  // -h
  bool full_help = false;   // --help
};

// The command whose path is the longest prefix of `words` (flags in front are skipped); null when
// there is none. `consumed` gets the number of words of its path.
const Command* FindCommand(const std::vector<Command>& commands,
                           const std::vector<std::string>& words, size_t* consumed);

// invalid_argument (a usage error) with the nearest flag or command as hint.
Result<Parsed> ParseArguments(const std::vector<Command>& commands,
                              const std::vector<std::string>& arguments, const Io& io);

}  // namespace ao::cli
