// A contract reviewer: reads a clause, finds what the playbook says about it, and accepts it or
// asks to negotiate.
#include <fstream>
#include <sstream>

#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You review contracts by the playbook and nothing else. Answer with 'Decision: accept.' or "
    "'Decision: negotiate.' and quote clause and playbook.";

class Office {
 public:
  Office() : playbook_(model_) { reindex("playbook-2026"); }

  std::vector<agentkit::ToolSpec> tools() {
    return {{"read_clause",
             "A clause of a contract",
             {{"contract", ""}, {"clause", ""}},
             [this](const json& a) { return read_clause(a.at("contract"), a.at("clause")); }},
            {"playbook", "What we accept", {{"topic", "such as payment"}}, [this](const json& a) {
               return playbook(a.at("topic"));
             }}};
  }
  agentkit::Commands commands() {
    return {{"reindex", [this](const auto& folder) { reindex(folder); }},
            {"stick_to", [this](const auto& contract) { stuck_at_ = contract; }},
            {"stop_documents", agentkit::flag(&documents_are_down_)}};
  }

 private:
  void reindex(const std::string& folder) {
    playbook_.load(agentkit::program_folder() + "/" + folder);
  }

  // The text below "## <clause>".
  std::string read_clause(const std::string& contract, const std::string& clause) const {
    if (documents_are_down_) throw std::runtime_error("document store: 503 Service Unavailable");
    const std::string& name = stuck_at_.empty() ? contract : stuck_at_;
    std::ifstream file(agentkit::program_folder() + "/contracts/" + name + ".md");
    if (!file) throw std::invalid_argument("there is no contract " + name);
    std::string text;
    bool within = false;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("## ")) within = line == "## " + clause;
      if (within && !line.empty() && !line.starts_with("#")) text += line;
    }
    if (text.empty()) throw std::invalid_argument("contract " + name + " has no clause " + clause);
    return "Clause: " + text;
  }

  std::string playbook(const std::string& topic) const {
    return agentkit::retrieve(playbook_, "playbook for " + topic, 1).at(0).content;
  }

  agentkit::ModelClient model_;
  agentkit::VectorIndex playbook_;
  std::string stuck_at_;
  bool documents_are_down_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Office>(
      argc, argv,
      {.service = "contract-review", .version = "1.1.0", .instructions = kInstructions});
}
