#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

// A run: everything one user request made agents do, assembled from the spans of its trace.

namespace ao::model {

enum class Completeness : uint8_t {
  kLive,        // spans still arrive, or have not been quiet long enough
  kComplete,    // quiet, every parent present
  kIncomplete,  // quiet, but a parent span never arrived
};
constexpr std::string_view kCompletenessNames[] = {"live", "complete", "incomplete"};

// Where the cost of an LLM call comes from; a part of several has the least certain of them.
enum class CostSource : uint8_t {
  kNone,       // no cost is known
  kClient,     // the client supplied it
  kOverride,   // a price that the user set
  kCatalogue,  // the price catalogue
  kDefault,    // no price is known: the default price, an assumption
};
constexpr std::string_view kCostSourceNames[] = {"none", "client", "override", "catalogue",
                                                 "default"};

// What a part of a run used. Every LLM call counts in exactly one part, so the parts of a run sum
// to its tokens and cost, whatever wrapped or instrumented the call twice.
struct UsagePart {
  std::string agent;  // the nearest agent around the call; empty: none
  std::string service;
  std::string provider;
  std::string model;
  std::string tool;          // the nearest tool around the call; empty: none
  int64_t calls = 0;         // model calls: LLM, embedding, rerank
  int64_t input_tokens = 0;  // includes cached tokens
  int64_t output_tokens = 0;
  int64_t total_tokens = 0;  // input and output; more where only a total was reported
  int64_t cache_read_tokens = 0;
  int64_t cache_write_tokens = 0;
  int64_t reasoning_tokens = 0;
  int64_t estimated_tokens = 0;  // of the input and output tokens: not reported but estimated
  double cost_usd = 0;
  CostSource cost_source = CostSource::kNone;

  bool operator==(const UsagePart&) const = default;
};

// The calls of a tool in a run. A call that two instrumentations show as two spans counts once.
struct ToolUse {
  std::string tool;
  std::string agent;  // the nearest agent around the calls; empty: none
  int64_t calls = 0;
  int64_t errors = 0;  // calls whose span, or one of its spans, has status ERROR
  Nanos duration = 0;  // of the calls, added up

  bool operator==(const ToolUse&) const = default;
};

// How it is known that one agent called upon another.
enum class EdgeEvidence : uint8_t {
  kParent,     // the callee's span lies below the caller's
  kLink,       // a span link
  kTool,       // a hand-off or delegation tool call
  kAttribute,  // agent.delegate.* and the like
  kMessage,    // a consumer linked to a producer
};
constexpr std::string_view kEdgeEvidenceNames[] = {"parent", "link", "tool", "attribute",
                                                   "message"};

// `from` is "trace:<hex>" where the caller is in another trace and its name was not sent along.
struct AgentEdge {
  std::string from;  // agent names
  std::string to;
  EdgeEvidence evidence = EdgeEvidence::kParent;
  bool handoff = false;  // control moved over for good, rather than for one sub-task
  int64_t calls = 0;
  int64_t errors = 0;

  bool operator==(const AgentEdge&) const = default;
};

// How an agent was set up in a run: what its first model call shows. A new `id` is a new version.
struct AgentVersion {
  std::string agent;
  std::string service_version;
  std::string model;  // requested
  std::string
      setup;       // 16 hex digits: system instructions, tool definitions, prompt; empty: unknown
  std::string id;  // 16 hex digits: of all of these

  bool operator==(const AgentVersion&) const = default;
};

struct Run {
  std::string project;
  TraceId trace_id;
  std::string root_name;  // of the root span, or of the earliest one while the root is missing
  std::string service;
  std::string environment;
  std::string agent;
  std::string session;
  std::string user;
  std::string query_type;
  std::string outcome;
  Nanos start = 0;
  Nanos duration = 0;  // last end minus first start
  bool error = false;
  std::string error_message;  // of the root's error, else the first one
  int64_t spans = 0;
  int64_t errors = 0;  // spans with status ERROR
  int64_t steps = 0;   // LLM calls
  int64_t tool_calls = 0;
  int64_t retrievals = 0;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t total_tokens = 0;
  double cost_usd = 0;
  std::vector<std::string> models;  // sorted, distinct
  std::vector<std::string> tools;
  std::vector<std::string> agents;
  std::vector<UsagePart> usage;        // sorted by agent, service, provider, model, tool
  std::vector<AgentEdge> edges;        // sorted by from, to, evidence
  std::vector<AgentVersion> versions;  // sorted by agent; of agents that called a model
  std::vector<ToolUse> tool_usage;     // sorted by tool, agent; calls add up to tool_calls
  std::string input_preview;           // at most 200 code points
  std::string output_preview;
  Completeness completeness = Completeness::kLive;
  int64_t missing_parents = 0;
  int64_t clock_skewed = 0;  // spans whose times were clamped or lie outside their parent
  Nanos last_arrival = 0;    // when its newest span was received
  uint64_t version = 0;      // grows with every change; the newest wins
};

}  // namespace ao::model
