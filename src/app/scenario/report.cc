#include "app/scenario/report.h"

#include <algorithm>
#include <map>

#include <fmt/ostream.h>

#include "base/json_writer.h"
#include "cli/format.h"
#include "cli/http_client.h"

namespace ao::app {
namespace {

constexpr size_t kOutcomesShown = 8;
constexpr std::string_view kNoDetector =
    "this server does not detect incidents; the columns are empty";

struct Figures {
  int64_t runs = 0, failed = 0, tokens = 0, steps = 0;
  double duration_ms = 0;
  std::map<std::string, int64_t> outcomes;

  void Add(const Outcome& outcome) {
    ++runs;
    failed += outcome.ok ? 0 : 1;
    tokens += outcome.tokens;
    steps += outcome.steps;
    duration_ms += outcome.duration_ms;
    if (!outcome.outcome.empty()) ++outcomes[outcome.outcome];
  }
  double Mean(double sum) const { return runs == 0 ? 0 : sum / static_cast<double>(runs); }
};

bool Affects(const scenario::Fault& fault, const Outcome& outcome) {
  const auto& types = fault.truth.query_types;
  return types.empty() || std::find(types.begin(), types.end(), outcome.query_type) != types.end();
}

// Of the jobs a fault affects: before any fault began, and while this one lasted.
struct BeforeAndDuring {
  Figures before, during;
};
BeforeAndDuring FiguresOf(const Report& report, const scenario::Fault& fault) {
  BeforeAndDuring figures;
  const Nanos calm_until = report.play.start + report.scenario.faults.front().at;
  for (const Outcome& outcome : report.play.outcomes) {
    if (!Affects(fault, outcome)) continue;
    const Nanos into = outcome.at - report.play.start;
    if (outcome.at < calm_until) figures.before.Add(outcome);
    if (into >= fault.at && into < fault.until) figures.during.Add(outcome);
  }
  return figures;
}

void WriteFigures(const Figures& figures, JsonWriter* json) {
  json->BeginObject().Field("runs", figures.runs).Field("failed", figures.failed);
  json->Field("mean_tokens", figures.Mean(static_cast<double>(figures.tokens)));
  json->Field("mean_steps", figures.Mean(static_cast<double>(figures.steps)));
  json->Field("mean_duration_ms", figures.Mean(figures.duration_ms));
  json->Key("outcomes").BeginObject();
  for (const auto& [outcome, count] : figures.outcomes) json->Field(outcome, count);
  json->EndObject().EndObject();
}

void WriteTexts(const std::vector<std::string>& texts, JsonWriter* json) {
  json->BeginArray();
  for (const std::string& text : texts) json->Value(text);
  json->EndArray();
}

void WriteFault(const Report& report, const scenario::Fault& fault, JsonWriter* json) {
  const BeforeAndDuring figures = FiguresOf(report, fault);
  json->BeginObject().Field("name", fault.name);
  json->Field("started_at", cli::IsoTime(report.play.start + fault.at));
  json->Field("ended_at", cli::IsoTime(report.play.start + fault.until));
  json->Key("truth").BeginObject().Field("silent", fault.truth.silent);
  json->Field("kind", fault.truth.kind).Field("cause", fault.truth.cause).Key("signals");
  WriteTexts(fault.truth.signals, json);
  json->Key("query_types");
  WriteTexts(fault.truth.query_types, json);
  json->EndObject().Key("before");
  WriteFigures(figures.before, json);
  json->Key("during");
  WriteFigures(figures.during, json);
  for (const std::string_view column : {"detected", "detected_at", "delay_s", "detected_cause"}) {
    json->Key(column).Null();
  }
  json->EndObject();
}

void WriteRuns(const Report& report, JsonWriter* json) {
  std::map<std::string, Figures> by_type;
  Figures all;
  for (const Outcome& outcome : report.play.outcomes) {
    all.Add(outcome);
    by_type[outcome.query_type].Add(outcome);
  }
  json->BeginObject().Field("sent", all.runs).Field("failed", all.failed).Key("stored");
  report.stored_runs < 0 ? json->Null() : json->Value(report.stored_runs);
  json->Field("tokens", all.tokens).Key("by_query_type").BeginObject();
  for (const auto& [type, figures] : by_type) json->Field(type, figures.runs);
  json->EndObject().EndObject();
}

std::string OutcomesText(const Figures& figures) {
  if (figures.outcomes.empty()) {
    return fmt::format("{} failed, {:.0f} tokens, {:.0f} ms", figures.failed,
                       figures.Mean(static_cast<double>(figures.tokens)),
                       figures.Mean(figures.duration_ms));
  }
  std::vector<std::pair<int64_t, std::string>> by_count;
  for (const auto& [outcome, count] : figures.outcomes) by_count.emplace_back(-count, outcome);
  std::sort(by_count.begin(), by_count.end());
  std::string text;
  for (size_t i = 0; i < std::min(by_count.size(), kOutcomesShown); ++i) {
    text += fmt::format("{}{:.0f} % {}", i == 0 ? "" : ", ",
                        -100.0 * figures.Mean(static_cast<double>(by_count[i].first)),
                        by_count[i].second);
  }
  return fmt::format("{}, {} failed, {:.0f} tokens, {:.0f} ms", text, figures.failed,
                     figures.Mean(static_cast<double>(figures.tokens)),
                     figures.Mean(figures.duration_ms));
}

std::optional<cli::Json> Get(const std::string& url, cli::Io& io) {
  const auto response = io.http.Send({.url = url, .headers = {}, .body = {}});
  if (!response.ok() || response->status != 200) return std::nullopt;
  auto json = cli::Json::Parse(response->body);
  return json.ok() ? std::optional(std::move(*json)) : std::nullopt;
}

// How many of the runs the server has; -1 when it does not say.
int64_t StoredRuns(const Play& play, const std::string& server_url, cli::Io& io) {
  int64_t stored = 0;
  for (const Outcome& outcome : play.outcomes) {
    if (outcome.trace_id.empty()) continue;
    const auto response = io.http.Send(
        {.url = server_url + "/api/v1/runs/" + outcome.trace_id, .headers = {}, .body = {}});
    const int status = response.ok() ? static_cast<int>(response->status) : 0;
    if (status != 200 && status != 404 && status != 400) return -1;  // 400: no trace id at all
    stored += status == 200 ? 1 : 0;
  }
  return stored;
}

}  // namespace

Report MakeReport(const scenario::Scenario& scenario, const Play& play,
                  const std::string& server_url, cli::Io& io) {
  Report report{scenario, play, server_url};
  report.stored_runs = StoredRuns(play, server_url, io);
  report.incidents = Get(server_url + "/api/v1/incidents", io);
  return report;
}

std::string ReportJson(const Report& report) {
  JsonWriter json;
  json.BeginObject().Field("scenario", report.scenario.name);
  json.Field("summary", report.scenario.summary).Field("seed", report.scenario.seed);
  json.Field("speed", report.play.speed == 0 ? "max" : fmt::format("{:g}", report.play.speed));
  json.Field("started_at", cli::IsoTime(report.play.start));
  json.Field("ended_at", cli::IsoTime(report.play.end));
  json.Field("interrupted", report.play.interrupted).Field("server", report.server_url);
  json.Key("runs");
  WriteRuns(report, &json);
  json.Key("faults").BeginArray();
  for (const scenario::Fault& fault : report.scenario.faults) WriteFault(report, fault, &json);
  json.EndArray().Key("detection").BeginObject();
  json.Field("available", report.incidents.has_value());
  if (!report.incidents) json.Field("note", kNoDetector);
  json.Key("incidents");
  report.incidents ? report.incidents->Write(&json) : void(json.BeginArray().EndArray());
  return json.EndObject().EndObject().Take();
}

void PrintReport(const Report& report, std::ostream& out) {
  int64_t failed = 0;
  for (const Outcome& outcome : report.play.outcomes) failed += outcome.ok ? 0 : 1;
  fmt::print(out, "{}: {}\n", report.scenario.name, report.scenario.summary);
  fmt::print(out, "{} to {}: {} runs, {} failed, {} stored\n", cli::IsoTime(report.play.start),
             cli::IsoTime(report.play.end), report.play.outcomes.size(), failed,
             report.stored_runs < 0 ? "?" : fmt::to_string(report.stored_runs));
  for (const scenario::Fault& fault : report.scenario.faults) {
    const BeforeAndDuring figures = FiguresOf(report, fault);
    fmt::print(out, "\n{} ({}, from {})\n", fault.name, fault.truth.silent ? "silent" : "loud",
               cli::IsoTime(report.play.start + fault.at));
    fmt::print(out, "  truth     {}: {}\n", fault.truth.kind, fault.truth.cause);
    fmt::print(out, "  before    {}\n", OutcomesText(figures.before));
    fmt::print(out, "  during    {}\n", OutcomesText(figures.during));
    fmt::print(out, "  detected  -\n");
  }
  if (!report.incidents) fmt::print(out, "\nDetection: {}.\n", kNoDetector);
}

}  // namespace ao::app
