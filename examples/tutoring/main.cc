// A tutor: checks what a pupil worked out, and helps with a hint where it is wrong.
#include <cstdlib>

#include "agentkit/telemetry.h"
#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You tutor children in arithmetic. Check each answer with the tool, never in your head. Say "
    "'Decision: correct.' or 'Decision: incorrect.'; never tell the solution, give a hint.";

class Classroom {
 public:
  explicit Classroom(const agentkit::ModelClient& model) : hints_(model) {
    hints_.load(agentkit::program_folder() + "/hints");
  }

  void set_tolerance(const std::string& text) { tolerance_ = std::stol(text); }
  void lose_hints(bool on) { hints_are_lost_ = on; }
  void stop_checks(bool on) { checks_are_down_ = on; }

  std::string check_answer(long left, const std::string& operation, long right, long answer) const {
    if (checks_are_down_) throw std::runtime_error("checker: internal error");
    const long right_one = operation == "times"  ? left * right
                           : operation == "plus" ? left + right
                                                 : left - right;
    return std::labs(right_one - answer) <= tolerance_ ? "verdict: right" : "verdict: wrong";
  }

  std::string hint(const std::string& topic) const {
    const auto documents = agentkit::retrieve(hints_, "hint for " + topic, hints_are_lost_ ? 0 : 1);
    return documents.empty() ? "no hint" : documents.front().content;
  }

 private:
  agentkit::VectorIndex hints_;
  long tolerance_ = 0;
  bool hints_are_lost_ = false, checks_are_down_ = false;
};

long number(const json& arguments, const char* key) {
  return std::stol(arguments.at(key).get<std::string>());
}

}  // namespace

int main(int argc, char** argv) {
  agentkit::start_telemetry("tutoring", "5.0.0");
  const agentkit::ModelClient model;
  Classroom classroom(model);
  const agentkit::ToolAgent agent(
      "tutor", kInstructions,
      {{"check_answer",
        "Whether an answer is right",
        {{"left", ""}, {"operation", "times, plus or minus"}, {"right", ""}, {"answer", ""}},
        [&](const json& a) {
          return classroom.check_answer(number(a, "left"), a.at("operation"), number(a, "right"),
                                        number(a, "answer"));
        }},
       {"hint", "A hint for pupils", {{"topic", "such as addition"}}, [&](const json& a) {
          return classroom.hint(a.at("topic"));
        }}});
  return agentkit::run_agent(
      argc, argv, [&](const agentkit::Job& job) { return agent.answer(job); },
      {{"tolerance", [&](const auto& value) { classroom.set_tolerance(value); }},
       {"lose_hints", [&](const auto& on) { classroom.lose_hints(on == "true"); }},
       {"stop_checks", [&](const auto& on) { classroom.stop_checks(on == "true"); }}});
}
