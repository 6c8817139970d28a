#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "observatory/context.h"
#include "observatory/export.h"

// What calls of models cost, and budgets that stop them. Prices are those of the server: the same
// catalogue, compiled in. All types are thread-safe unless said otherwise.

namespace observatory {

struct Price {  // USD per million tokens
  double input = 0, output = 0;
  double cache_read = 0, cache_write = 0;
  bool is_default = false;  // the model is not known
  std::string row = {};         // of the catalogue: "openai/gpt-4o"
};
struct TokenCount {
  int64_t input = 0, output = 0;  // input includes what was read from a cache
  int64_t cache_read = 0, cache_write = 0;
};
// Unknown models cost 5 and 15 USD per million tokens, as in the server. `provider` may be empty.
// Of prices that change above a context size or at a date, `input_tokens` and now decide.
OBSERVATORY_API Price price_of(std::string_view model, std::string_view provider = {},
                               int64_t input_tokens = 0);
OBSERVATORY_API double cost_of(const Price& price, const TokenCount& tokens);

// Raised by CostContext::record (and by LlmCall when so asked) after the call was recorded.
class OBSERVATORY_API BudgetExceededError : public std::runtime_error {
 public:
  BudgetExceededError(std::string scope, double spent_usd, double budget_usd);
  ~BudgetExceededError() override;
  const std::string& scope() const { return scope_; }  // "request", "agent", "day", ...
  double spent_usd() const { return spent_usd_; }
  double budget_usd() const { return budget_usd_; }

 private:
  std::string scope_;
  double spent_usd_, budget_usd_;
};

struct CallCost {
  std::string agent, model, request;
  TokenCount tokens;
  double usd = 0;
  int64_t time_ns = 0;  // Unix time
};

// What one scope has spent: a request, an agent, a day. Contexts nest: what is recorded in one
// counts in every one above it, and the innermost that is exceeded is the one that is raised.
//
//   CostContext day("day", 50.0);
//   CostContext request("request", 0.25, &day);
//   auto scope = request.activate();       // llm_call() charges it from here on
//   request.check();                       // before an expensive step
//
// Copies are the same context.
class OBSERVATORY_API CostContext {
 public:
  // Without a budget (0 or less) it only counts. `request` is written to every record.
  explicit CostContext(std::string scope = "request", double budget_usd = 0,
                       const CostContext* parent = nullptr, std::string request = {});

  // Adds a call. Raises BudgetExceededError when a budget is exceeded by it, with the figures; the
  // call is counted either way.
  CallCost record(std::string_view agent, std::string_view model, const TokenCount& tokens,
                  std::string_view provider = {}) const;
  // The same without raising: false when a budget is exceeded.
  bool charge(std::string_view agent, std::string_view model, const TokenCount& tokens,
              std::string_view provider = {}) const noexcept;
  // Raises when this budget or one above is exceeded.
  void check() const;
  bool exceeded() const noexcept;

  double total_usd() const;
  double budget_usd() const;
  double remaining_usd() const;  // never below 0; infinity without a budget
  std::map<std::string, double> by_agent() const;
  std::map<std::string, double> by_model() const;
  std::vector<CallCost> calls() const;  // the last 10000

  // Current in this thread, and in what captures its context, until the scope ends.
  Scope activate() const;
  static std::optional<CostContext> current();

 private:
  struct State;
  explicit CostContext(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace observatory
