#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "config/settings.h"

// Internal to cli, except for the two functions on settings that app/ uses too: one function a
// command, in the file named after it.

namespace ao::cli {

// A flag for every setting, plus --config.
std::vector<Flag> SettingFlags();
// `flags` followed by --data-dir and --config: for commands that work in the data directory.
std::vector<Flag> WithDataFlags(std::vector<Flag> flags);
// The settings that a command line with SettingFlags (or some of them) asks for: flags,
// environment, file (--config or AO_CONFIG), defaults.
Result<config::Settings> LoadSettings(const Invocation& invocation, const Io& io);

Command RunsCommand();
Command TracesCommand();
Command RunShowCommand();
Command LogsCommand();
Command TailCommand();
Command SqlCommand();
Command CostCommand();
std::vector<Command> PriceCommands();
Command SendCommand();
Command ExportCommand(const ClientHooks& hooks);
Command ImportCommand();
std::vector<Command> ConfigCommands();
std::vector<Command> KeysCommands();
Command VersionCommand();

}  // namespace ao::cli
