#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

// Internal to cli: texts made from the command table.

namespace ao::cli {

// Of `observatory help`: one line a command, grouped.
std::string RenderOverview(const std::vector<Command>& commands);
// Of one command; `full` adds details and advanced flags.
std::string RenderHelp(const Command& command, bool full);
// The whole of docs/cli.md.
std::string RenderCliMarkdown(const std::vector<Command>& commands);
// `shell`: bash, zsh or fish; invalid_argument otherwise.
Result<std::string> RenderCompletion(const std::vector<Command>& commands, std::string_view shell);

}  // namespace ao::cli
