// A research assistant: one agent with three tools. The loop, its spans, logs and metrics are those
// of ObservableAgent; the tools do real work.
#include <fmt/format.h>

#include "agentkit/jobs.h"
#include "agentkit/telemetry.h"
#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"
#include "research-assistant/calculator.h"
#include "research-assistant/page_search.h"

using agentkit::Job;
using agentkit::JobResult;
using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You are a research assistant. Use the tools for every figure and every rule; never guess.";

class Assistant {
 public:
  Assistant()
      : pages_(agentkit::program_folder() + "/pages"),
        handbook_(model_),
        agent_("research-assistant", kInstructions,
               {{"web_search",
                 "Finds pages about a topic",
                 {{"query", "what to find"}},
                 [this](const json& arguments) { return web_search(arguments.at("query")); }},
                {"calculator",
                 "Calculates",
                 {{"expression", "such as 3 * (4 + 5)"}},
                 [](const json& arguments) {
                   return fmt::format("{:.6g}",
                                      calculate(arguments.at("expression").get<std::string>()));
                 }},
                {"handbook",
                 "Finds rules of the institute",
                 {{"query", "what about"}},
                 [this](const json& arguments) { return handbook(arguments.at("query")); }}}) {
    handbook_.load(agentkit::program_folder() + "/handbook");
  }

  JobResult answer(const Job& job) const {
    JobResult result = agent_.answer(job);
    if (result.outcome.empty()) result.outcome = "answered";
    return result;
  }

  // Faults of the tools, for scenarios.
  void break_search(bool broken) { search_is_broken_ = broken; }
  void break_handbook(bool broken) { handbook_is_empty_ = broken; }

 private:
  std::string web_search(const std::string& query) const {
    json hits = json::array();
    if (search_is_broken_) return hits.dump();
    for (const auto& hit : pages_.search(query, 2)) {
      hits.push_back({{"page", hit.page}, {"text", hit.text}, {"score", hit.score}});
    }
    return hits.dump();
  }

  std::string handbook(const std::string& query) const {
    const auto documents = agentkit::retrieve(handbook_, query, handbook_is_empty_ ? 0 : 1);
    return documents.empty() ? "nothing found" : documents.front().content;
  }

  agentkit::ModelClient model_;
  PageSearch pages_;
  agentkit::VectorIndex handbook_;
  agentkit::ToolAgent agent_;
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
