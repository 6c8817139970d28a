#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "api/json.h"
#include "api/json_body.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

constexpr size_t kMaxQueryBytes = 1 << 20;

Result<std::string> QueryText(const Call& call) {
  std::string text = call.arguments.string("q");
  if (!call.request.body.empty()) {
    if (!text.empty()) return InvalidArgument("cannot read the query: it is in q and in the body");
    const size_t first = call.request.body.find_first_not_of(" \t\r\n");
    const bool is_json = call.request.header("content-type").starts_with("application/json") ||
                         (first != std::string::npos && call.request.body[first] == '{');
    if (is_json) {
      AO_ASSIGN_OR_RETURN(const JsonBody body, JsonBody::Parse(call.request.body, {"query"}));
      AO_ASSIGN_OR_RETURN(text, body.Text("query"));
    } else {
      text = call.request.body;
    }
  }
  if (text.find_first_not_of(" \t\r\n;") == std::string::npos) {
    return InvalidArgument("cannot run the query: it is empty",
                           "POST {\"query\": \"SELECT ...\"} or GET ?q=SELECT ...; docs/sql.md "
                           "lists the tables");
  }
  if (text.size() > kMaxQueryBytes) {
    return InvalidArgument(fmt::format("cannot run the query: {} bytes are more than {}",
                                       text.size(), kMaxQueryBytes));
  }
  return text;
}

net::HttpResponse AsJson(const storage::SqlResult& result) {
  JsonWriter json;
  json.BeginObject().Key("columns").BeginArray();
  for (const storage::SqlColumn& column : result.columns) {
    json.BeginObject().Field("name", column.name).Field("type", column.type).EndObject();
  }
  json.EndArray().Key("rows").BeginArray();
  for (const std::string& row : result.rows) json.Raw(row);
  json.EndArray().Field("truncated", result.truncated);
  json.Field("elapsed_ms", static_cast<double>(result.elapsed) / 1e6).EndObject();
  return JsonResponse(std::move(json));
}

// RFC 4180.
void AppendCsvCell(std::string_view cell, std::string* out) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    out->append(cell);
    return;
  }
  out->push_back('"');
  for (const char c : cell) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

Status AppendCsvRow(std::string_view row, std::string* out) {
  AO_ASSIGN_OR_RETURN(const auto cells, SplitJsonArray(row));
  bool first = true;
  for (const std::string_view cell : cells) {
    if (!first) out->push_back(',');
    first = false;
    if (cell == "null") continue;
    if (cell.starts_with('"')) {
      AO_ASSIGN_OR_RETURN(const std::string text, UnquoteJson(cell));
      // An empty text is quoted, so that it differs from null.
      if (text.empty()) out->append("\"\"");
      AppendCsvCell(text, out);
    } else {
      AppendCsvCell(cell, out);
    }
  }
  out->append("\r\n");
  return OkStatus();
}

Result<net::HttpResponse> AsCsv(const storage::SqlResult& result) {
  net::HttpResponse response;
  response.content_type = "text/csv; charset=utf-8";
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (i > 0) response.body.push_back(',');
    AppendCsvCell(result.columns[i].name, &response.body);
  }
  response.body.append("\r\n");
  for (const std::string& row : result.rows) AO_TRY(AppendCsvRow(row, &response.body));
  return response;
}

// Column names as object keys: a repeated name gets a number.
std::vector<std::string> DistinctNames(const std::vector<storage::SqlColumn>& columns) {
  std::map<std::string, int> seen;
  std::vector<std::string> names;
  for (const storage::SqlColumn& column : columns) {
    std::string name = column.name;
    while (seen.contains(name)) name = fmt::format("{}_{}", column.name, ++seen[column.name]);
    seen.emplace(name, 1);
    names.push_back(std::move(name));
  }
  return names;
}

Result<net::HttpResponse> AsJsonLines(const storage::SqlResult& result) {
  const std::vector<std::string> names = DistinctNames(result.columns);
  net::HttpResponse response;
  response.content_type = "application/x-ndjson";
  for (const std::string& row : result.rows) {
    AO_ASSIGN_OR_RETURN(const auto cells, SplitJsonArray(row));
    if (cells.size() != names.size()) return Internal("cannot name the cells: a row is too short");
    JsonWriter json;
    json.BeginObject();
    for (size_t i = 0; i < cells.size(); ++i) json.Key(names[i]).Raw(cells[i]);
    json.EndObject();
    response.body.append(json.text());
    response.body.push_back('\n');
  }
  return response;
}

Result<net::HttpResponse> RunSql(Context& context, const Call& call) {
  storage::SqlRequest request;
  request.project = call.project;
  AO_ASSIGN_OR_RETURN(request.text, QueryText(call));
  request.max_rows = *call.arguments.integer("limit");
  request.timeout = *call.arguments.integer("timeout");
  request.max_memory_bytes = context.dependencies.sql.memory_bytes;
  const Nanos longest = context.dependencies.sql.timeout;
  if (request.timeout <= 0 || request.timeout > 5 * kMinute) {
    return InvalidArgument("cannot read parameter \"timeout\": it is not between 1 ns and 5 m");
  }
  request.timeout = std::min(request.timeout, longest);
  AO_ASSIGN_OR_RETURN(const storage::SqlResult result, context.store.Sql(request));
  const std::string_view format = call.arguments.text("format");
  if (format == "json") return AsJson(result);
  AO_ASSIGN_OR_RETURN(net::HttpResponse response,
                      format == "csv" ? AsCsv(result) : AsJsonLines(result));
  response.headers.emplace_back("x-truncated", result.truncated ? "true" : "false");
  return response;
}

std::vector<Parameter> SqlParameters() {
  return {
      {"q", Type::kText, "the query; only SELECT over the documented tables"},
      {"format", Type::kChoice, "form of the answer", "json|csv|jsonl", "json"},
      {"limit", Type::kInteger, "at most this many rows", {}, "10000", 1, 1'000'000},
      {"timeout", Type::kDuration, "give up after this long", {}, "30s"},
  };
}

constexpr std::string_view kResponse =
    "{columns: [{name, type}], rows: [[value]], truncated, elapsed_ms}; with format csv or jsonl "
    "the header x-truncated says whether rows are missing.";

}  // namespace

std::vector<Endpoint> SqlEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/sql",
       .summary = "Query the telemetry with SQL",
       .parameters = SqlParameters(),
       .response = kResponse,
       .handler = &RunSql},
      {.method = "POST",
       .pattern = "/api/v1/sql",
       .summary = "Query the telemetry with SQL",
       .parameters = SqlParameters(),
       .response = kResponse,
       .handler = &RunSql,
       .body = "{query: SELECT ...}, or the query itself as text"},
  };
}

}  // namespace ao::api
