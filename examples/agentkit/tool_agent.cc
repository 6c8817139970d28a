#include "agentkit/tool_agent.h"

#include <fstream>
#include <sstream>

#include <observatory/observatory.h>

namespace agentkit {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line);
  for (std::string cell; std::getline(rest, cell, ',');) cells.push_back(cell);
  return cells;
}

}  // namespace

ToolAgent::ToolAgent(ToolAgentOptions options, std::vector<ToolSpec> tools)
    : options_(std::move(options)), tools_(std::move(tools)) {
  if (options_.name.empty()) options_.name = options_.service;
}

JobResult ToolAgent::answer(const Job& job) const {
  json definitions = json::array();
  std::map<std::string, observatory::Tool> functions;
  for (const ToolSpec& tool : tools_) {
    definitions.push_back(define_tool(tool.name, tool.description, tool.parameters));
    functions[tool.name] = [&tool](const std::string& text) { return tool.run(json::parse(text)); };
  }
  const observatory::ObservableAgent agent(
      {.name = options_.name,
       .model = model_.model(),
       .provider = "openai",
       .system_prompt = options_.instructions,
       .query_type = job.query_type,
       .logger = log_lines()},
      [&](const auto& conversation) { return model_.chat(conversation, definitions); }, functions);
  const observatory::AgentResult result = agent.run(job.input);
  const std::string decision = words_after(result.output, "Decision: ");
  return {.output = result.output,
          .outcome = result.step_limit_reached ? "gave up"
                     : decision.empty()        ? options_.outcome
                                               : decision,
          .steps = result.steps,
          .tokens = result.total_tokens};
}

double number(const json& arguments, const char* key) {
  return std::stod(arguments.at(key).get<std::string>());
}

Table read_table(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("cannot read " + path);
  const auto names = cells_of(line);
  Table rows;
  while (std::getline(file, line)) {
    const auto cells = cells_of(line);
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < names.size() && i < cells.size(); ++i) row[names[i]] = cells[i];
  }
  return rows;
}

}  // namespace agentkit
