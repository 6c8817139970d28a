#include <algorithm>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/list_output.h"
#include "cli/log_lines.h"

namespace ao::cli {
namespace {

constexpr int64_t kPage = 1000;  // the server's limit

Colour ColourOf(int64_t severity) {
  if (severity >= 17) return Colour::kRed;
  if (severity >= 13) return Colour::kYellow;
  return severity >= 9 || severity == 0 ? Colour::kNone : Colour::kDim;
}

void AddLog(const Json& record, Table* table) {
  table->Add({{record["time"].text()},
              {record["severity"].text()},
              {record["service"].text()},
              {record["event_name"].text()},
              {record["body"].Display()},
              {record["trace_id"].text()},
              {record["span_id"].text()},
              {record["attributes"].Display()}});
}

int ListLogs(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto limit = invocation.Integer("limit", 1);
  if (!limit.ok()) return ReportError(io, limit.status());
  std::string trace_id = invocation.Get("trace");
  if (!trace_id.empty()) {
    const auto resolved = ResolveTraceId(*api, trace_id);
    if (!resolved.ok()) return ReportError(io, resolved.status());
    trace_id = *resolved;
  }
  // A trace has its own time; the window would only hide parts of it.
  const bool whole_trace = !trace_id.empty() && !invocation.Has("since");
  const std::string since = whole_trace ? "" : invocation.Get("since");

  std::vector<Json> records;
  std::string cursor;
  do {
    const int64_t left = *limit - static_cast<int64_t>(records.size());
    auto page = api->Get("/api/v1/logs", {{"since", since},
                                          {"until", invocation.Get("until")},
                                          {"trace_id", trace_id},
                                          {"service", invocation.Get("service")},
                                          {"severity", invocation.Get("severity")},
                                          {"event_name", invocation.Get("event")},
                                          {"q", invocation.Get("text")},
                                          {"limit", std::to_string(std::min(kPage, left))},
                                          {"cursor", cursor}});
    if (!page.ok()) return ReportError(io, page.status());
    const auto& items = (*page)["logs"].items();
    records.insert(records.end(), items.begin(), items.end());
    cursor = (*page)["next_cursor"].text();
    if (items.empty()) break;
  } while (!cursor.empty() && static_cast<int64_t>(records.size()) < *limit);
  std::reverse(records.begin(), records.end());  // the newest last, as logs are read

  if (invocation.On("json")) {
    for (const Json& record : records) {
      JsonWriter json;
      record.Write(&json);
      io.out << json.text() << "\n";
    }
  } else if (io.out_is_tty) {
    for (const Json& record : records) io.out << RenderLogLine(record, io) << "\n";
  } else {
    Table table({{"time", ""}, {"severity", ""}, {"service", ""}, {"event_name", ""},
                 {"body", ""}, {"trace_id", ""}, {"span_id", ""}, {"attributes", ""}});
    for (const Json& record : records) AddLog(record, &table);
    table.Print(io);
  }
  if (io.out_is_tty && records.empty()) io.err << "no log records; look further back with --since\n";
  if (io.out_is_tty && !cursor.empty()) {
    io.err << fmt::format("the newest {}; see more with --limit\n", records.size());
  }
  return records.empty() && invocation.On("fail-empty") ? kExitNothingFound : kExitOk;
}

}  // namespace

std::string RenderLogLine(const Json& record, const Io& io) {
  const std::string time = IsoTime(record["time_unix_nano"].integer());
  std::string severity = record["severity_text"].text();
  if (severity.empty()) severity = record["severity"].text();
  std::transform(severity.begin(), severity.end(), severity.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string out = Paint(time.substr(11, 12), Colour::kDim, io.colour) + " ";
  out += Paint(Pad(Printable(severity), 5, io.unicode), ColourOf(record["severity_number"].integer()),
               io.colour);
  out += " " + Printable(record["service"].text()) + "  ";
  const std::string& event = record["event_name"].text();
  if (!event.empty()) out += Paint(Printable(event), Colour::kBold, io.colour) + " ";
  out += Printable(record["body"].Display());
  const Json& attributes = record["attributes"];
  for (size_t i = 0; i < attributes.keys().size(); ++i) {
    out += Paint(" " + Printable(attributes.keys()[i] + "=" + attributes.at(i).Display()),
                 Colour::kDim, io.colour);
  }
  const std::string& trace = record["trace_id"].text();
  if (!trace.empty()) out += Paint(" run=" + trace.substr(0, 8), Colour::kDim, io.colour);
  return out;
}

Command LogsCommand() {
  return {.path = "logs",
          .summary = "Search log records",
          .details = "The newest records that match, the oldest of them first. --json prints one "
                     "object a line.",
          .examples = {{"observatory logs --severity warn --since 1d", "Warnings of today"},
                       {"observatory logs --trace 4bf92f35", "Everything one run logged"},
                       {"observatory logs -q 'rate limit' --json | jq .body", "By text, as JSON"}},
          .flags = {SinceFlag("1h"),
                    LimitFlag("100"),
                    {.name = "severity",
                     .value = "<level>",
                     .doc = "At least this severe",
                     .choices = {"trace", "debug", "info", "warn", "error", "fatal"}},
                    {.name = "trace", .value = "<id>", .doc = "Of this run"},
                    {.name = "service", .value = "<name>", .doc = "Of this service"},
                    {.name = "event", .value = "<name>", .doc = "With this event name"},
                    {.name = "text",
                     .value = "<text>",
                     .doc = "With this text in the body, in any case",
                     .letter = 'q'},
                    UntilFlag(),
                    FailEmptyFlag()},
          .run = ListLogs,
          .uses_server = true,
          .group = "Look"};
}

}  // namespace ao::cli
