// A summariser: one call of the model for each report.
#include <observatory/observatory.h>

#include "agentkit/jobs.h"
#include "agentkit/recorded.h"
#include "agentkit/telemetry.h"

namespace {

agentkit::JobResult summarise(const agentkit::ModelClient& model, const agentkit::Job& job) {
  auto run = observatory::agent_run(
      "summariser",
      {.input = job.input, .query_type = job.query_type, .session = job.session, .user = job.user});
  const auto reply = agentkit::recorded(run, [&] {
    return agentkit::ask(model,
                         {{"system", "Summarise the report in a few sentences. Keep every figure."},
                          {"user", job.input}});
  });
  run.set_output(reply.content);
  return {.output = reply.content,
          .outcome = {},
          .steps = 1,
          .tokens = reply.input_tokens + reply.output_tokens};
}

}  // namespace

int main(int argc, char** argv) {
  agentkit::start_telemetry("summariser", "1.0.0");
  const agentkit::ModelClient model;
  return agentkit::run_agent(argc, argv,
                             [&](const agentkit::Job& job) { return summarise(model, job); });
}
