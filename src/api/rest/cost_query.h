#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

// The SQL behind GET /api/v1/cost, over the view `runs` of docs/sql.md: what the parts of runs
// (model::UsagePart, the column `usage`) cost, added up. Pure; thread-safe.

namespace ao::api {

// What cost can be added up by and filtered with, in the order of the API.
constexpr std::string_view kCostFields[] = {"agent",       "model",       "provider", "service",
                                            "tool",        "user",        "session",  "query_type",
                                            "environment", "cost_source", "project"};

struct CostQuery {
  std::string project;  // what the field `project` is
  Nanos since = 0, until = 0;
  Nanos step = 0;                  // 0: no time buckets
  std::vector<std::string> group;  // of kCostFields
  // Field and value; a trailing '*' matches any suffix.
  std::vector<std::pair<std::string, std::string>> filters;
  int64_t limit = 100;  // groups; the most expensive ones
};

// "agent,model"; invalid_argument that names the field that is none, or is there twice.
Result<std::vector<std::string>> ParseCostFields(std::string_view text);

// Rows: kind ("total", "group", "bucket" or "cell" of group and bucket), bucket (ns), key (JSON
// array of the group's values), usd, default_usd (at the default price, an assumption), runs,
// calls, input, output, cache_read, cache_write, reasoning, estimated tokens, and per run: mean,
// p50, p95.
std::string CostSql(const CostQuery& query);

// Rows: topology (pairs "from\x1fto" separated by \x1e), agent, usd: own costs of agents in runs
// of the same topology.
std::string DelegationSql(const CostQuery& query);

// Sums over rows of DelegationSql: what the agents that `agent` called upon, directly or through
// others, cost in the same runs. A callee with several callers counts for each of them.
struct DelegationRow {
  std::string topology, agent;
  double usd = 0;
};
std::vector<std::pair<std::string, double>> DelegatedCosts(const std::vector<DelegationRow>& rows);

}  // namespace ao::api
