#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/run.h"
#include "storage/query.h"

// What readers ask a store about everything that an agent or a user did. Plain values; owned.

namespace ao::storage {

struct AgentQuery {
  std::string project;
  TimeRange range;    // on the start of runs and of agent spans
  std::string agent;  // exactly, or by prefix when it ends in '*'; empty: any
  int64_t limit = 100;
};

// A set-up that runs of an agent had (model::AgentVersion), newest first.
struct AgentVersionRow {
  model::AgentVersion version;
  Nanos first = 0, last = 0;  // start of the first and of the last run that had it
  int64_t runs = 0;
};

struct AgentRow {
  std::string agent;
  int64_t runs = 0;         // that it took part in
  int64_t failed_runs = 0;  // of these
  int64_t invocations = 0;  // its agent spans
  int64_t errors = 0;       // of these
  int64_t model_calls = 0;
  int64_t input_tokens = 0, output_tokens = 0, total_tokens = 0;
  double cost_usd = 0;        // its own, without that of agents it called
  Nanos p50 = 0, p95 = 0;     // of its agent spans' durations; 0 without any
  Nanos first = 0, last = 0;  // start of the first run, end of the last
  std::vector<AgentVersionRow> versions;
};

// Sorted by `last`, the latest first.
struct AgentPage {
  std::vector<AgentRow> agents;
  int64_t total = 0;  // also those beyond the limit
};

enum class UserSort : uint8_t { kLast, kCost, kTokens, kRuns, kErrors };

struct UserQuery {
  std::string project;
  TimeRange range;                  // on the run's start
  std::string text;                 // substring of the user id, case-insensitive
  UserSort sort = UserSort::kLast;  // descending
  int64_t limit = 50;
  std::string cursor;
};

struct UserRow {
  std::string user;
  Nanos first = 0, last = 0;
  int64_t sessions = 0, runs = 0, errors = 0, steps = 0, tool_calls = 0;
  int64_t input_tokens = 0, output_tokens = 0, total_tokens = 0;
  double cost_usd = 0;
};

struct UserPage {
  std::vector<UserRow> users;
  std::string next_cursor;
};

}  // namespace ao::storage
