#include <pthread.h>
#include <signal.h>

#include <ostream>

#include <fmt/ostream.h>

#include "app/commands.h"
#include "app/server.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/version.h"

namespace ao::app {
namespace {

constexpr Nanos kDrainTime = 10 * kSecond;

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

// One screen that says where everything is.
void PrintBanner(const config::Settings& settings, const Server& server, std::ostream& out) {
  const bool tls = !settings.Text("tls.certificate").empty();
  const std::string base = fmt::format("{}://{}", tls ? "https" : "http", server.http_address());
  fmt::print(out, "Agent Observatory {}\n\n", cli::Version());
  fmt::print(out, "  Web UI and API   {}\n", base);
  fmt::print(out, "  OTLP over HTTP   {}/v1/traces (logs, metrics)\n", base);
  fmt::print(out, "  OTLP over gRPC   {}\n", server.grpc_address());
  fmt::print(out, "  Data directory   {}\n", settings.Text("data_dir"));
  fmt::print(out, "  Retention        {}\n\n",
             settings.Duration("storage.retention.max_age") == 0 &&
                     settings.Bytes("storage.retention.max_bytes") == 0
                 ? "everything is kept"
                 : fmt::format("age {}, size {}", settings.Written("storage.retention.max_age"),
                               settings.Written("storage.retention.max_bytes")));
  fmt::print(out, "Point an agent here:  OTEL_EXPORTER_OTLP_ENDPOINT={}\n", base);
  out.flush();
}

// SIGHUP: settings that need no restart take effect; the others are named.
void Reload(const cli::Invocation& invocation, const cli::Io& io, const config::Settings& running,
            Server* server) {
  const auto next = cli::LoadSettings(invocation, io);
  if (!next.ok()) {
    AO_LOG(kError, "app", "settings not reloaded", "error", next.status().message());
    return;
  }
  SetLogLevel(next->Text("log.level"));
  server->Reload(*next);
  AO_LOG(kInfo, "app", "settings reloaded", "need_restart",
         fmt::format("{}", fmt::join(running.RestartNeededFor(*next), ",")));
}

int Serve(const cli::Invocation& invocation, cli::Io& io) {
  const auto settings = cli::LoadSettings(invocation, io);
  if (!settings.ok()) return cli::ReportError(io, settings.status());
  SetLogLevel(settings->Text("log.level"));
  // Blocked before any thread exists, so that all inherit it and sigwait below gets them.
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto server = Server::Create(
      *settings, {std::string(cli::Version()), std::string(cli::Commit()), {}}, SystemClock());
  if (!server.ok()) return cli::ReportError(io, server.status());
  if (Status status = (*server)->Start(); !status.ok()) {
    (void)(*server)->Stop(SystemClock().Monotonic());
    return cli::ReportError(io, status);
  }
  PrintBanner(*settings, **server, io.err);
  int received = 0;
  while (sigwait(&signals, &received) == 0 && received == SIGHUP) {
    Reload(invocation, io, *settings, server->get());
  }
  AO_LOG(kInfo, "app", "stopping", "signal", received);
  const Nanos begin = SystemClock().Monotonic();
  if (Status status = (*server)->Stop(begin + kDrainTime); !status.ok()) {
    return cli::ReportError(io, status);
  }
  AO_LOG(kInfo, "app", "stopped", "duration_ms",
         (SystemClock().Monotonic() - begin) / kMillisecond);
  return cli::kExitOk;
}

}  // namespace

cli::Command ServeCommand() {
  return {
      .path = "serve",
      .summary = "Run the server",
      .details =
          "Takes OpenTelemetry over HTTP and gRPC, keeps it in the data directory, and "
          "serves the web UI and the API, until SIGTERM or Ctrl-C.",
      .examples = {{"observatory serve", "on http://localhost:4318, data in ./observatory-data"},
                   {"observatory serve --data-dir /var/lib/observatory --storage-retention-"
                    "max-age 30d",
                    "keep a month"},
                   {"observatory serve --http-listen 127.0.0.1:0 --ready-file ready.json",
                    "on a free port, which the ready file names"}},
      .flags = cli::SettingFlags(),
      .run = Serve,
      .group = "Server"};
}

}  // namespace ao::app
