// Fraud: compares a claim with the history of its policy, and reports how suspicious it is.
#include <observatory/observatory.h>

#include "agentkit/recorded.h"
#include "agentkit/tool_agent.h"
#include "insurance-claims/agents.h"
#include "insurance-claims/claim.h"
#include "insurance-claims/desk.h"
#include "insurance-claims/rabbit_queue.h"
#include "insurance-claims/redis_stream.h"

namespace claims {
namespace {

constexpr char kInstructions[] =
    "You are the fraud analyst. Report what the score rests on. Begin with 'Suspicion: low.' or, "
    "from 60 points, 'Suspicion: high.'";

class FraudDesk {
 public:
  json work(const json& claim) const {
    const json history = json::parse(past_claims(claim.at("policy")));
    const std::string points = score(history, claim.at("estimate"));
    int64_t tokens = 0;
    const std::string text = agentkit::say(
        model_, kInstructions, described(claim) + history.dump() + "\nScore: " + points, &tokens);
    return {{"suspicion", agentkit::words_after(text, "Suspicion: ")},
            {"answer", text},
            {"steps", 1},
            {"tokens", tokens}};
  }

  void hand_on(const json& claim) { hand_to("settlement", reports_, claim); }

  agentkit::Commands commands() { return {{"lose_history", agentkit::flag(&history_is_lost_)}}; }

  RabbitQueue inbox{rabbit_url(), kFraud, RabbitQueue::Use::kTake};
  RedisStream answers{redis_url(), kAnswers};

 private:
  // What nobody has a record of is a policy without claims.
  std::string past_claims(const std::string& policy) const {
    return agentkit::use_tool("claim_history", observatory::Value::map({{"policy", policy}}),
                              [&]() -> std::string {
                                for (const auto& row : history_) {
                                  if (row.at("policy") != policy || history_is_lost_) continue;
                                  return json{{"claims_in_two_years", std::stoi(row.at("claims"))},
                                              {"highest_eur", std::stoi(row.at("highest_eur"))}}
                                      .dump();
                                }
                                return json{{"claims_in_two_years", 0}, {"highest_eur", 0}}.dump();
                              });
  }

  std::string score(const json& history, int estimate) const {
    return agentkit::use_tool(
        "score", observatory::Value::map({{"history", history.dump()}, {"estimate", estimate}}),
        [&] {
          const int past = history.at("claims_in_two_years");
          const int highest = history.at("highest_eur");
          return std::to_string(20 * past + (past > 0 && estimate > 2 * highest ? 25 : 0));
        });
  }

  agentkit::ModelClient model_;
  agentkit::Table history_ = agentkit::read_table(data_file("history.csv"));
  RedisStream reports_{redis_url(), kReports};
  bool history_is_lost_ = false;
};

}  // namespace

int run_fraud(int argc, char** argv) { return serve_desk<FraudDesk>(argc, argv, "fraud"); }

}  // namespace claims
