// Intake: reads a claim, opens it for the others, and waits for what they make of it.
#include <observatory/observatory.h>

#include "agentkit/clock.h"
#include "agentkit/jobs.h"
#include "agentkit/recorded.h"
#include "insurance-claims/agents.h"
#include "insurance-claims/claim.h"
#include "insurance-claims/desk.h"
#include "insurance-claims/rabbit_queue.h"
#include "insurance-claims/redis_stream.h"

namespace claims {
namespace {

using agentkit::Job;
using agentkit::JobResult;

constexpr char kInstructions[] = "You are the intake clerk. Sum up the claim for the file.";
constexpr std::chrono::seconds kPatience{1}, kAnswerTime{120};

// The metrics of the system: what became of claims, from end to end.
struct Figures {
  observatory::Counter settled =
      observatory::meter().counter("claims.settled", {.description = "Claims that came to an end"});
  observatory::UpDownCounter open = observatory::meter().up_down_counter(
      "claims.open", {.description = "Claims on their way through the agents"});
  observatory::Histogram duration = observatory::meter().histogram(
      "claims.duration_ms", {.description = "From intake to the answer", .unit = "ms"});
  observatory::Counter payout = observatory::meter().counter(
      "claims.payout_eur", {.description = "What was paid", .unit = "EUR"});
};

class IntakeDesk {
 public:
  JobResult settle(const Job& job) {
    auto run = observatory::agent_run("intake", {.input = job.input,
                                                 .query_type = job.query_type,
                                                 .role = "intake",
                                                 .session = job.session,
                                                 .user = job.user});
    const int64_t start = agentkit::replay_clock()->unix_nanos();
    figures_.open.add(1);
    JobResult result;
    try {
      result = settle(job, &run);
    } catch (const std::exception& error) {
      run.fail(error);
      count(job, "failed", start);
      throw;
    }
    count(job, result.outcome, start);
    return result;
  }

  // For another agent, over its queue.
  void command(Channel& queue, const std::string& name, const std::string& argument) {
    queue.send({{"command", name}, {"argument", argument}});
    const json told = await("command", name).body;
    if (!told.at("ok").get<bool>()) throw std::runtime_error(told.at("error").get<std::string>());
  }

  RedisStream opened{redis_url(), kOpened};
  RabbitQueue fraud{rabbit_url(), kFraud, RabbitQueue::Use::kSend};
  RabbitQueue valuation{rabbit_url(), kValuation, RabbitQueue::Use::kSend};

 private:
  JobResult settle(const Job& job, observatory::AgentRun* run) {
    json claim;
    agentkit::use_tool("read_claim", observatory::Value::map({{"text", job.input}}), [&] {
      claim = read_claim(job.input);
      return claim.dump();
    });
    int64_t tokens = 0;
    claim["task"] = run->trace_id().hex();
    const std::string note = agentkit::say(model_, kInstructions, job.input, &tokens);
    claim["findings"]["intake"] = {{"answer", note}, {"steps", 1}, {"tokens", tokens}};
    hand_to("coverage", opened, claim);
    const json told = take_answer(claim.at("task"));
    if (told.contains("error")) throw std::runtime_error(told.at("error").get<std::string>());
    JobResult result{.output = told.at("letter"),
                     .outcome = told.at("outcome"),
                     .steps = told.at("steps"),
                     .tokens = told.at("tokens")};
    figures_.payout.add(told.value("payout", 0.0), {{"claim.type", job.query_type}});
    run->set_outcome(result.outcome);
    run->set_output(result.output);
    run->set_steps(result.steps);
    return result;
  }

  json take_answer(const std::string& task) {
    const Message message = await("task", task);
    auto consumption = observatory::consume(
        answers_.name(), {.system = answers_.system(), .links = {message.origin.span_context()}});
    return message.body;
  }

  // The answer whose `key` is `value`; others came twice, or too late.
  Message await(const std::string& key, const std::string& value) {
    const auto deadline = std::chrono::steady_clock::now() + kAnswerTime;
    while (std::chrono::steady_clock::now() < deadline) {
      auto message = answers_.take(kPatience);
      if (!message.has_value()) continue;
      answers_.done(*message);
      if (!message->body.is_object() || message->body.value(key, "") != value) continue;
      catch_up(*message);
      return *std::move(message);
    }
    throw std::runtime_error("cannot settle the claim: no answer within 120 s");
  }

  void count(const Job& job, const std::string& outcome, int64_t start) {
    const double took = static_cast<double>(agentkit::replay_clock()->unix_nanos() - start) / 1e6;
    figures_.open.add(-1);
    figures_.settled.add(1, {{"claim.type", job.query_type}, {"outcome", outcome}});
    figures_.duration.record(took, {{"claim.type", job.query_type}, {"outcome", outcome}});
  }

  agentkit::ModelClient model_;
  RedisStream answers_{redis_url(), kAnswers};
  Figures figures_;
};

}  // namespace

int run_intake(int argc, char** argv) {
  IntakeDesk desk;
  agentkit::Commands commands;
  const auto forward = [&](const std::string& name, Channel& queue) {
    commands[name] = [&desk, &queue, name](const auto& argument) {
      desk.command(queue, name, argument);
    };
  };
  forward("stop_policies", desk.opened);
  forward("lose_wordings", desk.opened);
  forward("lose_history", desk.fraud);
  forward("load_prices", desk.valuation);
  return agentkit::run_agent(
      argc, argv, [&](const Job& job) { return desk.settle(job); }, commands);
}

}  // namespace claims
