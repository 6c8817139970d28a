#include "insurance-claims/broker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "agentkit/jobs.h"
#include "insurance-claims/daemon.h"
#include "insurance-claims/desk.h"
#include "insurance-claims/rabbit_queue.h"
#include "insurance-claims/redis_stream.h"

namespace claims {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartTime{100};  // RabbitMQ takes ten on a busy machine
constexpr int kStepMs = 20;
// The one in PATH is a wrapper that only serves the system's own RabbitMQ.
constexpr char kRabbit[] = "/usr/lib/rabbitmq/bin/rabbitmq-server";
constexpr int kPorts = 3;  // that may turn out to be taken after all

// A bus, its address, and how to know that it is there. The last daemon is the bus itself.
struct Broker {
  std::string name;
  Address address;
  std::string scheme;
  bool (*answers)(const Address&);
  std::vector<std::unique_ptr<Daemon>> daemons;

  std::string url() const {
    return scheme + "://" + address.host + ":" + std::to_string(address.port);
  }
};

std::string program(const std::string& bus, const std::string& name, const std::string& package) {
  const std::string found = find_program(name);
  if (!found.empty()) return found;
  throw std::runtime_error("cannot start " + bus + ": there is no " + name +
                           "; install it with `apt-get install --no-install-recommends " + package +
                           "`");
}

Broker start_redis(const std::string& folder) {
  const std::string redis = program("Redis", "redis-server", "redis-server");
  Broker broker{"Redis", {"127.0.0.1", free_port()}, "redis", redis_answers, {}};
  broker.daemons.push_back(std::make_unique<Daemon>(std::vector<std::string>{
      redis, "--bind", broker.address.host, "--port", std::to_string(broker.address.port), "--dir",
      folder, "--save", "", "--appendonly", "no", "--loglevel", "warning"}));
  return broker;
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// Nothing of it is the system's: node name, cookie (in HOME), plugins, configuration, and the port
// mapper that Erlang would else leave running.
Broker start_rabbit(const std::string& folder) {
  const std::string rabbit = program("RabbitMQ", kRabbit, "rabbitmq-server");
  const std::string mapper = program("RabbitMQ", "epmd", "rabbitmq-server");
  Broker broker{"RabbitMQ", {"127.0.0.1", free_port()}, "amqp", rabbit_answers, {}};
  const std::string mapper_port = std::to_string(free_port());
  write_file(folder + "/enabled_plugins", "[].\n");
  write_file(folder + "/environment.conf", "");
  // Some containers have no name resolution at all.
  write_file(folder + "/names",
             "{host, {127,0,0,1}, [\"localhost\"]}.\n{lookup, [file, native]}.\n");
  write_file(folder + "/rabbitmq.conf",
             "listeners.tcp.1 = 127.0.0.1:" + std::to_string(broker.address.port) +
                 "\nlog.file = false\nlog.console = true\n"
                 "log.console.level = warning\n");
  broker.daemons.push_back(std::make_unique<Daemon>(
      std::vector<std::string>{mapper, "-port", mapper_port, "-address", "127.0.0.1"}));
  broker.daemons.push_back(std::make_unique<Daemon>(
      std::vector<std::string>{rabbit},
      std::vector<std::pair<std::string, std::string>>{
          {"HOME", folder},
          {"ERL_INETRC", folder + "/names"},
          {"ERL_EPMD_PORT", mapper_port},
          {"ERL_EPMD_ADDRESS", "127.0.0.1"},
          {"RABBITMQ_NODENAME", "claims@localhost"},
          {"RABBITMQ_DIST_PORT", std::to_string(free_port())},
          {"RABBITMQ_CONF_ENV_FILE", folder + "/environment.conf"},
          {"RABBITMQ_CONFIG_FILE", folder + "/rabbitmq"},
          {"RABBITMQ_ADVANCED_CONFIG_FILE", folder + "/none"},
          {"RABBITMQ_GENERATED_CONFIG_DIR", folder + "/generated"},
          {"RABBITMQ_ENABLED_PLUGINS_FILE", folder + "/enabled_plugins"},
          {"RABBITMQ_MNESIA_BASE", folder + "/data"},
          {"RABBITMQ_LOG_BASE", folder + "/log"},
          {"RABBITMQ_FEATURE_FLAGS_FILE", folder + "/feature_flags"},
          {"RABBITMQ_PID_FILE", folder + "/pid"},
          // No shell around the Erlang machine: signals reach it, and it dies with this program.
          {"RABBITMQ_ALLOW_INPUT", "1"},
          {"RABBITMQ_SERVER_START_ARGS", "-noinput +B i"},
          {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"}}));
  return broker;
}

// One signal of `signals`, or 0 after a step.
int next_signal(const sigset_t& signals, int milliseconds) {
  const timespec patience{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  const int signal = ::sigtimedwait(&signals, nullptr, &patience);
  return signal == SIGTERM || signal == SIGINT ? signal : 0;
}

enum class Start { kReady, kEnded, kStopped };

Start await(Broker& broker, const sigset_t& signals) {
  for (const auto deadline = Clock::now() + kStartTime; Clock::now() < deadline;) {
    if (broker.answers(broker.address)) return Start::kReady;
    if (broker.daemons.back()->ended()) return Start::kEnded;
    if (next_signal(signals, kStepMs) != 0) return Start::kStopped;
  }
  throw std::runtime_error("cannot start " + broker.name + ": it does not answer at " +
                           broker.url());
}

// Until somebody stops this program, or the bus ends.
int attend(Broker& broker, const sigset_t& signals) {
  while (next_signal(signals, 1000) == 0) {
    if (!broker.daemons.back()->ended()) continue;
    std::cerr << "error: " << broker.name << " has ended\n";
    return 1;
  }
  return 0;
}

int start_and_attend(int argc, char** argv, const std::string& which, const sigset_t& signals) {
  const std::string ready = agentkit::option(argc, argv, "--ready-file");
  const std::string beside = std::filesystem::path(ready).parent_path();
  for (int attempt = 1; attempt <= kPorts; ++attempt) {
    const ScratchFolder folder(beside);
    Broker broker = which == "redis" ? start_redis(folder.path()) : start_rabbit(folder.path());
    const Start start = await(broker, signals);
    if (start == Start::kStopped) return 0;
    if (start == Start::kEnded) continue;
    tell_ready(argc, argv, {{"url", broker.url()}});
    std::cerr << broker.name << " is at " << broker.url() << "\n";
    return attend(broker, signals);
  }
  std::cerr << "error: cannot start " << which << ": it ends at once; see above\n";
  return 1;
}

}  // namespace

int run_broker(int argc, char** argv, const std::string& which) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (which != "redis" && which != "rabbitmq") {
    std::cerr << "error: cannot start bus '" << which << "': there are redis and rabbitmq\n";
    return 2;
  }
  try {
    return start_and_attend(argc, argv, which, signals);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace claims
