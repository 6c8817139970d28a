// Settlement: decides when fraud report and valuation are there, pays, and writes the letter.
#include <fmt/format.h>
#include <observatory/observatory.h>

#include "agentkit/model.h"
#include "agentkit/recorded.h"
#include "insurance-claims/agents.h"
#include "insurance-claims/claim.h"
#include "insurance-claims/desk.h"
#include "insurance-claims/meeting.h"
#include "insurance-claims/rabbit_queue.h"
#include "insurance-claims/redis_stream.h"

namespace claims {
namespace {

constexpr char kInstructions[] =
    "You are the settlement clerk. Begin with 'Decision: paid.' or, where suspicion is high or "
    "something is missing, 'Decision: referred.', then write a short letter.";

class SettlementDesk {
 public:
  json work(const json& claim) const {
    const json fraud = finding(claim, "fraud"), valuation = finding(claim, "valuation");
    const std::string suspicion = fraud.is_null() ? "unknown" : fraud.at("suspicion");
    const int payable = valuation.is_null() ? 0 : valuation.at("payable").get<int>();
    std::string notes = fmt::format("Suspicion: {}\n", suspicion);
    if (!valuation.is_null()) notes += fmt::format("Payable: {} EUR\n", payable);
    int64_t tokens = 0;
    const std::string text =
        agentkit::say(model_, kInstructions, described(claim) + notes, &tokens);
    const std::string decision = agentkit::words_after(text, "Decision: ");
    if (decision == "paid") pay(claim.at("policy"), payable);
    return {{"decision", decision},
            {"payout", decision == "paid" ? payable : 0},
            {"answer", text},
            {"steps", 1},
            {"tokens", tokens}};
  }

  void hand_on(const json& claim) {
    const std::string failed = failure(claim, "settlement");
    json told = {{"task", claim.at("task")},
                 {"steps", total(claim, "steps")},
                 {"tokens", total(claim, "tokens")}};
    if (!failed.empty()) {
      told["error"] = "settlement: " + failed;
    } else {
      const json found = finding(claim, "settlement");
      told.update({{"outcome", found.at("decision")},
                   {"letter", found.at("answer")},
                   {"payout", found.at("payout")}});
    }
    answer(answers, told);
  }

  static agentkit::Commands commands() { return {}; }

  Meeting inbox{&valued_, &reports_, &reports_};
  RedisStream answers{redis_url(), kAnswers};

 private:
  static void pay(const std::string& policy, int amount) {
    agentkit::use_tool("book_payment",
                       observatory::Value::map({{"policy", policy}, {"amount_eur", amount}}),
                       [&] { return fmt::format("booked {} EUR", amount); });
  }

  agentkit::ModelClient model_;
  RabbitQueue valued_{rabbit_url(), kValued, RabbitQueue::Use::kTake};
  RedisStream reports_{redis_url(), kReports};
};

}  // namespace

int run_settlement(int argc, char** argv) {
  return serve_desk<SettlementDesk>(argc, argv, "settlement");
}

}  // namespace claims
