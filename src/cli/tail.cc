#include <map>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/list_output.h"
#include "cli/log_lines.h"
#include "cli/server_events.h"

namespace ao::cli {

void ServerEventReader::Feed(std::string_view chunk) {
  buffer_ += chunk;
  size_t end = 0;
  while ((end = buffer_.find('\n')) != std::string::npos) {
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    TakeLine(line);
  }
}

void ServerEventReader::TakeLine(std::string_view line) {
  if (line.empty()) {
    if (!data_.empty()) on_event_(event_, data_);
    event_.clear();
    data_.clear();
    return;
  }
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return;  // a comment, or no value
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (line.substr(0, colon) == "event") event_ = value;
  if (line.substr(0, colon) != "data") return;
  if (!data_.empty()) data_.push_back('\n');
  data_ += value;
}

namespace {

constexpr Nanos kPollInterval = kSecond;
constexpr Nanos kReconnectPause = 2 * kSecond;
constexpr int kMaxAttempts = 30;

std::string RenderRunLine(const Json& run, const Io& io) {
  const std::string& status = run["status"].text();
  const auto duration = static_cast<Nanos>(run["duration_ms"].number() * kMillisecond);
  std::string out = fmt::format(
      "{} {} {} {:>8} {}",
      Paint(IsoTime(run["start_unix_nano"].integer()).substr(11, 12), Colour::kDim, io.colour),
      Paint(run["trace_id"].text().substr(0, 8), Colour::kBold, io.colour),
      Paint(fmt::format("{:<5}", status), StatusColour(status), io.colour), ShortDuration(duration),
      Printable(run["root_name"].text()));
  out += Paint(fmt::format("  {}, {}, {}, {} tokens", Counted(run["spans"].integer(), "span"),
                           Counted(run["steps"].integer(), "LLM call"),
                           Counted(run["tool_calls"].integer(), "tool call"),
                           ShortNumber(run["tokens"]["total"].number())),
               Colour::kDim, io.colour);
  const std::string& error = run["error_message"].text();
  if (!error.empty()) out += "  " + Paint(Printable(error), Colour::kRed, io.colour);
  return out;
}

std::string RenderRunTabs(const Json& run) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", run["trace_id"].text(), run["start"].text(),
                     run["status"].text(), run["duration_ms"].Display(),
                     Printable(run["root_name"].text()), run["spans"].integer(),
                     run["tokens"]["total"].integer());
}

void PrintRun(const Json& run, const Invocation& invocation, Io& io) {
  if (invocation.On("json")) {
    JsonWriter json;
    run.Write(&json);
    io.out << json.text() << "\n";
  } else {
    io.out << (io.out_is_tty ? RenderRunLine(run, io) : RenderRunTabs(run)) << "\n";
  }
  io.out.flush();
}

int TailRuns(ApiClient& api, const Invocation& invocation, int64_t limit, Io& io) {
  int64_t printed = 0;
  int attempts = 0;
  while (true) {
    ServerEventReader reader([&](std::string_view event, const std::string& data) {
      if (event != "run" || (limit > 0 && printed >= limit)) return;
      const auto run = Json::Parse(data);
      if (!run.ok()) return;
      if (!invocation.On("all") && (*run)["status"].text() == "live") return;
      PrintRun(*run, invocation, io);
      ++printed;
    });
    const Status status = api.Stream("/api/v1/live/runs", {}, [&](std::string_view chunk) {
      attempts = 0;
      reader.Feed(chunk);
      return (limit == 0 || printed < limit) && !Interrupted();
    });
    if (status.code() == StatusCode::kCancelled) return kExitOk;
    if (!status.ok() && status.code() != StatusCode::kUnavailable) return ReportError(io, status);
    if (++attempts > (printed == 0 && !status.ok() ? 1 : kMaxAttempts)) {
      return ReportError(io, status.ok() ? Unavailable("the server ended the stream") : status);
    }
    if (printed > 0 || status.ok()) io.err << "reconnecting to " << api.server() << "\n";
    if (!io.sleep(kReconnectPause)) return kExitOk;
  }
}

// The newest records of each second; a record is printed once.
int TailLogs(ApiClient& api, const Invocation& invocation, int64_t limit, Io& io) {
  int64_t printed = 0;
  Nanos since = io.clock.Now() - 10 * kSecond;
  std::map<std::string, Nanos> seen;  // of the window that is asked for again
  while (true) {
    std::string cursor;
    Nanos newest = since;
    do {
      auto page = api.Get("/api/v1/logs", {{"since", std::to_string(since)},
                                           {"service", invocation.Get("service")},
                                           {"severity", invocation.Get("severity")},
                                           {"order", "asc"},
                                           {"limit", "1000"},
                                           {"cursor", cursor}});
      if (!page.ok()) return ReportError(io, page.status());
      for (const Json& record : (*page)["logs"].items()) {
        JsonWriter json;
        record.Write(&json);
        const Nanos time = record["time_unix_nano"].integer();
        newest = std::max(newest, time);
        if (!seen.emplace(json.text(), time).second) continue;
        io.out << (invocation.On("json") ? json.text() : RenderLogLine(record, io)) << "\n";
        if (++printed == limit) return kExitOk;
      }
      cursor = (*page)["next_cursor"].text();
    } while (!cursor.empty());
    io.out.flush();
    // Records may arrive a little out of order: look back ten seconds each time.
    since = std::max(since, newest - 10 * kSecond);
    std::erase_if(seen, [since](const auto& entry) { return entry.second < since; });
    if (!io.sleep(kPollInterval)) return kExitOk;
  }
}

int Tail(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto limit = invocation.Integer("limit", 0);
  if (!limit.ok()) return ReportError(io, limit.status());
  CatchInterrupts();
  if (io.out_is_tty) io.err << "following " << api->server() << "; Ctrl-C ends\n";
  if (invocation.Argument("what") == "logs") return TailLogs(*api, invocation, *limit, io);
  const std::string what = invocation.Argument("what");
  if (what.empty() || what == "runs") return TailRuns(*api, invocation, *limit, io);
  ReportError(io, InvalidArgument(fmt::format("cannot follow '{}'", what), "write runs or logs"));
  return kExitUsage;
}

}  // namespace

Command TailCommand() {
  return {.path = "tail",
          .summary = "Follow runs or log records as they arrive",
          .details =
              "A run is printed when it is complete, or with --all at every change. The "
              "connection is made again when it breaks. Ctrl-C ends.",
          .examples = {{"observatory tail", "Runs as they end"},
                       {"observatory tail --all", "Also every change of runs under way"},
                       {"observatory tail logs --severity warn", "Warnings and errors"}},
          .flags = {{.name = "all", .doc = "Print every change of a run, not only its end"},
                    {.name = "severity",
                     .value = "<level>",
                     .doc = "Logs at least this severe",
                     .choices = {"trace", "debug", "info", "warn", "error", "fatal"}},
                    {.name = "service", .value = "<name>", .doc = "Logs of this service"},
                    {.name = "limit",
                     .value = "<n>",
                     .doc = "End after this many; 0: never",
                     .default_value = "0",
                     .letter = 'n'}},
          .positionals = {{"what", "runs (the default) or logs", false}},
          .run = Tail,
          .uses_server = true,
          .group = "Look"};
}

}  // namespace ao::cli
