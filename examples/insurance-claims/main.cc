// Five agents that settle insurance claims, each a process of its own, talking over message buses:
//
//   insurance-claims --bus redis --ready-file FILE       a Redis and a RabbitMQ of our own, whose
//   insurance-claims --bus rabbitmq --ready-file FILE    addresses are REDIS_URL and RABBITMQ_URL
//   insurance-claims --role coverage                     and so fraud, valuation and settlement
//   insurance-claims "Claim 4711 by ..."                 intake
//
//   intake --Redis--> coverage --RabbitMQ--> fraud ------Redis-----> settlement --Redis--> intake
//                              --RabbitMQ--> valuation --RabbitMQ-->
//
// One claim is one trace. Every hop is a PRODUCER span "agent.delegate.<agent>" and, in the other
// process, CONSUMER "agent.consume" > "agent.execute". Settlement waits for both messages about its
// claim: it continues the trace below the valuation, and is linked to the fraud report.
#include <iostream>

#include "agentkit/jobs.h"
#include "agentkit/telemetry.h"
#include "insurance-claims/agents.h"
#include "insurance-claims/broker.h"
#include "insurance-claims/channel.h"

namespace {

int run_role(int argc, char** argv, const std::string& role) {
  agentkit::start_telemetry("claims-" + role, "1.0.0");
  if (role == "intake") return claims::run_intake(argc, argv);
  if (role == "coverage") return claims::run_coverage(argc, argv);
  if (role == "fraud") return claims::run_fraud(argc, argv);
  if (role == "valuation") return claims::run_valuation(argc, argv);
  if (role == "settlement") return claims::run_settlement(argc, argv);
  std::cerr << "error: cannot be '" << role
            << "': there are intake, coverage, fraud, valuation and settlement\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string bus = agentkit::option(argc, argv, "--bus");
  if (!bus.empty()) return claims::run_broker(argc, argv, bus);
  try {
    return run_role(argc, argv, agentkit::option(argc, argv, "--role", "intake"));
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
