#pragma once

#include <string>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/table.h"

// Internal to cli: what list commands share.

namespace ao::cli {

// --fail-empty
Flag FailEmptyFlag();
Flag SinceFlag(std::string default_value);
Flag UntilFlag();
Flag LimitFlag(std::string default_value);

// Prints `items` (a JSON array) as JSON with --json, else `table`; then the exit code.
int PrintList(const Invocation& invocation, Io& io, const Json& items, const Table& table);

Colour StatusColour(std::string_view status);

Table NewRunTable();
void AddRun(const Json& run, Nanos now, Table* table);

// "4bf92f3577b34da6" -> the 32 digits of the one recent run that begins so; a whole id is returned
// as it is. not_found, or invalid_argument when several begin so.
class ApiClient;
Result<std::string> ResolveTraceId(ApiClient& api, const std::string& given);

}  // namespace ao::cli
