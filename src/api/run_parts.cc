#include "api/run_parts.h"

namespace ao::api {

void WriteUsage(std::span<const model::UsagePart> usage, JsonWriter& json) {
  json.BeginArray();
  for (const model::UsagePart& part : usage) {
    json.BeginObject().Field("agent", part.agent).Field("service", part.service);
    json.Field("provider", part.provider).Field("model", part.model).Field("tool", part.tool);
    json.Field("calls", part.calls).Field("input_tokens", part.input_tokens);
    json.Field("output_tokens", part.output_tokens).Field("total_tokens", part.total_tokens);
    json.Field("cache_read_tokens", part.cache_read_tokens);
    json.Field("cache_write_tokens", part.cache_write_tokens);
    json.Field("reasoning_tokens", part.reasoning_tokens);
    json.Field("estimated_tokens", part.estimated_tokens).Field("cost_usd", part.cost_usd);
    json.Field("cost_source", model::kCostSourceNames[static_cast<size_t>(part.cost_source)]);
    json.EndObject();
  }
  json.EndArray();
}

void WriteEdges(std::span<const model::AgentEdge> edges, JsonWriter& json) {
  json.BeginArray();
  for (const model::AgentEdge& edge : edges) {
    json.BeginObject().Field("from", edge.from).Field("to", edge.to);
    json.Field("evidence", model::kEdgeEvidenceNames[static_cast<size_t>(edge.evidence)]);
    json.Field("handoff", edge.handoff).Field("calls", edge.calls).Field("errors", edge.errors);
    json.EndObject();
  }
  json.EndArray();
}

void WriteVersions(std::span<const model::AgentVersion> versions, JsonWriter& json) {
  json.BeginArray();
  for (const model::AgentVersion& version : versions) {
    json.BeginObject().Field("agent", version.agent);
    json.Field("service_version", version.service_version).Field("model", version.model);
    json.Field("setup", version.setup).Field("id", version.id).EndObject();
  }
  json.EndArray();
}

void WriteToolUsage(std::span<const model::ToolUse> tools, JsonWriter& json) {
  json.BeginArray();
  for (const model::ToolUse& use : tools) {
    json.BeginObject().Field("tool", use.tool).Field("agent", use.agent).Field("calls", use.calls);
    json.Field("errors", use.errors);
    json.Field("duration_ms", static_cast<double>(use.duration) / 1e6).EndObject();
  }
  json.EndArray();
}

}  // namespace ao::api
