// A research assistant: one agent with three tools. The loop, its spans, logs and metrics are those
// of ObservableAgent; the tools do real work.
#include <fmt/format.h>
#include <observatory/observatory.h>

#include "agentkit/jobs.h"
#include "agentkit/telemetry.h"
#include "agentkit/vector_index.h"
#include "research-assistant/calculator.h"
#include "research-assistant/page_search.h"

using agentkit::Job;
using agentkit::JobResult;
using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You are a research assistant. Use the tools for every figure and every rule; never guess.";

// What the model is told about the tools.
json tool_definitions() {
  return json::array({
      agentkit::define_tool("web_search", "Finds pages about a topic", {{"query", "what to find"}}),
      agentkit::define_tool("calculator", "Calculates", {{"expression", "such as 3 * (4 + 5)"}}),
      agentkit::define_tool("handbook", "Finds rules of the institute", {{"query", "what about"}}),
  });
}

class Assistant {
 public:
  Assistant() : pages_(agentkit::program_folder() + "/pages"), handbook_(model_) {
    handbook_.load(agentkit::program_folder() + "/handbook");
  }

  JobResult answer(const Job& job) {
    const json definitions = tool_definitions();
    const observatory::ObservableAgent agent(
        {.name = "research-assistant",
         .model = model_.model(),
         .provider = "openai",
         .system_prompt = kInstructions,
         .query_type = job.query_type},
        [&](const auto& conversation) { return model_.chat(conversation, definitions); },
        {{"web_search", [&](const auto& arguments) { return web_search(json::parse(arguments)); }},
         {"calculator", [&](const auto& arguments) { return calculator(json::parse(arguments)); }},
         {"handbook", [&](const auto& arguments) { return handbook(json::parse(arguments)); }}});
    const observatory::AgentResult result = agent.run(job.input);
    return {.output = result.output,
            .outcome = result.step_limit_reached ? "gave up" : "answered",
            .steps = result.steps,
            .tokens = result.total_tokens};
  }

  // Faults of the tools, for scenarios.
  void break_search(bool broken) { search_is_broken_ = broken; }
  void break_handbook(bool broken) { handbook_is_empty_ = broken; }

 private:
  std::string web_search(const json& arguments) {
    json hits = json::array();
    if (search_is_broken_) return hits.dump();
    for (const auto& hit : pages_.search(arguments.at("query"), 2)) {
      hits.push_back({{"page", hit.page}, {"text", hit.text}, {"score", hit.score}});
    }
    return hits.dump();
  }

  std::string calculator(const json& arguments) {
    return fmt::format("{:.6g}", calculate(arguments.at("expression").get<std::string>()));
  }

  std::string handbook(const json& arguments) {
    const auto documents =
        agentkit::retrieve(handbook_, arguments.at("query"), handbook_is_empty_ ? 0 : 1);
    return documents.empty() ? "nothing found" : documents.front().content;
  }

  agentkit::ModelClient model_;
  PageSearch pages_;
  agentkit::VectorIndex handbook_;
  bool search_is_broken_ = false, handbook_is_empty_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  agentkit::start_telemetry("research-assistant", "2.1.0");
  Assistant assistant;
  return agentkit::run_agent(
      argc, argv, [&](const Job& job) { return assistant.answer(job); },
      {{"break_search", [&](const auto& value) { assistant.break_search(value == "true"); }},
       {"break_handbook", [&](const auto& value) { assistant.break_handbook(value == "true"); }}});
}
