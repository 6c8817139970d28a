#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/list_output.h"

namespace ao::cli {
namespace {

// Flags that are passed on under the same name with '-' as '_'.
constexpr struct {
  const char* name;
  const char* value;
  const char* doc;
  bool advanced;
} kFilters[] = {
    {"agent", "<name>", "Of this agent (a last * matches any suffix, here and below)", false},
    {"status", "<status>", "That ended so", false},
    {"service", "<name>", "Of this service", false},
    {"session", "<id>", "Of this session", false},
    {"user", "<id>", "Of this user", false},
    {"model", "<name>", "That called this model", false},
    {"tool", "<name>", "That called this tool", false},
    {"query-type", "<name>", "With this agent.query_type", false},
    {"environment", "<name>", "Of this deployment environment", true},
    {"min-duration", "<duration>", "That took at least this long", true},
    {"max-duration", "<duration>", "That took at most this long", true},
    {"min-cost", "<usd>", "That cost at least this much", true},
    {"max-cost", "<usd>", "That cost at most this much", true},
    {"min-tokens", "<n>", "That used at least this many tokens", true},
    {"max-tokens", "<n>", "That used at most this many tokens", true},
    {"min-steps", "<n>", "With at least this many LLM calls", true},
    {"max-steps", "<n>", "With at most this many LLM calls", true},
};

std::vector<Flag> RunFlags() {
  std::vector<Flag> flags = {SinceFlag("1h"), LimitFlag("25")};
  flags.push_back({.name = "text",
                   .value = "<text>",
                   .doc = "With this text in the name, the previews or the error message",
                   .letter = 'q'});
  for (const auto& filter : kFilters) {
    Flag flag{.name = filter.name, .value = filter.value, .doc = filter.doc};
    flag.advanced = filter.advanced;
    if (flag.name == "status") flag.choices = {"ok", "error", "live"};
    flags.push_back(std::move(flag));
  }
  flags.push_back({.name = "sort",
                   .value = "<column>",
                   .doc = "Sort by",
                   .default_value = "start",
                   .choices = {"start", "duration", "cost", "tokens", "steps", "spans", "errors"}});
  flags.push_back({.name = "order",
                   .value = "<order>",
                   .doc = "Direction",
                   .default_value = "desc",
                   .choices = {"desc", "asc"}});
  flags.push_back(UntilFlag());
  flags.push_back(FailEmptyFlag());
  flags.push_back({.name = "quiet", .doc = "No notes on standard error"});
  return flags;
}

constexpr int64_t kPage = 1000;  // the server's limit

// The words of a condition; they may have come as one argument or as several.
std::string QueryText(const Invocation& invocation) {
  std::string text;
  for (const std::string& word : invocation.Arguments("query")) {
    text.append(text.empty() ? "" : " ").append(word);
  }
  return text;
}

// The window that --since stands for; none when the query says itself how far back it looks.
std::string SinceOf(const Invocation& invocation, const std::string& query) {
  for (const char* own : {"since:", "after:", "start>", "start:", "start="}) {
    if (query.find(own) != std::string::npos && !invocation.Given("since")) return {};
  }
  return invocation.Get("since");
}

int ListRuns(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  const auto limit = invocation.Integer("limit", 1);
  if (!limit.ok()) return ReportError(io, limit.status());

  const std::string condition = QueryText(invocation);
  const std::string since = SinceOf(invocation, condition);
  ApiClient::Query query = {{"since", since},
                            {"query", condition},
                            {"until", invocation.Get("until")},
                            {"q", invocation.Get("text")},
                            {"sort", invocation.Get("sort")},
                            {"order", invocation.Get("order")}};
  for (const auto& filter : kFilters) {
    std::string name = filter.name;
    std::replace(name.begin(), name.end(), '-', '_');
    query.emplace_back(name, invocation.Get(filter.name));
  }

  Table table = NewRunTable();
  JsonWriter objects;
  objects.BeginArray();
  int64_t shown = 0, total = 0;
  std::string cursor;
  do {
    ApiClient::Query page_query = query;
    page_query.emplace_back("limit", std::to_string(std::min(kPage, *limit - shown)));
    page_query.emplace_back("cursor", cursor);
    auto page = api->Get("/api/v1/runs", page_query);
    if (!page.ok()) return ReportError(io, page.status());
    for (const Json& run : (*page)["runs"].items()) {
      AddRun(run, io.clock.Now(), &table);
      run.Write(&objects);
      ++shown;
    }
    if (cursor.empty()) total = (*page)["total"].integer();
    cursor = (*page)["next_cursor"].text();
    if ((*page)["runs"].size() == 0) break;
  } while (!cursor.empty() && shown < *limit);
  objects.EndArray();

  if (invocation.On("json")) {
    io.out << objects.text() << "\n";
  } else if (shown > 0 || !io.out_is_tty) {
    table.Print(io);
  }
  if (!invocation.On("quiet") && io.out_is_tty) {
    if (shown == 0) {
      io.err << (since.empty()
                     ? std::string("no such runs\n")
                     : fmt::format("no runs since {}; look further back with --since 7d\n", since));
    } else if (total > shown) {
      io.err << fmt::format("{} of {} runs{}{}; see more with --limit\n", shown, total,
                            since.empty() ? "" : " since ", since);
    }
  }
  return shown == 0 && invocation.On("fail-empty") ? kExitNothingFound : kExitOk;
}

Command ListCommand(std::string path, std::string summary) {
  return {.path = path,
          .summary = std::move(summary),
          .details =
              "A query (docs/search.md) is conditions such as agent:researcher cost>0.10 "
              "status:error \"free text\", joined by AND (the default), OR, NOT and parentheses; "
              "quote it for your shell. Without --since, and without since: in the query, the last "
              "hour is shown. In a pipe the lines are "
              "tab-separated with full values; --json prints an array of objects.",
          .examples = {{fmt::format("observatory {}", path), "The last hour, newest first"},
                       {fmt::format("observatory {} --status error --since 1d", path),
                        "What failed today"},
                       {fmt::format("observatory {} 'agent:researcher model:gpt-4o* cost>0.10 "
                                    "tool:web_search'",
                                    path),
                        "In the search language"},
                       {fmt::format("observatory {} --sort cost --since 7d -n 10", path),
                        "The ten most expensive of the week"},
                       {fmt::format("observatory {} --agent 'loan-*' --tool search --json", path),
                        "By agent and tool, as JSON"}},
          .flags = RunFlags(),
          .positionals = {{"query", "Conditions in the search language", false, true}},
          .run = ListRuns,
          .uses_server = true,
          .group = "Look"};
}

}  // namespace

Command RunsCommand() { return ListCommand("runs", "List agent runs"); }
Command TracesCommand() { return ListCommand("traces", "List traces (the same as runs)"); }

}  // namespace ao::cli
