#include "cli/list_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/api_client.h"

namespace ao::cli {
namespace {

constexpr size_t kShortId = 8;
constexpr size_t kWholeId = 32;

std::string Joined(const Json& list) {
  std::vector<std::string> parts;
  for (const Json& item : list.items()) parts.push_back(item.Display());
  return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace

Colour StatusColour(std::string_view status) {
  if (status == "error") return Colour::kRed;
  return status == "live" ? Colour::kCyan : Colour::kGreen;
}

Flag FailEmptyFlag() { return {.name = "fail-empty", .doc = "Exit with 3 when nothing is found"}; }

Flag SinceFlag(std::string default_value) {
  return {.name = "since",
          .value = "<time>",
          .doc = "From this time on: a duration before now (1h), a date, RFC 3339 or Unix time",
          .default_value = std::move(default_value)};
}

Flag UntilFlag() { return {.name = "until", .value = "<time>", .doc = "Before this time"}; }

Flag LimitFlag(std::string default_value) {
  return {.name = "limit",
          .value = "<n>",
          .doc = "At most this many",
          .default_value = std::move(default_value),
          .letter = 'n'};
}

int PrintList(const Invocation& invocation, Io& io, const Json& items, const Table& table) {
  if (invocation.On("json")) {
    JsonWriter json;
    items.Write(&json);
    io.out << (items.is_null() ? "[]" : json.text()) << "\n";
  } else if (table.size() > 0 || !io.out_is_tty) {
    table.Print(io);
  }
  return items.size() == 0 && invocation.On("fail-empty") ? kExitNothingFound : kExitOk;
}

Table NewRunTable() {
  return Table({{"trace_id", "RUN"},
                {"start", "STARTED", true},
                {"status", "STATUS"},
                {"duration_ms", "TOOK", true},
                {"root_name", "NAME", false, true},
                {"agent", "AGENT", false, true, true},
                {"service", ""},
                {"steps", "STEPS", true},
                {"tool_calls", "TOOLS", true, false, true},
                {"total_tokens", "TOKENS", true, false, true},
                {"cost_usd", "COST", true, false, true},
                {"spans", "SPANS", true},
                {"errors", "ERRORS", true, false, true},
                {"models", "MODELS", false, true, true},
                {"outcome", "OUTCOME", false, true, true},
                {"session", ""},
                {"user", ""},
                {"input_preview", "INPUT", false, true, true},
                {"error_message", ""}});
}

void AddRun(const Json& run, Nanos now, Table* table) {
  const std::string& id = run["trace_id"].text();
  const std::string& status = run["status"].text();
  const double duration_ms = run["duration_ms"].number();
  const Json& tokens = run["tokens"]["total"];
  const std::string& name = run["root_name"].text();
  table->Add({{id, id.substr(0, kShortId), Colour::kBold},
              {run["start"].text(), RelativeTime(run["start_unix_nano"].integer(), now)},
              {status, "", StatusColour(status)},
              {run["duration_ms"].Display(),
               ShortDuration(static_cast<Nanos>(duration_ms * kMillisecond))},
              {name, name.empty() ? "(no name)" : name},
              {run["agent"].text()},
              {run["service"].text()},
              {run["steps"].Display()},
              {run["tool_calls"].Display(), run["tool_calls"].integer() == 0 ? "-" : ""},
              {tokens.Display(), tokens.integer() == 0 ? "-" : ShortNumber(tokens.number())},
              {run["cost_usd"].Display(),
               run["cost_usd"].number() == 0 ? "-" : ShortCost(run["cost_usd"].number())},
              {run["spans"].Display()},
              {run["errors"].Display(), run["errors"].integer() > 0 ? "" : "-",
               run["errors"].integer() > 0 ? Colour::kRed : Colour::kNone},
              {Joined(run["models"])},
              {run["outcome"].text()},
              {run["session"].text()},
              {run["user"].text()},
              {run["input_preview"].text()},
              {run["error_message"].text()}});
}

Result<std::string> ResolveTraceId(ApiClient& api, const std::string& given) {
  if (given.size() == kWholeId) return given;
  const bool hex = given.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!hex || given.size() < 4 || given.size() > kWholeId) {
    return InvalidArgument(fmt::format("cannot use '{}' as a trace id", given),
                           "write its 32 hex digits, or the first 4 or more of a recent run");
  }
  std::string prefix = given;
  for (char& c : prefix) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  AO_ASSIGN_OR_RETURN(const Json page, api.Get("/api/v1/runs", {{"limit", "1000"}}));
  std::string found;
  for (const Json& run : page["runs"].items()) {
    const std::string& id = run["trace_id"].text();
    if (!id.starts_with(prefix)) continue;
    if (!found.empty()) {
      return InvalidArgument(
          fmt::format("cannot tell which run {} is: {} and {}", given, found, id),
          "write more digits");
    }
    found = id;
  }
  if (!found.empty()) return found;
  return NotFound(fmt::format("cannot find a run {}: none of the last {} begins so", given,
                              page["runs"].size()),
                  "observatory runs lists them; older runs need the whole id");
}

}  // namespace ao::cli
