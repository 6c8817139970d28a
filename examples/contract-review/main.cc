// A contract reviewer: reads a clause, finds what the playbook says about it, and accepts it or
// asks to negotiate.
#include <fstream>
#include <sstream>

#include "agentkit/telemetry.h"
#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You review contracts by the playbook and nothing else. Answer with 'Decision: accept.' or "
    "'Decision: negotiate.' and quote clause and playbook.";

class Office {
 public:
  explicit Office(const agentkit::ModelClient& model) : playbook_(model) {
    reindex("playbook-2026");
  }

  void reindex(const std::string& folder) {
    playbook_.load(agentkit::program_folder() + "/" + folder);
  }
  void stop_documents(bool on) { documents_are_down_ = on; }
  void stick_to(const std::string& contract) { stuck_at_ = contract; }

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

 private:
  agentkit::VectorIndex playbook_;
  std::string stuck_at_;
  bool documents_are_down_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  agentkit::start_telemetry("contract-review", "1.1.0");
  const agentkit::ModelClient model;
  Office office(model);
  const agentkit::ToolAgent agent(
      "contract-review", kInstructions,
      {{"read_clause",
        "A clause of a contract",
        {{"contract", ""}, {"clause", ""}},
        [&](const json& a) { return office.read_clause(a.at("contract"), a.at("clause")); }},
       {"playbook", "What we accept", {{"topic", "such as payment"}}, [&](const json& a) {
          return office.playbook(a.at("topic"));
        }}});
  return agentkit::run_agent(
      argc, argv, [&](const agentkit::Job& job) { return agent.answer(job); },
      {{"reindex", [&](const auto& folder) { office.reindex(folder); }},
       {"stick_to", [&](const auto& contract) { office.stick_to(contract); }},
       {"stop_documents", [&](const auto& on) { office.stop_documents(on == "true"); }}});
}
