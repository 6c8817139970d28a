#include "observatory/cost.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <deque>
#include <limits>
#include <mutex>
#include <utility>

#include "core.h"
#include "prices.h"

namespace observatory {
namespace {

constexpr size_t kMaxCalls = 10000;
const char kContextKey = 0;  // its address is the key

int64_t Now() {
  if (const detail::Core* core = detail::Core::Global()) return core->UnixNanos();
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

std::string Sentence(const std::string& scope, double spent, double budget) {
  char figures[96];
  std::snprintf(figures, sizeof(figures), "%.6f of %.6f USD", spent, budget);
  return "cannot spend more in " + scope + ": the budget is exceeded, " + figures;
}

}  // namespace

Price price_of(std::string_view model, std::string_view provider, int64_t input_tokens) {
  return detail::PriceAt(model, provider, input_tokens, Now());
}

double cost_of(const Price& price, const TokenCount& tokens) {
  const auto read = std::max<int64_t>(tokens.cache_read, 0);
  const auto write = std::max<int64_t>(tokens.cache_write, 0);
  const auto fresh = std::max<int64_t>(tokens.input - read - write, 0);
  const auto output = std::max<int64_t>(tokens.output, 0);
  return (static_cast<double>(fresh) * price.input + static_cast<double>(read) * price.cache_read +
          static_cast<double>(write) * price.cache_write +
          static_cast<double>(output) * price.output) /
         1e6;
}

BudgetExceededError::BudgetExceededError(std::string scope, double spent_usd, double budget_usd)
    : std::runtime_error(Sentence(scope, spent_usd, budget_usd)),
      scope_(std::move(scope)),
      spent_usd_(spent_usd),
      budget_usd_(budget_usd) {}
BudgetExceededError::~BudgetExceededError() = default;

struct CostContext::State {
  std::string scope, request;
  double budget = 0;
  std::shared_ptr<State> parent;
  mutable std::mutex mutex;
  // Guarded by mutex:
  double total = 0;
  std::map<std::string, double> by_agent, by_model;
  std::deque<CallCost> calls;

  void Add(const CallCost& call) {
    std::lock_guard lock(mutex);
    total += call.usd;
    by_agent[call.agent] += call.usd;
    by_model[call.model] += call.usd;
    calls.push_back(call);
    if (calls.size() > kMaxCalls) calls.pop_front();
  }
  double Total() const {
    std::lock_guard lock(mutex);
    return total;
  }
  // The innermost whose budget is exceeded; null: none.
  const State* Exceeded() const {
    for (const State* state = this; state != nullptr; state = state->parent.get()) {
      if (state->budget > 0 && state->Total() > state->budget) return state;
    }
    return nullptr;
  }
};

CostContext::CostContext(std::string scope, double budget_usd, const CostContext* parent,
                         std::string request)
    : state_(std::make_shared<State>()) {
  state_->scope = std::move(scope);
  state_->budget = budget_usd;
  state_->request = std::move(request);
  if (parent != nullptr) state_->parent = parent->state_;
}

CallCost CostContext::record(std::string_view agent, std::string_view model,
                             const TokenCount& tokens, std::string_view provider) const {
  CallCost call;
  call.agent = agent;
  call.model = model;
  call.tokens = tokens;
  call.time_ns = Now();
  for (const State* state = state_.get(); state != nullptr && call.request.empty();
       state = state->parent.get()) {
    call.request = state->request;
  }
  call.usd = cost_of(detail::PriceAt(model, provider, tokens.input, call.time_ns), tokens);
  for (State* state = state_.get(); state != nullptr; state = state->parent.get()) {
    state->Add(call);
  }
  check();
  return call;
}

bool CostContext::charge(std::string_view agent, std::string_view model, const TokenCount& tokens,
                         std::string_view provider) const noexcept {
  try {
    record(agent, model, tokens, provider);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void CostContext::check() const {
  if (const State* state = state_->Exceeded()) {
    throw BudgetExceededError(state->scope, state->Total(), state->budget);
  }
}

bool CostContext::exceeded() const noexcept { return state_->Exceeded() != nullptr; }
double CostContext::total_usd() const { return state_->Total(); }
double CostContext::budget_usd() const { return state_->budget; }

double CostContext::remaining_usd() const {
  if (state_->budget <= 0) return std::numeric_limits<double>::infinity();
  return std::max(0.0, state_->budget - state_->Total());
}

std::map<std::string, double> CostContext::by_agent() const {
  std::lock_guard lock(state_->mutex);
  return state_->by_agent;
}

std::map<std::string, double> CostContext::by_model() const {
  std::lock_guard lock(state_->mutex);
  return state_->by_model;
}

std::vector<CallCost> CostContext::calls() const {
  std::lock_guard lock(state_->mutex);
  return {state_->calls.begin(), state_->calls.end()};
}

Scope CostContext::activate() const {
  return Scope(Context::current().with_value(&kContextKey, state_));
}

std::optional<CostContext> CostContext::current() {
  auto state = std::static_pointer_cast<State>(Context::current().value(&kContextKey));
  if (state == nullptr) return std::nullopt;
  return CostContext(std::move(state));
}

}  // namespace observatory
