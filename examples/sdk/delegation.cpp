// One trace across agents: over HTTP headers, and over a message queue. Both sides are in one
// program here; what travels between them is only the headers and the payload.
#include <observatory/observatory.h>

#include <cstdio>
#include <string>

using namespace observatory;

static std::string researcher(const Propagator::Pairs& headers) {
  auto execution =
      execute("researcher", {.task_id = "t-1", .parent = Propagator().extract_headers(headers)});
  auto call = llm_call("gpt-4o-mini", {.provider = "openai"});
  call.set_response({.output = "Tea is old.", .input_tokens = 50, .output_tokens = 5});
  return "Tea is old.";
}

static void archivist(const std::string& payload) {
  auto message = consume("facts", {.system = "redis", .parent = Propagator().extract_json(payload)});
}

int main() {
  configure({.service_name = "supervisor"});
  auto run = agent_run("supervisor", {.input = "Write about tea"});
  plan().set_result("1. research 2. write");
  {
    auto work = delegate("researcher", {.task_type = "research", .task_id = "t-1"});
    const std::string facts = researcher(work.headers());
    work.set_status("completed");
    Value::Map message = {{"facts", facts}};
    Propagator().inject_message(&message);
    archivist(Value(message).to_json());
  }
  synthesize().set_result("Tea is old, and good.");
  run.set_output("Tea is old, and good.");
  std::printf("one trace: %s\n", run.trace_id().hex().c_str());
}
