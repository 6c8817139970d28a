#include "cases/commands.h"

#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/time_text.h"
#include "base/file.h"
#include "cases/langfuse_export.h"
#include "cases/render.h"

namespace ao::cases {
namespace {

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::istringstream in{std::string(text)};
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

Status Expect2xx(const net::HttpResponse& response) {
  if (response.status < 300) return OkStatus();
  return InvalidArgument(fmt::format("{} {}", response.status, response.body));
}

Result<std::string> Post(World& world, std::string_view signal, std::string body,
                         std::string content_type) {
  if (signal != "traces" && signal != "logs" && signal != "metrics") {
    return InvalidArgument(fmt::format("cannot ingest '{}': it is no signal", signal));
  }
  AO_ASSIGN_OR_RETURN(const net::HttpResponse response,
                      world.Call("POST", "/v1/" + std::string(signal), std::move(body),
                                 {{"content-type", std::move(content_type)}}));
  AO_TRY(Expect2xx(response));
  // The answer to a request that was taken whole says nothing.
  return response.body.size() <= 2 ? std::string() : response.body + "\n";
}

// "tests/data/otlp/ai-sdk-traces.pb": the name says signal and encoding.
Result<std::string> IngestFile(World& world, const std::string& path) {
  const Result<std::string> body = ReadFile(PosixFileSystem(), path);
  if (!body.ok()) return Unavailable(fmt::format("cannot read {}", path));
  const size_t dot = path.rfind('.');
  const size_t dash = path.rfind('-', dot);
  if (dot == path.npos || dash == path.npos) {
    return InvalidArgument(fmt::format("cannot tell the signal of {}", path));
  }
  const bool is_json = path.substr(dot) == ".json";
  return Post(world, path.substr(dash + 1, dot - dash - 1), *body,
              is_json ? "application/json" : "application/x-protobuf");
}

Result<std::string> Ingest(const Block& block, const Folders& folders, World& world) {
  const std::vector<std::string> words = WordsOf(block.arguments);
  if (words.size() == 2 && words[0] == "otlp-json") {
    return Post(world, words[1], block.input, "application/json");
  }
  if (words.size() == 2 && words[0] == "file")
    return IngestFile(world, folders.data + "/" + words[1]);
  if (words.size() == 2 && words[0] == "langfuse-export") {
    const std::string path = folders.shared + "/" + words[1];
    const Result<std::string> text = ReadFile(PosixFileSystem(), path);
    if (!text.ok()) return Unavailable(fmt::format("{} is not there", words[1]));
    AO_ASSIGN_OR_RETURN(std::string request, OtlpOfLangfuseExport(*text));
    return Post(world, "traces", std::move(request), "application/json");
  }
  return InvalidArgument("use: ingest otlp-json traces|logs|metrics, or: ingest file PATH");
}

Result<std::string> Query(World& world, std::string text) {
  AO_ASSIGN_OR_RETURN(const storage::SqlResult result, world.Sql(std::move(text)));
  std::vector<std::string> names;
  for (const storage::SqlColumn& column : result.columns) names.push_back(column.name);
  return RenderTable(names, result.rows);
}

// Columns of a table in a stable order; `tree` is the span's name below its parents'.
Result<std::string> List(World& world, std::string_view table, const Block& block,
                         std::string_view order) {
  std::string columns;
  for (const std::string& word : WordsOf(block.arguments)) {
    columns.append(columns.empty() ? "" : ", ").append(word);
  }
  if (columns.empty()) return InvalidArgument("name the columns");
  std::string where = block.input;
  if (where.ends_with('\n')) where.pop_back();
  return Query(world,
               fmt::format("SELECT {} FROM {} {} ORDER BY {}", columns, table, where, order));
}

constexpr std::string_view kTree =
    "(WITH RECURSIVE below AS (SELECT s.trace_id AS t, s.span_id AS id, 0 AS depth, "
    "format('{:020d}{}', s.start_ns, s.span_id) AS path FROM spans AS s WHERE NOT EXISTS (FROM "
    "spans AS p WHERE p.trace_id = s.trace_id AND p.span_id = s.parent_span_id) UNION ALL SELECT "
    "s.trace_id, s.span_id, depth + 1, path || format('/{:020d}{}', s.start_ns, s.span_id) FROM "
    "below JOIN spans AS s ON s.trace_id = t AND s.parent_span_id = id) SELECT repeat('  ', depth) "
    "|| name AS tree, path, spans.* FROM below JOIN spans ON trace_id = t AND span_id = id) AS x";

Result<std::string> Get(World& world, const Block& block) {
  std::vector<std::string> words = WordsOf(block.arguments);
  if (words.empty()) return InvalidArgument("use: get PATH [POINTER...]");
  const std::string target = words.front();
  words.erase(words.begin());
  AO_ASSIGN_OR_RETURN(const net::HttpResponse response, world.Call("GET", target, {}, {}));
  AO_TRY(Expect2xx(response));
  if (response.content_type.starts_with("application/json")) {
    return RenderJson(response.body, words);
  }
  return response.body.ends_with('\n') ? response.body : response.body + "\n";
}

Result<std::string> Send(World& world, const Block& block, std::string method) {
  AO_ASSIGN_OR_RETURN(const net::HttpResponse response,
                      world.Call(std::move(method), block.arguments, block.input,
                                 {{"content-type", "application/json"}}));
  AO_TRY(Expect2xx(response));
  return response.body.empty() ? std::string() : RenderJson(response.body, {});
}

Result<std::string> Reindex(World& world) {
  AO_ASSIGN_OR_RETURN(const storage::ReindexReport report, world.Reindex());
  return fmt::format("{} files, {} spans, {} runs\n", report.files, report.spans, report.runs);
}

Result<std::string> MoveClock(World& world, std::string_view to) {
  const bool relative = to.starts_with('+');
  if (relative) {
    AO_ASSIGN_OR_RETURN(const Nanos by, api::ParseDuration(to.substr(1)));
    world.clock.Advance(by);
    return std::string();
  }
  AO_ASSIGN_OR_RETURN(const Nanos time, api::ParseTime(to, world.clock.Now()));
  world.clock.Set(time);
  return std::string();
}

}  // namespace

Result<std::string> Run(const Block& block, const Folders& folders, World& world) {
  const auto done = [](const Status& status) -> Result<std::string> {
    if (!status.ok()) return status;
    return std::string();
  };
  const std::string& command = block.command;
  if (command == "ingest") return Ingest(block, folders, world);
  if (command == "spans") return List(world, kTree, block, "path");
  if (command == "runs") return List(world, "runs", block, "start_ns, trace_id");
  if (command == "logs") return List(world, "logs", block, "time_ns, event_name");
  if (command == "sql") return Query(world, block.arguments + "\n" + block.input);
  if (command == "get") return Get(world, block);
  if (command == "post") return Send(world, block, "POST");
  if (command == "put") return Send(world, block, "PUT");
  if (command == "delete") return Send(world, block, "DELETE");
  if (command == "clock") return MoveClock(world, block.arguments);
  if (command == "seal") return done(world.Seal());
  if (command == "maintain") return done(world.Maintain());
  if (command == "restart") return done(world.Restart());
  if (command == "reindex") return Reindex(world);
  if (command == "project") {
    world.project = block.arguments;
    return std::string();
  }
  return InvalidArgument(fmt::format("cannot run '{}': there is no such command", command));
}

}  // namespace ao::cases
