#pragma once

#include <span>

#include "base/json_writer.h"
#include "model/run.h"

// What a run is made of, as JSON arrays: Run::usage, edges, versions and tool_usage. Thread-safe.

namespace ao::api {

void WriteUsage(std::span<const model::UsagePart> usage, JsonWriter& json);
void WriteEdges(std::span<const model::AgentEdge> edges, JsonWriter& json);
void WriteVersions(std::span<const model::AgentVersion> versions, JsonWriter& json);
void WriteToolUsage(std::span<const model::ToolUse> tools, JsonWriter& json);

}  // namespace ao::api
