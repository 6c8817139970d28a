#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agentkit/jobs.h"
#include "agentkit/model.h"

namespace agentkit {

// A tool as the model sees it and as it is run. `parameters` is {name: description}; what it throws
// is told to the model and recorded on its span.
struct ToolSpec {
  std::string name, description;
  json parameters;
  std::function<std::string(const json& arguments)> run;
};

// An agent with tools, whose loop is that of ObservableAgent. Its outcome is the word behind
// "Decision: " in its answer, where there is one. Thread-safe as far as its tools are.
class ToolAgent {
 public:
  ToolAgent(std::string name, std::string instructions, std::vector<ToolSpec> tools);
  JobResult answer(const Job& job) const;

 private:
  std::string name_, instructions_;
  std::vector<ToolSpec> tools_;
  ModelClient model_;
};

// The rows of a CSV file without quotes, by the names in its first line. Throws when it is missing.
std::vector<std::map<std::string, std::string>> read_table(const std::string& path);

}  // namespace agentkit
