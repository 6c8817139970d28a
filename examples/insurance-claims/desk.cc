#include "insurance-claims/desk.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <observatory/observatory.h>

#include "agentkit/clock.h"
#include "agentkit/recorded.h"
#include "insurance-claims/claim.h"

namespace claims {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // how long SIGTERM may have to wait

std::atomic<bool> stopping{false};

std::string variable(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

// The metrics of one agent; the sums over all agents are those of the system.
struct Figures {
  observatory::Counter handled = observatory::meter().counter(
      "claims.handled", {.description = "Claims that an agent has dealt with"});
  observatory::Counter redelivered = observatory::meter().counter(
      "claims.redelivered", {.description = "Messages that came again after somebody failed"});
  observatory::Histogram waited = observatory::meter().histogram(
      "claims.queue.wait_ms", {.description = "From sending to taking a message", .unit = "ms"});
};

void count(const Figures& figures, const Desk& desk, const Message& message, bool failed) {
  figures.handled.add(1, {{"agent", desk.role},
                          {"claim.type", message.body.value("type", "")},
                          {"result", failed ? "failed" : "done"}});
  if (message.redelivered) {
    figures.redelivered.add(1, {{"agent", desk.role}, {"queue", desk.inbox->name()}});
  }
}

void obey(const Desk& desk, const json& body) {
  const std::string name = body.at("command");
  json reply = {{"command", name}, {"ok", true}};
  try {
    desk.commands.at(name)(body.at("argument"));
  } catch (const std::exception& error) {
    reply = {{"command", name}, {"ok", false}, {"error", desk.role + ": " + error.what()}};
  }
  desk.answers->send(reply);
}

void handle(const Desk& desk, const Figures& figures, const Message& message) {
  const std::string queue = desk.inbox->name();
  if (!message.replayed) {  // replayed time does not pass in a queue
    const int64_t waited = agentkit::replay_clock()->unix_nanos() - message.sent_ns;
    figures.waited.record(static_cast<double>(waited) / 1e6, {{"queue", queue}});
  }
  json claim = message.body;
  const observatory::Scope scope(message.origin);  // with its baggage
  auto consumption = observatory::consume(
      queue, {.system = desk.inbox->system(),
              .parent = message.origin,
              .links = message.links,
              .attributes = {{"messaging.message.id", message.receipt},
                             {"messaging.message.redelivered", message.redelivered}}});
  auto execution = observatory::execute(desk.role, {.task_id = claim.at("task").get<std::string>(),
                                                    .input = claim.at("text").get<std::string>(),
                                                    .query_type = claim.value("type", "")});
  try {
    const json found = desk.work(claim);
    execution.set_output(found.value("answer", ""));
    claim["findings"][desk.role] = found;
  } catch (const std::exception& error) {
    execution.fail(error);
    claim["failed"][desk.role] = error.what();
  }
  desk.hand_on(claim);
  count(figures, desk, message, execution.failed());
}

void serve(const Desk& desk) {
  const Figures figures;
  while (!stopping) {
    const auto message = desk.inbox->take(kPatience);
    if (!message.has_value()) continue;
    if (message->body.contains("command")) {
      obey(desk, message->body);
    } else if (message->body.contains("task")) {
      follow(*message);
      handle(desk, figures, *message);
    } else {
      std::cerr << desk.role << " cannot use a message of " << desk.inbox->name() << ": "
                << message->body.dump() << "\n";
    }
    desk.inbox->done(*message);
  }
}

}  // namespace

std::string redis_url() { return variable("REDIS_URL", "redis://127.0.0.1:6379"); }
std::string rabbit_url() { return variable("RABBITMQ_URL", "amqp://127.0.0.1:5672"); }

int run_desk(int argc, char** argv, const Desk& desk) {
  const auto stop = [](int) { stopping = true; };
  ::signal(SIGTERM, stop);
  ::signal(SIGINT, stop);
  tell_ready(argc, argv, {{"queue", desk.inbox->name()}});
  std::cerr << desk.role << " takes claims from " << desk.inbox->name() << "\n";
  int code = 0;
  try {
    serve(desk);
  } catch (const BusError& error) {
    std::cerr << "error: " << error.what() << "\n";
    code = 1;
  }
  observatory::shutdown();
  return code;
}

void hand_to(const std::string& agent, Channel& channel, const json& claim) {
  const std::string type = claim.at("type"), task = claim.at("task");
  auto delegation =
      observatory::delegate(agent, {.task_type = type,
                                    .task_id = task,
                                    .messaging = true,
                                    .attributes = {{"messaging.system", channel.system()},
                                                   {"messaging.destination.name", channel.name()},
                                                   {"messaging.operation.type", "send"}}});
  agentkit::recorded(delegation, [&] { channel.send(claim); });
  delegation.set_status("sent");
}

void answer(Channel& answers, const json& body) {
  observatory::ActiveSpan span(observatory::tracer().start_span(
      "agent.answer", {.kind = observatory::SpanKind::kProducer,
                       .attributes = {{"messaging.system", answers.system()},
                                      {"messaging.destination.name", answers.name()},
                                      {"messaging.operation.type", "send"}}}));
  answers.send(body);
}

void tell_ready(int argc, char** argv, const json& what) {
  const std::string file = agentkit::option(argc, argv, "--ready-file");
  if (file.empty()) return;
  std::ofstream(file + ".tmp") << what.dump();
  std::filesystem::rename(file + ".tmp", file);
}

}  // namespace claims
