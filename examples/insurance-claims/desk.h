#pragma once

#include <functional>
#include <string>

#include <observatory/genai.h>

#include "agentkit/jobs.h"
#include "insurance-claims/channel.h"

// What the agents have in common that get their claims from a queue.

namespace claims {

// The queues, and the bus of each.
inline constexpr char kOpened[] = "claims.opened";          // Redis: intake to coverage
inline constexpr char kFraud[] = "claims.fraud";            // RabbitMQ: coverage to fraud
inline constexpr char kValuation[] = "claims.valuation";    // RabbitMQ: coverage to valuation
inline constexpr char kReports[] = "claims.fraud_reports";  // Redis: fraud to settlement
inline constexpr char kValued[] = "claims.valued";          // RabbitMQ: valuation to settlement
inline constexpr char kAnswers[] = "claims.answers";        // Redis: all to intake

// REDIS_URL and RABBITMQ_URL, else where they usually are.
std::string redis_url();
std::string rabbit_url();

// An agent at work. Single-thread.
struct Desk {
  std::string role;
  Channel* inbox = nullptr;
  Channel* answers = nullptr;  // to commands
  // Adds to the claim: what it returns becomes the finding of this role. Throws when it fails,
  // which is noted in the claim.
  std::function<json(const json& claim)> work;
  // Sends the claim to whoever comes next, whether or not that worked.
  std::function<void(const json& claim)> hand_on;
  agentkit::Commands commands = {};
};

// Serves the desk until SIGTERM. A message is done when its claim was handed on: before, it comes
// again. --ready-file FILE is written when the queues are open. Returns an exit code.
int run_desk(int argc, char** argv, const Desk& desk);

// The same for a desk that is a class: inbox and answers are channels, work(), hand_on() and
// commands() what they are above.
template <typename Kind>
int serve_desk(int argc, char** argv, const std::string& role) {
  Kind desk;
  return run_desk(argc, argv,
                  {.role = role,
                   .inbox = &desk.inbox,
                   .answers = &desk.answers,
                   .work = [&](const json& claim) { return desk.work(claim); },
                   .hand_on = [&](const json& claim) { desk.hand_on(claim); },
                   .commands = desk.commands()});
}

// Hands a claim to another agent, within a span "agent.delegate.<agent>" (PRODUCER).
void hand_to(const std::string& agent, Channel& channel, const json& claim);
// Tells intake what came of the claim, within a span "agent.answer" (PRODUCER): {"task", "outcome",
// "letter", "steps", "tokens", "payout"}, or {"task", "error"}.
void answer(Channel& answers, const json& body);

// Writes {"queue": NAME} to the file of --ready-file, if any, all at once.
void tell_ready(int argc, char** argv, const json& what);

}  // namespace claims
