// Coverage: looks up the policy and its wording, and decides whether the damage is insured.
#include <observatory/observatory.h>

#include "agentkit/recorded.h"
#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"
#include "insurance-claims/agents.h"
#include "insurance-claims/claim.h"
#include "insurance-claims/desk.h"
#include "insurance-claims/rabbit_queue.h"
#include "insurance-claims/redis_stream.h"

namespace claims {
namespace {

constexpr char kInstructions[] =
    "You are the coverage clerk. Decide by policy and wording, and nothing else. Begin with "
    "'Coverage: yes.' or 'Coverage: no.' and give the reason in one sentence.";

class CoverageDesk {
 public:
  CoverageDesk() : wordings_(model_) { wordings_.load(agentkit::program_folder() + "/wordings"); }

  json work(const json& claim) const {
    const std::string policy = look_up(claim.at("policy"));
    int64_t tokens = 0;
    const std::string text = agentkit::say(
        model_, kInstructions, described(claim) + policy + "\n" + wording(claim), &tokens);
    const std::string covered = agentkit::words_after(text, "Coverage: ");
    return {{"covered", covered},
            {"answer", text},
            {"steps", 1},
            {"tokens", tokens},
            {"policy", json::parse(policy)}};
  }

  void hand_on(const json& claim) {
    const std::string failed = failure(claim, "coverage");
    const json found = finding(claim, "coverage");
    if (!failed.empty()) {
      answer(answers, {{"task", claim.at("task")},
                       {"error", "coverage: " + failed},
                       {"tokens", total(claim, "tokens")}});
    } else if (found.at("covered") == "yes") {
      hand_to("fraud", fraud_, claim);
      hand_to("valuation", valuation_, claim);
    } else {
      answer(answers, {{"task", claim.at("task")},
                       {"outcome", "denied"},
                       {"letter", found.at("answer")},
                       {"steps", total(claim, "steps")},
                       {"tokens", total(claim, "tokens")}});
    }
  }

  agentkit::Commands commands() {
    return {{"stop_policies", agentkit::flag(&policies_are_down_)},
            {"lose_wordings", agentkit::flag(&wordings_are_lost_)}};
  }

  RedisStream inbox{redis_url(), kOpened}, answers{redis_url(), kAnswers};

 private:
  std::string look_up(const std::string& policy) const {
    return agentkit::use_tool("policy_lookup", observatory::Value::map({{"policy", policy}}),
                              [&]() -> std::string {
                                if (policies_are_down_)
                                  throw std::runtime_error("policy store: 503 Service Unavailable");
                                for (const auto& row : policies_) {
                                  if (row.at("policy") == policy) return json(row).dump();
                                }
                                throw std::invalid_argument("there is no policy " + policy);
                              });
  }

  std::string wording(const json& claim) const {
    const std::string query = "what " + claim.at("type").get<std::string>() + " insurance excludes";
    const auto documents = agentkit::retrieve(wordings_, query, wordings_are_lost_ ? 0 : 1);
    return documents.empty() ? "" : documents.front().content;
  }

  agentkit::ModelClient model_;
  agentkit::VectorIndex wordings_;
  agentkit::Table policies_ = agentkit::read_table(data_file("policies.csv"));
  RabbitQueue fraud_{rabbit_url(), kFraud, RabbitQueue::Use::kSend};
  RabbitQueue valuation_{rabbit_url(), kValuation, RabbitQueue::Use::kSend};
  bool policies_are_down_ = false, wordings_are_lost_ = false;
};

}  // namespace

int run_coverage(int argc, char** argv) { return serve_desk<CoverageDesk>(argc, argv, "coverage"); }

}  // namespace claims
