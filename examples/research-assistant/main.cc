// A research assistant: one agent with three tools. The loop, its spans, logs and metrics are those
// of ObservableAgent; the tools do real work.
#include <fmt/format.h>

#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"
#include "research-assistant/calculator.h"
#include "research-assistant/page_search.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You are a research assistant. Use the tools for every figure and every rule; never guess.";

class Assistant {
 public:
  Assistant() : pages_(agentkit::program_folder() + "/pages"), handbook_(model_) {
    handbook_.load(agentkit::program_folder() + "/handbook");
  }

  std::vector<agentkit::ToolSpec> tools() {
    return {{"web_search",
             "Finds pages about a topic",
             {{"query", "what to find"}},
             [this](const json& a) { return web_search(a.at("query")); }},
            {"calculator",
             "Calculates",
             {{"expression", "such as 3 * (4 + 5)"}},
             [](const json& a) {
               return fmt::format("{:.6g}", calculate(a.at("expression").get<std::string>()));
             }},
            {"handbook",
             "Finds rules of the institute",
             {{"query", "what about"}},
             [this](const json& a) { return handbook(a.at("query")); }}};
  }
  agentkit::Commands commands() {
    return {{"break_search", agentkit::flag(&search_is_broken_)},
            {"break_handbook", agentkit::flag(&handbook_is_empty_)}};
  }

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
  bool search_is_broken_ = false, handbook_is_empty_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Assistant>(argc, argv,
                                             {.service = "research-assistant",
                                              .version = "2.1.0",
                                              .instructions = kInstructions,
                                              .outcome = "answered"});
}
