#include <algorithm>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/list_output.h"

namespace ao::cli {
namespace {

constexpr const char* kFilters[] = {"agent", "model",   "provider",   "service",    "tool",
                                    "user",  "session", "query-type", "environment"};

std::string Parameter(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// "0.0123456" for programs; people see "$0.0123".
std::string Usd(double usd) { return fmt::format("{:.10g}", usd); }
std::string ShownUsd(double usd) { return usd == 0 ? "-" : ShortCost(usd); }

// What a row of sums shows, after its key.
void AddSums(const Json& row, double share, std::vector<Cell>* cells) {
  const double usd = row["usd"].number();
  const Json& per_run = row["usd_per_run"];
  cells->push_back({Usd(usd), ShownUsd(usd), Colour::kBold});
  cells->push_back({fmt::format("{:.4f}", share), fmt::format("{:.0f}%", share * 100)});
  cells->push_back({row["runs"].Display(), ShortNumber(row["runs"].number())});
  for (const char* name : {"mean", "p50", "p95"}) {
    cells->push_back({Usd(per_run[name].number()), ShownUsd(per_run[name].number())});
  }
  cells->push_back({row["calls"].Display(), ShortNumber(row["calls"].number())});
  for (const char* name : {"input_tokens", "output_tokens", "cache_read_tokens"}) {
    cells->push_back({row[name].Display(), ShortNumber(row[name].number())});
  }
  const double assumed = row["default_price_usd"].number();
  cells->push_back({Usd(assumed), ShownUsd(assumed), Colour::kYellow});
}

std::vector<Column> SumColumns() {
  return {{"usd", "COST", true},
          {"share", "SHARE", true},
          {"runs", "RUNS", true},
          {"usd_per_run_mean", "PER RUN", true},
          {"usd_per_run_p50", "P50", true},
          {"usd_per_run_p95", "P95", true},
          {"calls", "CALLS", true},
          {"input_tokens", "IN", true},
          {"output_tokens", "OUT", true},
          {"cache_read_tokens", "CACHED", true},
          {"default_price_usd", "ASSUMED", true, false, true}};
}

Table GroupTable(const Json& answer, bool with_delegated) {
  std::vector<Column> columns;
  for (const Json& field : answer["group"].items()) {
    std::string title = field.text();
    std::transform(title.begin(), title.end(), title.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c == '_' ? ' ' : c;
    });
    columns.push_back({field.text(), title, false, true});
  }
  for (Column& column : SumColumns()) columns.push_back(std::move(column));
  if (with_delegated) columns.push_back({"delegated_usd", "DELEGATED", true});
  Table table(std::move(columns));
  for (const Json& group : answer["groups"].items()) {
    std::vector<Cell> cells;
    for (const Json& value : group["key"].items()) {
      cells.push_back({value.text(), value.text().empty() ? "-" : Printable(value.text())});
    }
    AddSums(group, group["share"].number(), &cells);
    if (with_delegated) {
      const double delegated = group["delegated_usd"].number();
      cells.push_back({Usd(delegated), ShownUsd(delegated)});
    }
    table.Add(std::move(cells));
  }
  return table;
}

Table TotalTable(const Json& answer) {
  Table table(SumColumns());
  std::vector<Cell> cells;
  AddSums(answer["total"], 1, &cells);
  table.Add(std::move(cells));
  return table;
}

// One row a bucket, and a group where there are groups.
Table BucketTable(const Json& answer) {
  std::vector<Column> columns = {{"start", "START"}};
  for (const Json& field : answer["group"].items()) {
    columns.push_back({field.text(), field.text(), false, true});
  }
  columns.push_back({"usd", "COST", true});
  columns.push_back({"runs", "RUNS", true});
  Table table(std::move(columns));
  const auto add = [&](const Json& bucket, const Json& row) {
    std::vector<Cell> cells = {{bucket["start"].text()}};
    for (const Json& value : row["key"].items()) {
      cells.push_back({value.text(), value.text().empty() ? "-" : Printable(value.text())});
    }
    cells.push_back({Usd(row["usd"].number()), ShownUsd(row["usd"].number())});
    cells.push_back({row["runs"].Display()});
    table.Add(std::move(cells));
  };
  for (const Json& bucket : answer["buckets"].items()) {
    if (answer["group"].size() == 0) {
      add(bucket, bucket);
    } else {
      for (const Json& group : bucket["groups"].items()) add(bucket, group);
    }
  }
  return table;
}

int ShowCost(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  ApiClient::Query query = {{"since", invocation.Get("since")},
                            {"until", invocation.Get("until")},
                            {"step", invocation.Get("step")},
                            {"group", invocation.Get("by")},
                            {"limit", invocation.Get("limit")}};
  for (const char* filter : kFilters) {
    query.emplace_back(Parameter(filter), invocation.Get(filter));
  }
  const auto answer = api->Get("/api/v1/cost", query);
  if (!answer.ok()) return ReportError(io, answer.status());
  const bool any = (*answer)["total"]["runs"].integer() > 0;
  if (invocation.On("json")) {
    JsonWriter json;
    answer->Write(&json);
    io.out << json.text() << "\n";
  } else if (any || !io.out_is_tty) {
    const std::string by = invocation.Get("by");
    const Table table = !invocation.Get("step").empty() ? BucketTable(*answer)
                        : by.empty()                    ? TotalTable(*answer)
                                                        : GroupTable(*answer, by == "agent");
    table.Print(io);
    if (io.out_is_tty && !by.empty() && invocation.Get("step").empty()) {
      const Json& total = (*answer)["total"];
      io.err << fmt::format("{} in {} since {}\n", ShownUsd(total["usd"].number()),
                            Counted(total["runs"].integer(), "run"), invocation.Get("since"));
    }
  } else {
    io.err << fmt::format("no run used a model since {}; look further back with --since 7d\n",
                          invocation.Get("since"));
  }
  return !any && invocation.On("fail-empty") ? kExitNothingFound : kExitOk;
}

}  // namespace

Command CostCommand() {
  std::vector<Flag> flags = {
      SinceFlag("1d"),
      UntilFlag(),
      {.name = "by",
       .value = "<fields>",
       .doc = "Add up by these, separated by commas: agent, model, provider, service, tool, user, "
              "session, query_type, environment, cost_source, project; \"\" is the total alone",
       .default_value = "agent"},
      {.name = "step", .value = "<duration>", .doc = "By time as well, in buckets of this length"},
      LimitFlag("100"),
  };
  for (const char* filter : kFilters) {
    Flag flag{
        .name = filter, .value = "<name>", .doc = "Only of this (a last * matches any suffix)"};
    flag.advanced = true;
    flags.push_back(std::move(flag));
  }
  flags.push_back(FailEmptyFlag());
  return {
      .path = "cost",
      .summary = "Show what calls to models cost",
      .details =
          "PER RUN, P50 and P95 are over the runs that used the row at all. ASSUMED is the part "
          "at the default price, of models that no price is known for. DELEGATED, with --by "
          "agent, is what the agents that it called cost in the same runs, in full for each "
          "caller. docs/cost.md says where prices come from.",
      .examples = {{"observatory cost", "By agent, the last day"},
                   {"observatory cost --by model,agent --since 7d", "By model and agent"},
                   {"observatory cost --by model --step 1h --json", "Over time, as JSON"},
                   {"observatory cost --by user -n 10 --agent 'loan-*'",
                    "The ten most expensive users of some agents"}},
      .flags = std::move(flags),
      .run = ShowCost,
      .uses_server = true,
      .group = "Look"};
}

}  // namespace ao::cli
