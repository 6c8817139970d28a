// A trial tracker: compares a patient with the criteria of a trial.
#include <fmt/format.h>

#include "agentkit/telemetry.h"
#include "agentkit/tool_agent.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You check whether patients fit a trial, with the tool, criterion by criterion. Answer with "
    "'Decision: eligible.' or 'Decision: not eligible.' and the criteria that decide.";

class Registry {
 public:
  Registry() { load("criteria.csv"); }

  void load(const std::string& file) {
    criteria_ = agentkit::read_table(agentkit::program_folder() + "/data/" + file);
  }
  void in_percent(bool on) { in_percent_ = on; }
  void stop(bool on) { is_down_ = on; }

  // Every criterion that the patient does not meet.
  std::string check_criteria(const std::string& trial, double age, double hba1c,
                             const std::string& drug) const {
    if (is_down_) throw std::runtime_error("trial registry: 500 Internal Server Error");
    // mmol/mol to percent: the IFCC-NGSP master equation.
    const double value = in_percent_ ? 0.0915 * hba1c + 2.15 : hba1c;
    for (const auto& row : criteria_) {
      if (row.at("trial") != trial) continue;
      json unmet = json::array();
      const auto limit = [&](const char* name) { return std::stod(row.at(name)); };
      if (age < limit("min_age") || age > limit("max_age")) unmet.push_back("age");
      if (value < limit("min_hba1c") || value > limit("max_hba1c")) unmet.push_back("HbA1c");
      if (drug == row.at("excluded_drug")) unmet.push_back("takes " + drug);
      return json{{"checked", 3}, {"unmet", unmet.size()}, {"which", unmet}}.dump();
    }
    throw std::invalid_argument("there is no trial " + trial);
  }

 private:
  std::vector<std::map<std::string, std::string>> criteria_;
  bool in_percent_ = false, is_down_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  agentkit::start_telemetry("clinical-trials", "1.2.0");
  Registry registry;
  const agentkit::ToolAgent agent(
      "clinical-trials", kInstructions,
      {{"check_criteria",
        "Which criteria of a trial a patient does not meet",
        {{"trial", ""}, {"age", "years"}, {"hba1c", "mmol/mol"}, {"drug", "taken now"}},
        [&](const json& a) {
          return registry.check_criteria(a.at("trial"), std::stod(a.at("age").get<std::string>()),
                                         std::stod(a.at("hba1c").get<std::string>()), a.at("drug"));
        }}});
  return agentkit::run_agent(
      argc, argv, [&](const agentkit::Job& job) { return agent.answer(job); },
      {{"load_criteria", [&](const auto& file) { registry.load(file); }},
       {"in_percent", [&](const auto& on) { registry.in_percent(on == "true"); }},
       {"stop_registry", [&](const auto& on) { registry.stop(on == "true"); }}});
}
