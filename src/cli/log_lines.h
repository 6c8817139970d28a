#pragma once

#include <string>

#include "cli/command.h"
#include "cli/json.h"

// Internal to cli: one log record as a line.

namespace ao::cli {

// "09:30:00.123 WARN  loan-agent  message  key=value" for people.
std::string RenderLogLine(const Json& record, const Io& io);

}  // namespace ao::cli
