#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "api/json.h"
#include "api/rest/families.h"
#include "api/rest/run_query.h"
#include "api/time_text.h"

namespace ao::api {
namespace {

using storage::Quantiles;
using storage::RunMeasure;

constexpr int64_t kMaxPoints = 2000;
constexpr std::string_view kMeasures = "duration|cost|tokens|steps|tool_calls|spans";

RunMeasure MeasureOf(std::string_view name) {
  const auto* at =
      std::find(std::begin(storage::kRunMeasureNames), std::end(storage::kRunMeasureNames), name);
  return static_cast<RunMeasure>(at - std::begin(storage::kRunMeasureNames));
}

// Durations are in nanoseconds inside and in milliseconds outside.
double Outside(RunMeasure measure, double value) {
  return measure == RunMeasure::kDuration ? value / 1e6 : value;
}
std::string_view UnitOf(RunMeasure measure) {
  if (measure == RunMeasure::kDuration) return "ms";
  return measure == RunMeasure::kCost ? "usd" : "1";
}

Status CheckPoints(Nanos first, Nanos last, Nanos step) {
  if (step <= 0 || (last - first) / step <= kMaxPoints) return OkStatus();
  return InvalidArgument(
      fmt::format("cannot divide the time: a step of {} s gives more than {} points between {} and "
                  "{}",
                  step / kSecond, kMaxPoints, FormatTime(first), FormatTime(last)),
      "take a longer step or a shorter time");
}

// The same for what was found, when no beginning was given. Points are in the order of time.
template <typename Points>
Status CheckFound(const Points& points, Nanos step) {
  if (points.empty()) return OkStatus();
  return CheckPoints(points.front().start, points.back().start, step);
}

// The step that was asked for; refuses one that makes too many points.
Result<Nanos> StepOf(const Context& context, const Call& call, const storage::TimeRange& range) {
  const auto step = call.arguments.integer("step");
  if (!step) return Nanos{0};
  if (*step < kSecond) {
    return InvalidArgument("cannot read parameter \"step\": it is less than 1 s");
  }
  const Nanos until = range.until != 0 ? range.until : context.clock.Now();
  if (range.since != 0) AO_TRY(CheckPoints(range.since, until, *step));
  return *step;
}

void WriteWindow(const storage::TimeRange& range, Nanos step, JsonWriter& json) {
  WriteTime("since", range.since, json);
  WriteTime("until", range.until, json);
  if (step > 0) json.Field("step_ms", static_cast<double>(step) / 1e6);
}

void WriteQuantiles(RunMeasure measure, const Quantiles& q, JsonWriter& json) {
  json.BeginObject().Field("p50", Outside(measure, q.p50)).Field("p95", Outside(measure, q.p95));
  json.Field("p99", Outside(measure, q.p99)).EndObject();
}

void WriteFigures(const storage::RunFigures& f, JsonWriter& json) {
  json.Field("runs", f.runs).Field("errors", f.errors).Field("live", f.live);
  json.Field("steps", f.steps).Field("tool_calls", f.tool_calls).Key("tokens").BeginObject();
  json.Field("input", f.input_tokens).Field("output", f.output_tokens);
  json.Field("total", f.total_tokens).EndObject().Field("cost_usd", f.cost_usd).Key("duration_ms");
  if (f.runs == f.live) {
    json.Null();
  } else {
    WriteQuantiles(RunMeasure::kDuration, f.duration, json);
  }
}

void WritePoints(const std::vector<storage::RunSeries::Point>& points, JsonWriter& json) {
  json.Key("points").BeginArray();
  for (const storage::RunSeries::Point& point : points) {
    json.BeginObject();
    WriteTime("start", point.start, json);
    WriteFigures(point.figures, json);
    json.EndObject();
  }
  json.EndArray();
}

Result<net::HttpResponse> GetSeries(Context& context, const Call& call) {
  storage::SeriesQuery query;
  AO_ASSIGN_OR_RETURN(query.runs, RunQueryOf(context, call));
  AO_ASSIGN_OR_RETURN(query.step, StepOf(context, call, query.runs.range));
  query.by = call.arguments.string("by");
  query.groups = *call.arguments.integer("groups");
  AO_ASSIGN_OR_RETURN(const storage::RunSeries series, context.store.statistics().Series(query));
  AO_TRY(CheckFound(series.points, query.step));
  JsonWriter json;
  json.BeginObject();
  WriteWindow(query.runs.range, query.step, json);
  json.Key("total").BeginObject();
  WriteFigures(series.total, json);
  json.EndObject();
  if (query.step > 0) WritePoints(series.points, json);
  json.Key("groups").BeginArray();
  for (const storage::RunSeries::Group& group : series.groups) {
    json.BeginObject().Field("key", group.key).Field("others", group.others);
    WriteFigures(group.total, json);
    if (query.step > 0) WritePoints(group.points, json);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

Result<storage::HistogramQuery> HistogramOf(Context& context, const Call& call) {
  storage::HistogramQuery query;
  AO_ASSIGN_OR_RETURN(query.runs, RunQueryOf(context, call));
  query.measure = MeasureOf(call.arguments.text("field"));
  return query;
}

void WriteHistogram(RunMeasure measure, const storage::RunHistogram& histogram, JsonWriter& json) {
  json.Field("field", storage::kRunMeasureNames[static_cast<size_t>(measure)]);
  json.Field("unit", UnitOf(measure)).Field("runs", histogram.runs);
  for (const auto& [name, value] : {std::pair<std::string_view, double>{"min", histogram.min},
                                    {"max", histogram.max},
                                    {"mean", histogram.mean}}) {
    json.Field(name, Outside(measure, value));
  }
  json.Key("quantiles");
  WriteQuantiles(measure, histogram.quantiles, json);
  json.Key("bins").BeginArray();
  for (const storage::RunHistogram::Bin& bin : histogram.bins) {
    json.BeginObject().Field("from", Outside(measure, bin.from));
    json.Field("to", Outside(measure, bin.to)).Field("runs", bin.runs);
    json.Field("errors", bin.errors).EndObject();
  }
  json.EndArray();
}

Result<net::HttpResponse> GetHistogram(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(storage::HistogramQuery query, HistogramOf(context, call));
  query.logarithmic = call.arguments.text("scale") == "log";
  query.bins = *call.arguments.integer("bins");
  AO_ASSIGN_OR_RETURN(const storage::RunHistogram histogram,
                      context.store.statistics().Histogram(query));
  JsonWriter json;
  json.BeginObject();
  WriteWindow(query.runs.range, 0, json);
  WriteHistogram(query.measure, histogram, json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> GetHeatmap(Context& context, const Call& call) {
  AO_ASSIGN_OR_RETURN(storage::HistogramQuery query, HistogramOf(context, call));
  AO_ASSIGN_OR_RETURN(query.step, StepOf(context, call, query.runs.range));
  AO_ASSIGN_OR_RETURN(const storage::RunHistogram histogram,
                      context.store.statistics().Histogram(query));
  AO_TRY(CheckFound(histogram.cells, query.step));
  JsonWriter json;
  json.BeginObject();
  WriteWindow(query.runs.range, query.step, json);
  WriteHistogram(query.measure, histogram, json);
  json.Key("cells").BeginArray();
  for (const storage::RunHistogram::Cell& cell : histogram.cells) {
    json.BeginObject();
    WriteTime("start", cell.start, json);
    json.Field("bin", static_cast<int64_t>(cell.bin)).Field("runs", cell.runs);
    json.Field("errors", cell.errors).EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> GetTools(Context& context, const Call& call) {
  storage::ToolQuery query;
  AO_ASSIGN_OR_RETURN(query.runs, RunQueryOf(context, call));
  AO_ASSIGN_OR_RETURN(query.step, StepOf(context, call, query.runs.range));
  query.tools = *call.arguments.integer("tools");
  AO_ASSIGN_OR_RETURN(const storage::ToolSeries series, context.store.statistics().Tools(query));
  for (const storage::ToolSeries::Tool& tool : series.tools) {
    AO_TRY(CheckFound(tool.points, query.step));
  }
  JsonWriter json;
  json.BeginObject();
  WriteWindow(query.runs.range, query.step, json);
  json.Key("tools").BeginArray();
  for (const storage::ToolSeries::Tool& tool : series.tools) {
    json.BeginObject().Field("tool", tool.tool).Field("others", tool.others);
    json.Field("calls", tool.calls).Field("errors", tool.errors).Field("runs", tool.runs);
    json.Field("duration_ms", Outside(RunMeasure::kDuration, static_cast<double>(tool.duration)));
    if (query.step > 0) json.Key("points").BeginArray();
    for (const storage::ToolSeries::Point& point : tool.points) {
      json.BeginObject();
      WriteTime("start", point.start, json);
      json.Field("calls", point.calls).Field("errors", point.errors).EndObject();
    }
    if (query.step > 0) json.EndArray();
    json.EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

Result<net::HttpResponse> GetDifferences(Context& context, const Call& call) {
  const Arguments& a = call.arguments;
  storage::DifferenceQuery query;
  AO_ASSIGN_OR_RETURN(query.runs, RunQueryOf(context, call));
  query.measure = MeasureOf(a.text("field"));
  query.selected = {a.time("selected_since"), a.time("selected_until")};
  if (query.selected.until != 0 && query.selected.since >= query.selected.until) {
    return InvalidArgument("cannot compare runs: selected_since is not before selected_until");
  }
  const double scale = query.measure == RunMeasure::kDuration ? 1e6 : 1;
  if (const auto min = a.number("min")) query.min = *min * scale;
  if (const auto max = a.number("max")) query.max = *max * scale;
  if (query.min && query.max && *query.min >= *query.max) {
    return InvalidArgument("cannot compare runs: min is not less than max");
  }
  query.limit = *a.integer("limit");
  AO_ASSIGN_OR_RETURN(const storage::RunDifferences differences,
                      context.store.statistics().Differences(query));
  JsonWriter json;
  json.BeginObject();
  WriteWindow(query.runs.range, 0, json);
  json.Field("selected", differences.selected).Field("rest", differences.rest);
  const auto share = [](int64_t part, int64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  json.Key("values").BeginArray();
  for (const storage::RunDifferences::Value& value : differences.values) {
    json.BeginObject().Field("field", value.field).Field("value", value.value);
    json.Field("selected", value.selected).Field("rest", value.rest);
    json.Field("selected_share", share(value.selected, differences.selected));
    json.Field("rest_share", share(value.rest, differences.rest)).Field("z", value.z).EndObject();
  }
  json.EndArray().EndObject();
  return JsonResponse(std::move(json));
}

Parameter Step(std::string_view fallback) {
  return {"step", Type::kDuration, "also by time, in buckets of this length", {}, fallback};
}
Parameter Field() {
  return {"field", Type::kChoice, "what a run is measured by", kMeasures, "duration"};
}

std::vector<Parameter> WithFilters(std::vector<Parameter> own) {
  std::vector<Parameter> parameters = RunFilters();
  parameters.insert(parameters.end(), own.begin(), own.end());
  return parameters;
}

}  // namespace

std::vector<Endpoint> StatisticsEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/stats/series",
       .summary = "Runs, errors, latency, tokens and cost, by time and by one field",
       .parameters =
           WithFilters({Step({}),
                        {"by", Type::kChoice, "also by this field",
                         "agent|service|environment|status|query_type|outcome|user|root_name"},
                        {"groups",
                         Type::kInteger,
                         "groups told apart; the rest is added up",
                         {},
                         "8",
                         1,
                         100}}),
       .response =
           "{since, until, step_ms?, total, points?: [{start}], groups: [{key, others, points?}]}. "
           "total, points and groups have runs, errors, live, steps, tool_calls, tokens {input, "
           "output, total}, cost_usd and duration_ms {p50, p95, p99}: exact, of runs that are not "
           "live, null without any. Times without a run are left out; groups beyond the limit are "
           "one with others: true.",
       .handler = &GetSeries},
      {.method = "GET",
       .pattern = "/api/v1/stats/histogram",
       .summary = "How a measure of runs is distributed",
       .parameters =
           WithFilters({Field(),
                        {"scale", Type::kChoice,
                         "bins of equal ratio (ten a decade) or equal width", "log|linear", "log"},
                        {"bins",
                         Type::kInteger,
                         "with scale linear: at most about as many",
                         {},
                         "40",
                         1,
                         500}}),
       .response =
           "{since, until, field, unit, runs, min, max, mean, quantiles: {p50, p95, p99}, bins: "
           "[{from, to, runs, errors}]}: the bins that have runs; a value is in [from, to). Values "
           "of 0 have the bin from 0 to 0 when bins have equal ratio. Durations are in ms, without "
           "live runs.",
       .handler = &GetHistogram},
      {.method = "GET",
       .pattern = "/api/v1/stats/heatmap",
       .summary = "How a measure of runs is distributed over time",
       .parameters = WithFilters({Field(), Step("1m")}),
       .response = "As the histogram, with step_ms and cells: [{start, bin, runs, errors}]; bin is "
                   "an index "
                   "into bins.",
       .handler = &GetHeatmap},
      {.method = "GET",
       .pattern = "/api/v1/stats/tools",
       .summary = "Tool calls and their errors, by tool and time",
       .parameters = WithFilters(
           {Step({}),
            {"tools", Type::kInteger, "tools told apart; the rest is added up", {}, "12", 1, 100}}),
       .response =
           "{since, until, step_ms?, tools: [{tool, others, calls, errors, runs, duration_ms, "
           "points?: [{start, calls, errors}]}]}, most calls first.",
       .handler = &GetTools},
      {.method = "GET",
       .pattern = "/api/v1/stats/differences",
       .summary = "What selected runs have more often than the others",
       .parameters = WithFilters(
           {Field(),
            {"min", Type::kNumber, "selects runs whose field is at least this (durations in ms)"},
            {"max", Type::kNumber, "selects runs whose field is less than this"},
            {"selected_since", Type::kTime, "selects runs that began from this time on"},
            {"selected_until", Type::kTime, "selects runs that began before this time"},
            Limit("30")}),
       .response =
           "{since, until, selected, rest, values: [{field, value, selected, rest, selected_share, "
           "rest_share, z}]}: values over-represented in the selection, by the z of the "
           "two-proportion test, at least 2. The rest are the runs that match the filters and are "
           "not selected.",
       .handler = &GetDifferences},
  };
}

}  // namespace ao::api
