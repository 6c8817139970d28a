#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agentkit/model.h"

namespace agentkit {

// One thing an agent is asked.
struct Job {
  std::string input, query_type, user, session;
};

// What came of it.
struct JobResult {
  std::string output;
  std::string outcome;  // the decision, where there is one
  int64_t steps = 0, tokens = 0;
};

// What an agent program does: throws when the job fails.
using Handler = std::function<JobResult(const Job&)>;
// What can be done to an agent while it runs, by name ("reindex"): throws when it cannot.
using Command = std::function<void(const std::string& argument)>;
using Commands = std::map<std::string, Command>;

// A command that sets `value`, which must outlive it, to whether its argument is "true".
Command flag(bool* value);

// The main function of an agent:
//
//   loan-approval "Application 17: ..."      answers one job
//   loan-approval --jobs                     answers a job a line from standard input, as JSON:
//
//   {"input", "query_type", "user", "session", "at_ns"}  ->  {"ok", "trace_id", "outcome", "steps",
//                                                            "tokens", "duration_ms", "error"}
//   {"command": {"reindex": "policies-2019"}, "at_ns"}   ->  {"ok", "error"}
//
// With at_ns the telemetry of the job happens at that time (Unix nanoseconds).
int run_agent(int argc, char** argv, const Handler& handler, const Commands& commands = {});

// The value that follows `flag` on the command line, or `fallback`.
std::string option(int argc, char** argv, const std::string& flag,
                   const std::string& fallback = {});

// The folder of the running program: agents find their data beside themselves.
std::string program_folder();

}  // namespace agentkit
