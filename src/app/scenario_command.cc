#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <fmt/ostream.h>

#include "app/commands.h"
#include "app/scenario/player.h"
#include "app/scenario/report.h"
#include "app/scenario/stage.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "cli/interrupt.h"

namespace ao::app {
namespace {

const cli::Flag kSpeed = {.name = "speed",
                          .value = "<n>",
                          .doc =
                              "scenario time over real time: 1 plays live, from now; above, the "
                              "scenario ends now; max waits for nothing",
                          .default_value = "max"};
const cli::Flag kModelUrl = {.name = "model-url",
                             .value = "<url>",
                             .doc =
                                 "another OpenAI-compatible endpoint (ending in /v1) instead of "
                                 "the model server; OPENAI_API_KEY and OPENAI_MODEL count then"};

// 0 for "max".
Result<double> ReadSpeed(const cli::Invocation& invocation) {
  if (invocation.Get("speed") == "max") return 0.0;
  auto speed = invocation.Number("speed", 1, 1e9);
  return speed.ok() ? speed : speed.status().WithContext("neither 'max' nor a number");
}

// A folder of its own under the system's temporary one.
Result<std::string> NewFolder() {
  std::error_code error;
  const auto base = std::filesystem::temp_directory_path(error);
  std::string path = (error ? "/tmp" : base.string()) + "/observatory-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return ErrnoStatus("make folder " + path, errno);
  return path;
}

struct Performance {
  scenario::Scenario scenario;
  std::unique_ptr<Stage> stage;
  Play play;
};

// Everything up to the end of the play; the server still serves.
Result<Performance> Perform(const std::string& name, const cli::Invocation& invocation,
                            Stage::Options options, cli::Io& io) {
  ::signal(SIGPIPE, SIG_IGN);  // an agent that ends is an error of writing to it
  AO_ASSIGN_OR_RETURN(const double speed, ReadSpeed(invocation));
  Performance performance;
  AO_ASSIGN_OR_RETURN(performance.scenario, FindScenario(name));
  options.model_url = invocation.Get("model-url");
  options.model_waits = speed == 1;
  AO_ASSIGN_OR_RETURN(performance.stage, Stage::Build(performance.scenario, options, io));
  fmt::print(io.err, "{} on {}; logs in {}\n", performance.scenario.name,
             performance.stage->server_url(), options.directory);
  io.err.flush();
  AO_ASSIGN_OR_RETURN(performance.play,
                      PlayScenario(performance.scenario, speed, *performance.stage, io));
  AO_TRY(performance.stage->Clear());
  return performance;
}

int RunScenario(const cli::Invocation& invocation, cli::Io& io) {
  cli::CatchInterrupts();
  auto folder = NewFolder();
  if (!folder.ok()) return cli::ReportError(io, folder.status());
  auto performance = Perform(invocation.Argument("name"), invocation,
                             {.directory = *folder,
                              .server_url = invocation.Get("to"),
                              .http_listen = "127.0.0.1:0",
                              .grpc_listen = "127.0.0.1:0"},
                             io);
  if (!performance.ok()) return cli::ReportError(io, performance.status());
  const Report report =
      MakeReport(performance->scenario, performance->play, performance->stage->server_url(), io);
  if (invocation.On("json")) {
    fmt::print(io.out, "{}\n", ReportJson(report));
  } else {
    PrintReport(report, io.out);
  }
  const Status stopped = performance->stage->StopServer();
  if (!stopped.ok()) return cli::ReportError(io, stopped);
  std::error_code ignored;
  std::filesystem::remove_all(*folder, ignored);
  return performance->play.interrupted ? cli::kExitPartial : cli::kExitOk;
}

int ListScenarios(const cli::Invocation& invocation, cli::Io& io) {
  JsonWriter json;
  json.BeginArray();
  for (const std::string& name : ScenarioNames()) {
    const auto scenario = FindScenario(name);
    const std::string summary = scenario.ok() ? scenario->summary : scenario.status().message();
    json.BeginObject().Field("name", name).Field("summary", summary).EndObject();
    if (!invocation.On("json")) fmt::print(io.out, "{:<22}{}\n", name, summary);
  }
  if (invocation.On("json")) fmt::print(io.out, "{}\n", json.EndArray().text());
  return cli::kExitOk;
}

int CheckScenario(const cli::Invocation& invocation, cli::Io& io) {
  const auto scenario = FindScenario(invocation.Argument("file"));
  if (!scenario.ok()) return cli::ReportError(io, scenario.status());
  const auto jobs = scenario::Schedule(*scenario, io.clock.Now() - scenario->duration);
  fmt::print(io.out, "{}: {} jobs, {} faults\n", scenario->name, jobs.size(),
             scenario->faults.size());
  return cli::kExitOk;
}

int Demo(const cli::Invocation& invocation, cli::Io& io) {
  cli::CatchInterrupts();
  std::string folder = invocation.Get("directory");
  if (folder.empty()) {
    auto made = NewFolder();
    if (!made.ok()) return cli::ReportError(io, made.status());
    folder = *made;
  }
  auto performance = Perform(invocation.Get("scenario"), invocation,
                             {.directory = folder,
                              .server_url = {},
                              .http_listen = invocation.Get("http-listen"),
                              .grpc_listen = invocation.Get("grpc-listen")},
                             io);
  if (!performance.ok()) return cli::ReportError(io, performance.status());
  const std::string& url = performance->stage->server_url();
  PrintReport(MakeReport(performance->scenario, performance->play, url, io), io.out);
  fmt::print(io.out, "\nLook at\n  {}\n", url);
  for (const std::string& hint : performance->scenario.look_at) {
    fmt::print(io.out, "  {}\n",
               hint.starts_with("observatory ") ? hint + " --server " + url : hint);
  }
  io.out.flush();
  if (!invocation.On("once") && !performance->play.interrupted) {
    fmt::print(io.err, "\nServing until Ctrl-C\n");
    io.err.flush();
    while (io.sleep(kHour)) {
    }
  }
  const Status stopped = performance->stage->StopServer();
  if (!stopped.ok()) return cli::ReportError(io, stopped);
  fmt::print(io.err, "Kept; serve it again with: observatory serve --data-dir {}/store\n", folder);
  return cli::kExitOk;
}

cli::Command RunCommand() {
  return {
      .path = "scenario run",
      .summary = "Play a scenario and compare what broke with what was noticed",
      .details =
          "Starts a server, the model server and the scenario's agents, asks the agents what "
          "the scenario says, breaks what it says, and prints the truth about each fault "
          "beside what the server detected.",
      .examples = {{"observatory scenario run loan-approval", "days of traffic in seconds"},
                   {"observatory scenario run loan-approval --json | jq '.faults[].during'", ""},
                   {"observatory scenario run ./my-agent/scenario.yaml --to "
                    "http://localhost:4318",
                    "your own, against a server that runs"}},
      .flags = {kSpeed,
                kModelUrl,
                {.name = "to",
                 .value = "<url>",
                 .doc = "a server that runs already, instead of a new one that is thrown away"}},
      .positionals = {{.name = "name", .doc = "a scenario, or the path of a scenario.yaml"}},
      .run = RunScenario,
      .group = "Try it"};
}

}  // namespace

cli::Command DemoCommand() {
  return {.path = "demo",
          .summary = "See agents work and break: server, agents and a fault in one command",
          .details =
              "Plays a scenario on a server of its own, says what to look at, and goes on "
              "serving until Ctrl-C.",
          .examples = {{"observatory demo", "the loan agent that silently declines everybody"},
                       {"observatory demo --scenario research-assistant",
                        "another one of observatory scenario list"},
                       {"observatory demo --speed 3600", "an hour a second"}},
          .flags = {{.name = "scenario",
                     .value = "<name>",
                     .doc = "see observatory scenario list",
                     .default_value = "loan-approval"},
                    kSpeed,
                    kModelUrl,
                    {.name = "http-listen",
                     .value = "<address>",
                     .doc = "of the server",
                     .default_value = "127.0.0.1:4318"},
                    {.name = "grpc-listen",
                     .value = "<address>",
                     .doc = "of the server",
                     .default_value = "127.0.0.1:4317"},
                    {.name = "directory",
                     .value = "<path>",
                     .doc = "for data and logs; default: a new one in the temporary folder"},
                    {.name = "once", .doc = "Stop after the scenario"}},
          .run = Demo,
          .group = "Try it"};
}

std::vector<cli::Command> ScenarioCommands() {
  return {RunCommand(),
          {.path = "scenario list",
           .summary = "List the scenarios that come with this program",
           .examples = {{"observatory scenario list", ""}},
           .run = ListScenarios,
           .group = "Try it"},
          {.path = "scenario check",
           .summary = "Check a scenario file",
           .examples = {{"observatory scenario check ./my-agent/scenario.yaml", ""}},
           .positionals = {{.name = "file", .doc = "path of a scenario.yaml, or a name"}},
           .run = CheckScenario,
           .group = "Try it"}};
}

}  // namespace ao::app
