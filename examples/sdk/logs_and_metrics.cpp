// JSON lines that carry the trace, and instruments of your own.
#include <observatory/observatory.h>

using namespace observatory;

int main() {
  configure({.service_name = "loan-agent"});
  const StructuredLogger log;  // to stdout and as OTLP log records
  const Meter meter = observatory::meter("loans");
  const Counter decisions = meter.counter("loans.decisions", {.unit = "{decision}"});
  const Histogram amount = meter.exponential_histogram("loans.amount", {.unit = "EUR"});

  auto run = agent_run("loan-agent", {.input = "Can I borrow 5000?"});
  log.log_llm_call({.model = "gpt-4o", .prompt_tokens = 420, .completion_tokens = 7,
                    .latency_ms = 812.4});
  log.log_tool_call({.tool_name = "credit_check", .arguments = Value::map({{"customer", 17}}),
                     .result = "score 720", .latency_ms = 35.1});
  log.log_event("decision", {{"outcome", "approved"}, {"amount", 5000}});
  decisions.add(1, {{"outcome", "approved"}});
  amount.record(5000);
}
