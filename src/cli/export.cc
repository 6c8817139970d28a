#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/list_output.h"
#include "cli/progress.h"

namespace ao::cli {
namespace {

// Passes whole lines on and keeps the server's closing error line, if there is one, back.
class LineFilter {
 public:
  explicit LineFilter(std::ostream& out) : out_(out) {}

  bool Take(std::string_view chunk) {
    bytes_ += chunk.size();
    pending_ += chunk;
    const size_t end = pending_.rfind('\n');
    if (end == std::string::npos) return out_.good();
    size_t start = 0;
    while (start <= end) {
      const size_t stop = pending_.find('\n', start);
      const std::string_view line(pending_.data() + start, stop - start + 1);
      if (line.starts_with("{\"error\"")) {
        error_ = line;
      } else if (line.size() > 1) {
        out_ << line;
        ++lines_;
      }
      start = stop + 1;
    }
    pending_.erase(0, end + 1);
    return out_.good();
  }

  // What went wrong on the way, as far as the stream tells.
  Status Finish() const {
    if (!error_.empty()) {
      const auto json = Json::Parse(error_);
      const std::string message = json.ok() ? (*json)["error"]["message"].text() : error_;
      return Internal("cannot export everything: " + message);
    }
    if (!pending_.empty()) return Internal("cannot export everything: the answer was cut off");
    return OkStatus();
  }
  uint64_t bytes() const { return bytes_; }
  uint64_t lines() const { return lines_; }

 private:
  std::ostream& out_;
  std::string pending_, error_;
  uint64_t bytes_ = 0, lines_ = 0;
};

Status ExportSignal(ApiClient& api, const Invocation& invocation, const std::string& signal,
                    const std::string& trace_id, std::ostream& out, Io& io) {
  LineFilter filter(out);
  Progress progress(io, "exporting " + signal, 0);
  const Status status =
      api.Stream("/api/v1/export",
                 {{"signal", signal},
                  {"since", invocation.Get("since")},
                  {"until", invocation.Get("until")},
                  {"trace_id", trace_id}},
                 [&](std::string_view chunk) {
                   progress.Update(filter.bytes() + chunk.size());
                   return filter.Take(chunk) && !Interrupted();
                 });
  out.flush();
  if (!out.good()) return Internal(fmt::format("cannot write {}: disk full or pipe closed", signal));
  AO_TRY(status);
  return filter.Finish();
}

Status ExportToDirectory(ApiClient& api, const Invocation& invocation,
                         const std::vector<std::string>& signals, const std::string& trace_id,
                         Io& io) {
  const std::string directory = invocation.Get("out");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Internal(fmt::format("cannot create {}: {}", directory, error.message()));
  for (const std::string& signal : signals) {
    const std::string path = fmt::format("{}/{}.jsonl", directory, signal);
    // Under its final name only when it is whole.
    const std::string unfinished = path + ".tmp";
    std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
    if (!file) return Internal(fmt::format("cannot create {}", unfinished));
    AO_TRY(ExportSignal(api, invocation, signal, trace_id, file, io));
    file.close();
    std::filesystem::rename(unfinished, path, error);
    if (error) return Internal(fmt::format("cannot create {}: {}", path, error.message()));
    const uint64_t size = std::filesystem::file_size(path, error);
    io.err << fmt::format("wrote {} ({})\n", path, ShortBytes(error ? 0 : size));
  }
  return OkStatus();
}

int Export(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  CatchInterrupts();
  std::vector<std::string> signals = invocation.All("signal");
  if (signals.empty()) signals = {"traces", "logs", "metrics"};
  std::string trace_id = invocation.Get("trace");
  if (!trace_id.empty()) {
    const auto resolved = ResolveTraceId(*api, trace_id);
    if (!resolved.ok()) return ReportError(io, resolved.status());
    trace_id = *resolved;
    if (!invocation.Has("signal")) signals = {"traces", "logs"};
  }
  if (invocation.Has("out")) {
    const Status status = ExportToDirectory(*api, invocation, signals, trace_id, io);
    return status.ok() ? kExitOk : ReportError(io, status);
  }
  for (const std::string& signal : signals) {
    const Status status = ExportSignal(*api, invocation, signal, trace_id, io.out, io);
    if (!status.ok()) return ReportError(io, status);
  }
  return kExitOk;
}

}  // namespace

Command ExportCommand() {
  return {.path = "export",
          .summary = "Write telemetry out as OTLP JSON lines",
          .details = "Lossless: what `observatory import` reads back, or any other OTLP receiver. "
                     "Every line is one request of one signal; in standard output the signals "
                     "follow each other.",
          .examples = {{"observatory export --out backup/", "Everything, a file per signal"},
                       {"observatory export --signal traces --since 1d | gzip > day.jsonl.gz",
                        "The traces of today"},
                       {"observatory export --trace 4bf92f35 > run.jsonl", "One run"}},
          .flags = {{.name = "out",
                     .value = "<dir>",
                     .doc = "Write traces.jsonl, logs.jsonl and metrics.jsonl there instead of to "
                            "standard output",
                     .letter = 'o'},
                    {.name = "signal",
                     .value = "<signal>",
                     .doc = "Only this signal",
                     .repeatable = true,
                     .choices = {"traces", "logs", "metrics"}},
                    {.name = "trace", .value = "<id>", .doc = "Only this run"},
                    SinceFlag(""),
                    UntilFlag()},
          .run = Export,
          .uses_server = true,
          .group = "Move data"};
}

}  // namespace ao::cli
