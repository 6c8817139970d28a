// A trace with three steps, sent to http://localhost:4318 (or OTEL_EXPORTER_OTLP_ENDPOINT).
#include <observatory/observatory.h>

#include <cstdio>

int main() {
  observatory::configure({.service_name = "loan-agent"});

  auto run = observatory::agent_run("loan-agent", {.input = "Can I borrow 5000?",
                                                   .query_type = "personal_loan"});
  auto search = observatory::retrieval("lending policy", {.top_k = 3});
  search.set_documents({{"policy-7", "2026-03", "Loans up to 10000 ...", 0.91}});
  search.end();

  auto call = observatory::llm_call("gpt-4o", {.provider = "openai",
                                               .input = "Policy: ... Question: Can I borrow 5000?"});
  call.set_response({.output = "Yes, up to 10000.", .input_tokens = 420, .output_tokens = 7});
  call.end();

  run.set_output("Yes, up to 10000.");
  run.set_outcome("approved");
  std::printf("trace %s\n", run.trace_id().hex().c_str());
}
