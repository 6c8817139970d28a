#include <iterator>

#include <fmt/format.h>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/list_output.h"

namespace ao::cli {
namespace {

bool IsNumeric(std::string_view type) {
  return type.find("INT") != std::string_view::npos || type.starts_with("DECIMAL") ||
         type == "DOUBLE" || type == "FLOAT";
}

Table TableOf(const Json& result) {
  std::vector<Column> columns;
  for (const Json& column : result["columns"].items()) {
    const std::string& name = column["name"].text();
    const bool numeric = IsNumeric(column["type"].text());
    columns.push_back({name, name.empty() ? "?" : name, numeric, !numeric});
  }
  Table table(columns);
  for (const Json& row : result["rows"].items()) {
    std::vector<Cell> cells;
    for (size_t i = 0; i < columns.size(); ++i) {
      const Json& value = row.at(i);
      cells.push_back({value.Display(), value.is_null() ? "NULL" : ""});
      if (value.is_null()) cells.back().colour = Colour::kDim;
    }
    table.Add(std::move(cells));
  }
  return table;
}

void PrintObjects(const Json& result, Io& io) {
  JsonWriter json;
  json.BeginArray();
  for (const Json& row : result["rows"].items()) {
    json.BeginObject();
    for (size_t i = 0; i < result["columns"].size(); ++i) {
      json.Key(result["columns"].at(i)["name"].text());
      row.at(i).Write(&json);
    }
    json.EndObject();
  }
  json.EndArray();
  io.out << json.text() << "\n";
}

int RunSql(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  std::string query = invocation.Argument("query");
  if (query.empty() || query == "-") {
    query.assign(std::istreambuf_iterator<char>(io.in), std::istreambuf_iterator<char>());
  }
  JsonWriter body;
  body.BeginObject().Field("query", query).EndObject();
  auto result = api->Post("/api/v1/sql", body.Take());
  if (!result.ok()) return ReportError(io, result.status());

  const std::string format = invocation.On("json") ? "json" : invocation.Get("format");
  const Table table = TableOf(*result);
  if (format == "json") {
    PrintObjects(*result, io);
  } else if (format == "csv") {
    table.PrintCsv(io.out);
  } else {
    const bool was_tty = io.out_is_tty;
    if (format != "auto") io.out_is_tty = format == "table";
    table.Print(io);
    io.out_is_tty = was_tty;
  }
  if ((*result)["truncated"].boolean()) {
    io.err << fmt::format("note: cut off after {} rows; narrow the query or aggregate\n",
                          table.size());
  }
  if (io.out_is_tty && io.err_is_tty) {
    io.err << fmt::format(
        "{} in {}\n", Counted(static_cast<int64_t>(table.size()), "row"),
        ShortDuration(static_cast<Nanos>((*result)["elapsed_ms"].number() * 1e6)));
  }
  return table.size() == 0 && invocation.On("fail-empty") ? kExitNothingFound : kExitOk;
}

}  // namespace

Command SqlCommand() {
  return {.path = "sql",
          .summary = "Query with SQL",
          .details =
              "Read-only, over the tables in docs/sql.md. Without a query, or with -, the "
              "query is read from standard input.",
          .examples = {{"observatory sql 'SELECT model, count(*) FROM spans GROUP BY model'",
                        "Calls by model"},
                       {"observatory sql --format csv 'SELECT * FROM runs' > runs.csv",
                        "Into a spreadsheet"},
                       {"observatory sql < report.sql", "From a file"}},
          .flags = {{.name = "format",
                     .value = "<format>",
                     .doc = "How to print; auto is a table on a terminal, else tsv",
                     .default_value = "auto",
                     .choices = {"auto", "table", "tsv", "csv", "json"}},
                    FailEmptyFlag()},
          .positionals = {{"query", "One SELECT statement; - or nothing: standard input", false}},
          .run = RunSql,
          .uses_server = true,
          .group = "Look"};
}

}  // namespace ao::cli
