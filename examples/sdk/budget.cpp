// Budgets: a request within a day, and a partial result when the money is spent.
#include <observatory/observatory.h>

#include <cstdio>

using namespace observatory;

int main() {
  configure({.service_name = "writer"});
  const CostContext day("day", 50.0);
  const CostContext request("request", 0.02, &day, "request-1");
  const auto scope = request.activate();  // llm_call charges it from here on
  auto run = agent_run("writer", {.input = "A long essay"});
  int chapters = 0;
  try {
    for (; chapters < 100; ++chapters) {
      request.check();
      auto call = llm_call("gpt-4o", {.provider = "openai"});
      call.set_response({.output = "...", .input_tokens = 1000, .output_tokens = 300});
    }
  } catch (const BudgetExceededError& error) {
    run.set_fallback();
    std::printf("%s\n", error.what());
  }
  std::printf("%d chapters for %.4f USD; writer alone: %.4f\n", chapters, request.total_usd(),
              request.by_agent().at("writer"));
}
