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
  double cost_usd = 0;              // as far as clients supplied it
  std::vector<std::string> models;  // sorted, distinct
  std::vector<std::string> tools;
  std::vector<std::string> agents;
  std::string input_preview;  // at most 200 code points
  std::string output_preview;
  Completeness completeness = Completeness::kLive;
  int64_t missing_parents = 0;
  int64_t clock_skewed = 0;  // spans whose times were clamped or lie outside their parent
  Nanos last_arrival = 0;    // when its newest span was received
  uint64_t version = 0;      // grows with every change; the newest wins
};

}  // namespace ao::model
