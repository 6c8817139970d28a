#include "app/scenario/stage.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/http_client.h"
#include "cli/json.h"
#include "config/units.h"

namespace ao::app {
namespace {

constexpr Nanos kStartTime = 2 * kMinute;
constexpr Nanos kStopTime = 30 * kSecond;
constexpr std::string_view kModelName = "small-1";

std::string OwnBinary() {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return path;
}

std::string ExamplesFolder() { return DirectoryOf(OwnBinary()) + "/examples"; }

// Beside scenario.yaml, or beside this binary when the scenario is read from the sources.
std::string FindProgram(const scenario::Scenario& scenario, const std::string& program) {
  const std::string beside = scenario.directory + "/" + program;
  if (::access(beside.c_str(), X_OK) == 0) return beside;
  return ExamplesFolder() + "/" + scenario.name + "/" + program;
}

std::string UpperName(std::string name) {
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

}  // namespace

Result<std::unique_ptr<Stage>> Stage::Build(const scenario::Scenario& scenario, Options options,
                                            cli::Io& io) {
  AO_TRY(PosixFileSystem().CreateDirectories(options.directory));
  auto stage = std::unique_ptr<Stage>(new Stage(std::move(options), io));
  AO_TRY(stage->StartServer());
  AO_TRY(stage->StartModel(scenario));
  AO_TRY(stage->StartAgents(scenario));
  return stage;
}

Stage::~Stage() { (void)Clear(); }

Result<std::string> Stage::StartReady(const std::string& name, std::vector<std::string> command,
                                      std::unique_ptr<Process>* process) {
  const std::string ready = options_.directory + "/" + name + ".ready.json";
  AO_TRY(PosixFileSystem().Remove(ready));
  command.insert(command.end(), {"--ready-file", ready});
  AO_ASSIGN_OR_RETURN(*process,
                      Process::Start({.command = std::move(command),
                                      .environment = environment_,
                                      .log_file = options_.directory + "/" + name + ".log"}));
  AO_ASSIGN_OR_RETURN(const std::string text, (*process)->WaitForFile(ready, kStartTime));
  AO_ASSIGN_OR_RETURN(const cli::Json json, cli::Json::Parse(text));
  if (const std::string& url = json["url"].text(); !url.empty()) return url;
  const std::string& address = json["http"].text();
  if (address.empty()) return address;
  return address.starts_with("http") ? address : "http://" + address;
}

Status Stage::StartServer() {
  if (!options_.server_url.empty()) return OkStatus();
  AO_ASSIGN_OR_RETURN(
      options_.server_url,
      StartReady("server",
                 {OwnBinary(), "serve", "--data-dir", options_.directory + "/store",
                  "--http-listen", options_.http_listen, "--grpc-listen", options_.grpc_listen},
                 &server_));
  return OkStatus();
}

Status Stage::StartModel(const scenario::Scenario& scenario) {
  if (!options_.model_url.empty()) {
    for (const scenario::Fault& fault : scenario.faults) {
      if (fault.model.empty()) continue;
      return FailedPrecondition(fmt::format("cannot inject fault {}: {} is not the model server",
                                            fault.name, options_.model_url),
                                "leave out --model-url");
    }
    return OkStatus();
  }
  own_model_ = true;
  std::vector<std::string> command = {
      OwnBinary(),     "model-server",
      "--listen",      "127.0.0.1:0",
      "--seed",        fmt::to_string(scenario.seed),
      "--first-token", config::FormatDuration(scenario.model.first_token),
      "--per-token",   config::FormatDuration(scenario.model.per_token)};
  if (!options_.model_waits) command.emplace_back("--no-wait");
  if (!scenario.model.script.empty()) {
    const std::string& script = scenario.model.script;
    command.insert(
        command.end(),
        {"--script", script.starts_with("/") ? script : scenario.directory + "/" + script});
  }
  AO_ASSIGN_OR_RETURN(options_.model_url, StartReady("model", std::move(command), &model_));
  options_.model_url += "/v1";
  return OkStatus();
}

Status Stage::StartAgents(const scenario::Scenario& scenario) {
  environment_ = {{"OTEL_EXPORTER_OTLP_ENDPOINT", options_.server_url},
                  {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                  {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=scenario"},
                  {"OPENAI_BASE_URL", options_.model_url}};
  if (own_model_) {
    environment_.emplace_back("OPENAI_API_KEY", "none");
    environment_.emplace_back("OPENAI_MODEL", kModelName);
  }
  for (const scenario::Program& service : scenario.services) {
    std::vector<std::string> command = {FindProgram(scenario, service.program)};
    command.insert(command.end(), service.arguments.begin(), service.arguments.end());
    command.insert(command.end(), {"--listen", "127.0.0.1:0"});
    AO_ASSIGN_OR_RETURN(const std::string url,
                        StartReady(service.name, std::move(command), &services_.emplace_back()));
    if (!url.empty()) environment_.emplace_back(UpperName(service.name) + "_URL", url);
  }
  std::vector<std::string> command = {FindProgram(scenario, scenario.agent.program)};
  command.insert(command.end(), scenario.agent.arguments.begin(), scenario.agent.arguments.end());
  command.emplace_back("--jobs");
  AO_ASSIGN_OR_RETURN(agent_, Process::Start({.command = std::move(command),
                                              .environment = environment_,
                                              .log_file = options_.directory + "/agent.log",
                                              .talks = true}));
  return OkStatus();
}

Status Stage::SetModelFaults(const std::string& faults) {
  if (!own_model_) return OkStatus();
  const std::string base = options_.model_url.substr(0, options_.model_url.size() - 3);
  AO_ASSIGN_OR_RETURN(
      const cli::ClientResponse response,
      io_.http.Send({.method = "PUT", .url = base + "/faults", .headers = {}, .body = faults}));
  if (response.status == 200) return OkStatus();
  const auto body = cli::Json::Parse(response.body);
  return InvalidArgument(body.ok() ? (*body)["error"]["message"].text() : response.body);
}

Status Stage::Clear() {
  Status first;
  const auto stop = [&first](std::unique_ptr<Process>* process) {
    if (*process == nullptr) return;
    const Status stopped = (*process)->Stop(kStopTime);
    if (first.ok()) first = stopped;
    process->reset();
  };
  stop(&agent_);
  std::for_each(services_.rbegin(), services_.rend(), [&](auto& service) { stop(&service); });
  services_.clear();
  stop(&model_);
  return first;
}

Status Stage::StopServer() {
  if (server_ == nullptr) return OkStatus();
  const auto server = std::move(server_);
  return server->Stop(kStopTime);
}

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  const auto folders = PosixFileSystem().List(ExamplesFolder());
  if (!folders.ok()) return names;
  for (const std::string& folder : *folders) {
    if (PosixFileSystem().Exists(ExamplesFolder() + "/" + folder + "/scenario.yaml")) {
      names.push_back(folder);
    }
  }
  return names;
}

Result<scenario::Scenario> FindScenario(const std::string& name) {
  FileSystem& fs = PosixFileSystem();
  for (const std::string& path :
       {name, name + "/scenario.yaml", ExamplesFolder() + "/" + name + "/scenario.yaml"}) {
    if (!path.ends_with(".yaml") || !fs.Exists(path)) continue;
    AO_ASSIGN_OR_RETURN(const std::string text, ReadFile(fs, path));
    return scenario::ParseScenario(text, path);
  }
  const auto names = ScenarioNames();
  return NotFound(fmt::format("cannot find scenario {}", name),
                  names.empty() ? "name a scenario.yaml; build the examples to have some"
                                : fmt::format("there are {}", fmt::join(names, ", ")));
}

}  // namespace ao::app
