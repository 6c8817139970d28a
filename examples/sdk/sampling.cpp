// Keeps every failed and every long run, and a tenth of the others. Metrics count all of them.
#include <observatory/observatory.h>

#include <cstdio>
#include <string>

using namespace observatory;

int main() {
  const Sdk sdk = configure({.service_name = "sampled",
                             .trace_sampler = TraceSampler({.ratio = 0.1, .max_steps = 8})});
  for (int i = 0; i < 1000; ++i) {
    auto run = agent_run("sampled");
    auto call = llm_call("gpt-4o-mini");
    call.set_response({.output = "ok", .input_tokens = 10, .output_tokens = 1});
    call.end();
    if (i % 100 == 0) run.fail("timeout", "the upstream did not answer");
  }
  sdk.flush(std::chrono::seconds(2));
  std::printf("%d of 2000 spans left out\n",
              static_cast<int>(sdk.stats(Signal::kTraces).sampled_out));
}
