#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/scenario/process.h"
#include "cli/command.h"
#include "scenario/scenario.h"

namespace ao::app {

// Everything a scenario runs on: a server, the model server, the services and the agent, each a
// process of its own, in the order in which they start and (reversed) stop. Single-thread.
class Stage {
 public:
  struct Options {
    std::string directory;                 // for data, logs and ready files
    std::string server_url;                // of a server that runs already; empty: start one
    std::string http_listen, grpc_listen;  // of the one to start
    std::string model_url = {};  // of another OpenAI-compatible endpoint; empty: the model server
    bool model_waits = false;    // its calls take real time
  };
  static Result<std::unique_ptr<Stage>> Build(const scenario::Scenario& scenario, Options options,
                                              cli::Io& io);

  const std::string& server_url() const { return options_.server_url; }
  Process& agent() { return *agent_; }
  // Replaces the faults of the model server; `faults` is JSON.
  Status SetModelFaults(const std::string& faults);
  // Ends the agent (which sends what it still holds), the services and the model server. The server
  // goes on.
  Status Clear();
  // Ends the server when this object started it.
  Status StopServer();
  ~Stage();

 private:
  Stage(Options options, cli::Io& io) : options_(std::move(options)), io_(io) {}
  Status StartServer();
  Status StartModel(const scenario::Scenario& scenario);
  Status StartAgents(const scenario::Scenario& scenario);
  // Starts a program that writes {"http": "host:port"} or {"url": ...} when it is ready; returns
  // the URL, empty when it named neither.
  Result<std::string> StartReady(const std::string& name, std::vector<std::string> command,
                                 std::unique_ptr<Process>* process);

  Options options_;
  cli::Io& io_;
  bool own_model_ = false;
  std::vector<std::pair<std::string, std::string>> environment_;  // of services and agent
  std::unique_ptr<Process> server_, model_, agent_;
  std::vector<std::unique_ptr<Process>> services_;
};

// The scenario of a name (beside this binary, in examples/) or of a path to a scenario.yaml or its
// folder. not_found lists the names that exist.
Result<scenario::Scenario> FindScenario(const std::string& name);
std::vector<std::string> ScenarioNames();

}  // namespace ao::app
