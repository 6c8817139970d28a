#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

// A scenario: which agents run, what they are asked over some days, and what breaks when, with the
// truth about it. Read from scenario.yaml (examples/README.md describes the format):
//
//   summary: After a reindex the retrieval step returns an outdated policy.
//   agent: loan-approval                  program beside the file; or {program, arguments}
//   services: [{name: writer, program: supervisor, arguments: [--role, writer]}]
//   model: {script: model.yaml, first_token: 350ms, per_token: 12ms}
//   seed: 7
//   duration: 3d
//   traffic:
//     - {query_type: car, per_hour: 12, daily: 0.6, users: 40, inputs: ["car for {5..40}
//     thousand"]}
//   faults:
//     - name: outdated-policy
//       at: 2d20h
//       until: 2d22h                      optional
//       command: {reindex: policies-2019} to the agent; `undo`, another one, where it ends
//       model: {slow: {factor: 4}}        or to the model server
//       truth: {silent: true, kind: retrieval_drift, cause: "...", signals: [...]}
//   look_at: ["observatory runs --service loan-approval"]
//
// Plain values, thread-compatible.

namespace ao::scenario {

struct Program {
  std::string name;     // of a service; the agent's is its program
  std::string program;  // file name beside scenario.yaml
  std::vector<std::string> arguments;
};

struct Model {
  std::string script;  // file name beside scenario.yaml, or empty
  Nanos first_token = 0, per_token = 0;
};

struct Traffic {
  std::string query_type;
  double per_hour = 0;              // on average over a day
  double daily = 0;                 // from 0, the same at all hours, to 1, none at night
  int64_t users = 1;                // how many different ones ask
  std::vector<std::string> inputs;  // one of them each time; "{1..9}" and "{a|b}" are drawn
};

// What a detector should find.
struct Truth {
  bool silent = true;  // no error, no bad status: visible in behaviour only
  std::string kind;    // "retrieval_drift", "tool_failure", ...
  std::string cause;
  std::vector<std::string> signals;      // what changes: "outcome", "documents", "latency", ...
  std::vector<std::string> query_types;  // empty: all
};

struct Fault {
  std::string name;
  Nanos at = 0;         // from the start of the scenario
  Nanos until = 0;      // the duration of the scenario when it stays
  std::string command;  // JSON to the agent, or empty
  std::string undo;     // JSON to the agent at `until`, or empty
  std::string model;    // JSON: faults of the model server, or empty
  Truth truth;
};

struct Scenario {
  std::string name;       // of its folder
  std::string directory;  // where the programs and files are
  std::string summary;
  Program agent;
  std::vector<Program> services;  // started in order, before the agent
  Model model;
  uint64_t seed = 1;
  Nanos duration = 0;
  std::vector<Traffic> traffic;
  std::vector<Fault> faults;  // by time
  std::vector<std::string> look_at;
};

// `path` is where the text was read; name and directory come from it. invalid_argument "cannot read
// scenario PATH:line:column: reason".
Result<Scenario> ParseScenario(std::string_view text, const std::string& path);

}  // namespace ao::scenario
