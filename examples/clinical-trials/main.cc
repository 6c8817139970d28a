// A trial tracker: compares a patient with the criteria of a trial.
#include <fmt/format.h>

#include "agentkit/tool_agent.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You check whether patients fit a trial, with the tool, criterion by criterion. Answer with "
    "'Decision: eligible.' or 'Decision: not eligible.' and the criteria that decide.";

class Registry {
 public:
  Registry() { load("criteria.csv"); }

  std::vector<agentkit::ToolSpec> tools() {
    return {{"check_criteria",
             "Which criteria of a trial a patient does not meet",
             {{"trial", ""}, {"age", "years"}, {"hba1c", "mmol/mol"}, {"drug", "taken now"}},
             [this](const json& a) {
               return check_criteria(a.at("trial"), agentkit::number(a, "age"),
                                     agentkit::number(a, "hba1c"), a.at("drug"));
             }}};
  }
  agentkit::Commands commands() {
    return {{"load_criteria", [this](const auto& file) { load(file); }},
            {"in_percent", agentkit::flag(&in_percent_)},
            {"stop_registry", agentkit::flag(&is_down_)}};
  }

 private:
  void load(const std::string& file) {
    criteria_ = agentkit::read_table(agentkit::program_folder() + "/data/" + file);
  }

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

  std::vector<std::map<std::string, std::string>> criteria_;
  bool in_percent_ = false, is_down_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Registry>(
      argc, argv,
      {.service = "clinical-trials", .version = "1.2.0", .instructions = kInstructions});
}
