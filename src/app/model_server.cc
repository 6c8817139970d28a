#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <fmt/ostream.h>

#include "app/commands.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "config/units.h"
#include "model-server/server.h"

namespace ao::app {
namespace {

Result<Nanos> DurationFlag(const cli::Invocation& invocation, std::string_view flag) {
  auto duration = config::ParseDuration(invocation.Get(flag));
  if (duration.ok()) return duration;
  return duration.status().WithContext(fmt::format("cannot read --{}", flag));
}

Result<model_server::Options> ReadOptions(const cli::Invocation& invocation) {
  model_server::Options options;
  options.listen = invocation.Get("listen");
  AO_ASSIGN_OR_RETURN(const int64_t seed, invocation.Integer("seed"));
  options.seed = static_cast<uint64_t>(seed);
  AO_ASSIGN_OR_RETURN(options.latency.first_token, DurationFlag(invocation, "first-token"));
  AO_ASSIGN_OR_RETURN(options.latency.per_token, DurationFlag(invocation, "per-token"));
  AO_ASSIGN_OR_RETURN(options.latency.spread, invocation.Number("spread", 0, 5));
  options.wait = !invocation.On("no-wait");
  AO_ASSIGN_OR_RETURN(options.requests_per_minute, invocation.Integer("requests-per-minute"));
  AO_ASSIGN_OR_RETURN(options.tokens_per_minute, invocation.Integer("tokens-per-minute"));
  for (const std::string& path : invocation.All("script")) {
    AO_ASSIGN_OR_RETURN(const std::string text, ReadFile(PosixFileSystem(), path));
    AO_TRY(options.script.Add(text, path));
  }
  return options;
}

Status WriteReadyFile(const std::string& path, const std::string& address) {
  if (path.empty()) return OkStatus();
  JsonWriter json;
  json.BeginObject().Field("pid", ::getpid()).Field("http", address).EndObject();
  return WriteFileAtomically(PosixFileSystem(), path, json.text());
}

int RunModelServer(const cli::Invocation& invocation, cli::Io& io) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  // Blocked before any thread exists, so that all inherit it and sigwait below gets them.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto options = ReadOptions(invocation);
  if (!options.ok()) return cli::ReportError(io, options.status());
  auto server = model_server::ModelServer::Start(std::move(*options), SystemClock());
  if (!server.ok()) return cli::ReportError(io, server.status());
  const std::string address = (*server)->address();
  if (Status status = WriteReadyFile(invocation.Get("ready-file"), address); !status.ok()) {
    return cli::ReportError(io, status);
  }
  fmt::print(io.err, "Point an agent here:  OPENAI_BASE_URL=http://{}/v1 OPENAI_API_KEY=none\n",
             address);
  io.err.flush();
  int received = 0;
  sigwait(&signals, &received);
  return cli::kExitOk;
}

}  // namespace

cli::Command ModelServerCommand() {
  return {
      .path = "model-server",
      .summary = "Run an OpenAI-compatible server without a model",
      .details =
          "Chat completions (tools, streaming), embeddings and the model list, without a model and "
          "without a network: answers come from scripts, and are otherwise made up; the same seed "
          "and request give the same answer. Usage is counted. Faults are switched while it runs: "
          "PUT /faults {\"slow\": {\"factor\": 5}}; GET /usage says what was answered. "
          "examples/model-server/README.md describes scripts and faults.",
      .examples = {{"observatory model-server --first-token 300ms --per-token 15ms",
                    "about as slow as a real one"},
                   {"observatory model-server --script answers.yaml --seed 7", ""},
                   {"observatory model-server --requests-per-minute 60", "to meet 429 answers"}},
      .flags = {{.name = "listen",
                 .value = "<address>",
                 .doc = "host:port to listen on; port 0 picks a free one",
                 .default_value = "127.0.0.1:8080"},
                {.name = "script",
                 .value = "<file>",
                 .doc = "what the model answers, YAML or JSON",
                 .repeatable = true},
                {.name = "seed",
                 .value = "<n>",
                 .doc = "of everything left to chance",
                 .default_value = "1"},
                {.name = "first-token",
                 .value = "<duration>",
                 .doc = "median time to the first token",
                 .default_value = "0"},
                {.name = "per-token",
                 .value = "<duration>",
                 .doc = "median time for each token of an answer",
                 .default_value = "0"},
                {.name = "spread",
                 .value = "<sigma>",
                 .doc = "of these times, which are log-normal",
                 .default_value = "0.3"},
                {.name = "no-wait",
                 .doc = "Answer at once and only report the time, in openai-processing-ms"},
                {.name = "requests-per-minute",
                 .value = "<n>",
                 .doc = "answer 429 above this rate; 0: no limit",
                 .default_value = "0"},
                {.name = "tokens-per-minute",
                 .value = "<n>",
                 .doc = "answer 429 above this rate of prompt tokens; 0: no limit",
                 .default_value = "0"},
                {.name = "ready-file",
                 .value = "<file>",
                 .doc = "JSON with pid and address, written when serving"}},
      .run = RunModelServer,
      .group = "Server"};
}

}  // namespace ao::app
