// A loan officer: reads an application, works out the debt-to-income ratio, looks up the lending
// policy in a vector index, and lets the model decide and write the letter.
#include <stdexcept>

#include <fmt/format.h>
#include <observatory/observatory.h>

#include "agentkit/jobs.h"
#include "agentkit/recorded.h"
#include "agentkit/telemetry.h"
#include "agentkit/vector_index.h"

using agentkit::Job;
using agentkit::JobResult;

namespace {

constexpr size_t kDocuments = 2;
constexpr char kInstructions[] =
    "You are a loan officer. Decide by the lending policy below and nothing else. Begin with "
    "'Decision: approved' or 'Decision: declined', then write a short and friendly letter.";

struct Application {
  std::string purpose;  // "car loan"
  double amount = 0, months = 0, income = 0, debts = 0;
};

// The number behind `label`, which must be there.
double number_after(const std::string& text, const std::string& label) {
  const size_t at = text.find(label);
  if (at == std::string::npos)
    throw std::invalid_argument("this is no application: no '" + label + "'");
  return std::stod(text.substr(at + label.size()));
}

Application read_application(const std::string& text) {
  const size_t begin = text.find(": a ") + 4, end = text.find(" loan of ");
  const double amount = number_after(text, " loan of ");
  return {text.substr(begin, end + 5 - begin), amount, number_after(text, " over "),
          number_after(text, "Income "), number_after(text, "debts ")};
}

// The tool: percent of the income that goes into debts, the new instalment included.
double debt_to_income(const Application& application) {
  auto call = observatory::tool_call(
      "debt_to_income", {.arguments = observatory::Value::map({{"income", application.income},
                                                               {"debts", application.debts},
                                                               {"amount", application.amount},
                                                               {"months", application.months}})});
  const double instalment = application.amount / application.months;
  const double ratio = 100 * (application.debts + instalment) / application.income;
  call.set_result(fmt::format("{:.1f}", ratio));
  return ratio;
}

std::string policies(const std::vector<observatory::Document>& documents) {
  std::string text;
  for (const auto& document : documents) text += document.content + "\n";
  return text;
}

std::string decision_in(const std::string& letter) {
  if (letter.starts_with("Decision: approved")) return "approved";
  if (letter.starts_with("Decision: declined")) return "declined";
  return {};
}

class LoanOfficer {
 public:
  LoanOfficer() : index_(model_) { reindex("policies-current"); }

  void reindex(const std::string& folder) {
    observatory::traced("index.rebuild",
                        [&] { index_.load(agentkit::program_folder() + "/" + folder); });
  }

  JobResult decide(const Job& job) {
    auto run = observatory::agent_run("loan-officer", {.input = job.input,
                                                       .query_type = job.query_type,
                                                       .session = job.session,
                                                       .user = job.user});
    return agentkit::recorded(run, [&] { return decide(job, &run); });
  }

 private:
  JobResult decide(const Job& job, observatory::AgentRun* run) {
    const Application application = read_application(job.input);
    const double ratio = debt_to_income(application);
    const auto documents =
        agentkit::retrieve(index_, "lending policy for a " + application.purpose, kDocuments);
    const auto reply = agentkit::ask(
        model_, {{"system", kInstructions},
                 {"user", fmt::format("{}\nDebt-to-income ratio: {:.1f} percent\n\n{}", job.input,
                                      ratio, policies(documents))}});
    const std::string decision = decision_in(reply.content);
    run->set_outcome(decision.empty() ? "manual review" : decision);
    run->set_fallback(decision.empty());
    run->set_output(reply.content);
    return {.output = reply.content,
            .outcome = decision.empty() ? "manual review" : decision,
            .steps = 1,
            .tokens = reply.input_tokens + reply.output_tokens};
  }

  agentkit::ModelClient model_;
  agentkit::VectorIndex index_;
};

}  // namespace

int main(int argc, char** argv) {
  agentkit::start_telemetry("loan-approval", "1.4.0");
  LoanOfficer officer;
  return agentkit::run_agent(
      argc, argv, [&](const Job& job) { return officer.decide(job); },
      {{"reindex", [&](const std::string& folder) { officer.reindex(folder); }}});
}
