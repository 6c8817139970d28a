#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/ostream.h>

#include "app/bench/bench.h"
#include "app/commands.h"
#include "base/file.h"
#include "base/json_writer.h"

namespace ao::app {
namespace {

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> items;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

Status WriteReport(const std::vector<bench::Figure>& figures, const std::string& path) {
  JsonWriter json;
  json.BeginObject().Key("figures").BeginArray();
  for (const bench::Figure& figure : figures) {
    json.BeginObject().Field("name", figure.name).Field("value", figure.value);
    json.FieldIfSet("unit", figure.unit).FieldIfSet("goal", figure.goal).EndObject();
  }
  json.EndArray().EndObject();
  return WriteFileAtomically(PosixFileSystem(), path, json.text() + "\n");
}

int Bench(const cli::Invocation& invocation, cli::Io& io) {
  bench::BenchOptions options;
  options.directory = invocation.Get("directory");
  options.only = SplitList(invocation.Get("only"));
  const auto spans = invocation.Integer("query-spans", 100'000);
  if (!spans.ok()) return cli::ReportError(io, spans.status());
  options.query_spans = *spans;
  const auto seconds = invocation.Integer("seconds", 1);
  if (!seconds.ok()) return cli::ReportError(io, seconds.status());
  options.seconds = static_cast<int>(*seconds);

  std::vector<bench::Figure> figures;
  const Status status = bench::RunBench(options, [&](const bench::Figure& figure) {
    fmt::print(io.out, "{:<40} {:>14.2f} {:<14} {}\n", figure.name, figure.value, figure.unit,
               figure.goal.empty() ? "" : "goal " + figure.goal);
    io.out.flush();
    figures.push_back(figure);
  });
  if (!status.ok()) return cli::ReportError(io, status);
  if (const std::string path = invocation.Get("output"); !path.empty()) {
    if (Status written = WriteReport(figures, path); !written.ok()) {
      return cli::ReportError(io, written);
    }
  }
  return cli::kExitOk;
}

}  // namespace

cli::Command BenchCommand() {
  return {.path = "bench",
          .summary = "Measure speed and size on this machine",
          .details =
              "Starts servers of its own on free ports with scratch data directories, loads "
              "them over loopback, and prints each figure beside its goal.",
          .examples = {{"observatory bench --output bench.json", "all phases"},
                       {"observatory bench --only small,startup --seconds 5", "two of them"}},
          .flags = {{.name = "directory",
                     .value = "<path>",
                     .doc = "Where the scratch data directories are made",
                     .default_value = "observatory-bench"},
                    {.name = "only",
                     .value = "<phase,...>",
                     .doc = "Phases to run: yardstick, small, llm, dedup, startup, queries"},
                    {.name = "query-spans",
                     .value = "<n>",
                     .doc = "Spans stored before the second round of queries",
                     .default_value = "10000000"},
                    {.name = "seconds",
                     .value = "<n>",
                     .doc = "Length of each ingest phase",
                     .default_value = "10"},
                    {.name = "output", .value = "<file>", .doc = "Write the figures as JSON, too"}},
          .run = Bench,
          .group = "Server"};
}

}  // namespace ao::app
