// A tutor: checks what a pupil worked out, and helps with a hint where it is wrong.
#include <cstdlib>

#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You tutor children in arithmetic. Check each answer with the tool, never in your head. Say "
    "'Decision: correct.' or 'Decision: incorrect.'; never tell the solution, give a hint.";

class Classroom {
 public:
  Classroom() : hints_(model_) { hints_.load(agentkit::program_folder() + "/hints"); }

  std::vector<agentkit::ToolSpec> tools() {
    return {{"check_answer",
             "Whether an answer is right",
             {{"left", ""}, {"operation", "times, plus or minus"}, {"right", ""}, {"answer", ""}},
             [this](const json& a) {
               return check_answer(whole(a, "left"), a.at("operation"), whole(a, "right"),
                                   whole(a, "answer"));
             }},
            {"hint", "A hint for pupils", {{"topic", "such as addition"}}, [this](const json& a) {
               return hint(a.at("topic"));
             }}};
  }
  agentkit::Commands commands() {
    return {{"tolerance", [this](const auto& value) { tolerance_ = std::stol(value); }},
            {"lose_hints", agentkit::flag(&hints_are_lost_)},
            {"stop_checks", agentkit::flag(&checks_are_down_)}};
  }

 private:
  static long whole(const json& arguments, const char* key) {
    return static_cast<long>(agentkit::number(arguments, key));
  }

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

  agentkit::ModelClient model_;
  agentkit::VectorIndex hints_;
  long tolerance_ = 0;
  bool hints_are_lost_ = false, checks_are_down_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Classroom>(
      argc, argv,
      {.service = "tutoring", .version = "5.0.0", .instructions = kInstructions, .name = "tutor"});
}
