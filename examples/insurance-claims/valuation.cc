// Valuation: works out what the damage is worth by the price list, less the deductible.
#include <algorithm>

#include <fmt/format.h>
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
    "You are the valuer. Say what is paid and how that comes about, in one sentence.";

class ValuationDesk {
 public:
  ValuationDesk() { load_prices("prices-2026.csv"); }

  json work(const json& claim) const {
    const json prices = json::parse(price_list(claim.at("damage")));
    const json policy = finding(claim, "coverage").at("policy");
    const std::string payable = work_out(claim.at("estimate"), prices.at("usual_eur"), policy);
    int64_t tokens = 0;
    const std::string text =
        agentkit::say(model_, kInstructions,
                      described(claim) + prices.dump() + "\nPayable: " + payable + " EUR", &tokens);
    return {{"payable", std::stoi(payable)}, {"answer", text}, {"steps", 1}, {"tokens", tokens}};
  }

  void hand_on(const json& claim) { hand_to("settlement", valued_, claim); }

  agentkit::Commands commands() {
    return {{"load_prices", [this](const auto& file) { load_prices(file); }}};
  }

  RabbitQueue inbox{rabbit_url(), kValuation, RabbitQueue::Use::kTake};
  RedisStream answers{redis_url(), kAnswers};

 private:
  void load_prices(const std::string& file) { prices_ = agentkit::read_table(data_file(file)); }

  std::string price_list(const std::string& damage) const {
    return agentkit::use_tool("price_list", observatory::Value::map({{"damage", damage}}),
                              [&]() -> std::string {
                                for (const auto& row : prices_) {
                                  if (row.at("damage") != damage) continue;
                                  return json{{"usual_eur", std::stoi(row.at("usual_eur"))}}.dump();
                                }
                                throw std::invalid_argument("there is no price for " + damage);
                              });
  }

  // A fifth above the usual is accepted.
  std::string work_out(int estimate, int usual, const json& policy) const {
    const int deductible = std::stoi(policy.at("deductible_eur").get<std::string>());
    const int limit = std::stoi(policy.at("limit_eur").get<std::string>());
    return agentkit::use_tool("work_out",
                              observatory::Value::map({{"estimate", estimate},
                                                       {"usual", usual},
                                                       {"deductible", deductible},
                                                       {"limit", limit}}),
                              [&] {
                                const int accepted = std::min(estimate, usual + usual / 5);
                                return fmt::to_string(std::clamp(accepted - deductible, 0, limit));
                              });
  }

  agentkit::ModelClient model_;
  agentkit::Table prices_;
  RabbitQueue valued_{rabbit_url(), kValued, RabbitQueue::Use::kSend};
};

}  // namespace

int run_valuation(int argc, char** argv) {
  return serve_desk<ValuationDesk>(argc, argv, "valuation");
}

}  // namespace claims
