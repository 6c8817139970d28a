#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agentkit/jobs.h"
#include "agentkit/model.h"
#include "agentkit/telemetry.h"

namespace agentkit {

// A tool as the model sees it and as it is run. `parameters` is {name: description}; what it throws
// is told to the model and recorded on its span.
struct ToolSpec {
  std::string name, description;
  json parameters;
  std::function<std::string(const json& arguments)> run;
};

// What a program with such an agent is called, and what the agent is told.
struct ToolAgentOptions {
  std::string service, version;  // of the program
  std::string instructions;
  std::string name = {};     // of the agent, unless it is that of the service
  std::string outcome = {};  // where the answer names none
};

// An agent with tools, whose loop is that of ObservableAgent. Its outcome is the word behind
// "Decision: " in its answer, where there is one. Thread-safe as far as its tools are.
class ToolAgent {
 public:
  ToolAgent(ToolAgentOptions options, std::vector<ToolSpec> tools);
  JobResult answer(const Job& job) const;

 private:
  ToolAgentOptions options_;
  std::vector<ToolSpec> tools_;
  ModelClient model_;
};

// The argument `key` of a tool as a number. Throws when it is none.
double number(const json& arguments, const char* key);

// The main function of an agent with tools. A Workplace is what the tools work on: it has tools(),
// a list of ToolSpec, and commands(), what can be done to it while it runs.
template <typename Workplace>
int run_tool_agent(int argc, char** argv, const ToolAgentOptions& options) {
  start_telemetry(options.service, options.version);
  Workplace workplace;
  const ToolAgent agent(options, workplace.tools());
  return run_agent(
      argc, argv, [&](const Job& job) { return agent.answer(job); }, workplace.commands());
}

// The rows of a CSV file without quotes, by the names in its first line. Throws when it is missing.
using Table = std::vector<std::map<std::string, std::string>>;
Table read_table(const std::string& path);

}  // namespace agentkit
