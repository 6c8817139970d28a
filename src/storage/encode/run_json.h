#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/run.h"

// Run::usage, Run::versions and Run::edges as JSON and back: the columns `usage`, `agent_versions`
// and `edges` of the runs table.
//   [{"agent":"..","service":"..","provider":"..","model":"..","tool":"..","calls":1,
//     "input_tokens":1,"output_tokens":1,"total_tokens":2,"cache_read_tokens":0,
//     "cache_write_tokens":0,"reasoning_tokens":0,"estimated_tokens":0,"cost_usd":0.1,"cost_source":"catalogue"},..]
//   [{"agent":"..","service_version":"..","model":"..","setup":"<hex>","id":"<hex>"},..]
//   [{"from":"..","to":"..","evidence":"parent","handoff":false,"calls":1,"errors":0},..]
// An empty list is the empty text. Thread-safe.

namespace ao::storage {

std::string EncodeUsage(std::span<const model::UsagePart> usage);
std::string EncodeEdges(std::span<const model::AgentEdge> edges);
std::string EncodeVersions(std::span<const model::AgentVersion> versions);

// Corruption when the text is not what the encoder writes.
Result<std::vector<model::UsagePart>> DecodeUsage(std::string_view json);
Result<std::vector<model::AgentEdge>> DecodeEdges(std::string_view json);
Result<std::vector<model::AgentVersion>> DecodeVersions(std::string_view json);

}  // namespace ao::storage
