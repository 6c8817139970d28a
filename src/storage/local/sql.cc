#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/json_writer.h"
#include "storage/local/impl.h"

// SQL of users: one SELECT over views of one project. The text is parsed by the engine into a
// tree, the tree is checked (tables, table functions, functions), and what runs is the tree
// written back as text, so that nothing runs that was not checked.

namespace ao::storage {

using local::Table;

namespace {

using simdjson::dom::element;

constexpr std::string_view kViews[] = {"spans",         "logs", "metric_points",
                                       "metric_series", "runs", "scores"};
constexpr std::string_view kTableFunctions[] = {"range",     "generate_series", "unnest",
                                                "json_each", "json_tree",       "repeat_row"};
// Refuse what tells about the machine, changes state or reads what is not the project's.
constexpr std::string_view kRefusedFunctions[] = {
    "current_setting", "getenv",           "getvariable",
    "write_log",       "nextval",          "currval",
    "txid_current",    "in_search_path",   "current_connection_id",
    "current_query",   "current_query_id", "current_transaction_id",
    "sleep_ms"};
constexpr std::string_view kRefusedPrefixes[] = {
    "read_",  "pragma_", "duckdb_",      "parquet_",
    "sniff_", "query",   "json_execute", "json_serialize_plan",
    "pg_",    "has_"};
constexpr std::string_view kRefusedReferences[] = {"SHOW_REF", "COLUMN_DATA", "BOUND_TABLE_REF",
                                                   "DELIM_GET", "INVALID"};

template <typename List>
bool Holds(const List& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// Names of the engine's own tables and views, and file names, are no names for a CTE: outside its
// scope they would mean the other thing.
bool IsPlainName(std::string_view name) {
  for (const std::string_view prefix : {"hot_", "duckdb_", "pg_", "sqlite_", "pragma_"}) {
    if (name.substr(0, prefix.size()) == prefix) return false;
  }
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class Checker {
 public:
  Status Check(element tree) {
    AO_TRY(CollectCtes(tree, 0));
    return Visit(tree, 0);
  }
  const std::set<std::string>& views() const { return views_; }

 private:
  static constexpr int kMaxDepth = 900;

  static std::string_view Member(simdjson::dom::object o, const char* key) {
    std::string_view text;
    return o[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
  }

  Status CollectCtes(element e, int depth) {
    if (depth > kMaxDepth) return InvalidArgument("cannot run the query: it is nested too deeply");
    simdjson::dom::object o;
    simdjson::dom::array a;
    if (e.get(a) == simdjson::SUCCESS) {
      for (const element item : a) AO_TRY(CollectCtes(item, depth + 1));
    } else if (e.get(o) == simdjson::SUCCESS) {
      simdjson::dom::array map;
      if (o["cte_map"]["map"].get(map) == simdjson::SUCCESS) {
        for (const element entry : map) {
          std::string_view key;
          if (entry["key"].get(key) != simdjson::SUCCESS || !IsPlainName(Lower(key))) {
            return InvalidArgument("cannot use '" + std::string(key) +
                                   "' as the name of a common table expression");
          }
          ctes_.insert(Lower(key));
        }
      }
      for (const auto member : o) AO_TRY(CollectCtes(member.value, depth + 1));
    }
    return OkStatus();
  }

  Status Visit(element e, int depth) {
    simdjson::dom::object o;
    simdjson::dom::array a;
    if (e.get(a) == simdjson::SUCCESS) {
      for (const element item : a) AO_TRY(Visit(item, depth + 1));
      return OkStatus();
    }
    if (e.get(o) != simdjson::SUCCESS) return OkStatus();
    const std::string_view type = Member(o, "type");
    if (Holds(kRefusedReferences, type)) {
      return InvalidArgument("cannot run the query: SHOW, DESCRIBE and SUMMARIZE are not allowed");
    }
    if (type == "BASE_TABLE") AO_TRY(VisitTable(o));
    if (type == "TABLE_FUNCTION") {
      simdjson::dom::object function;
      if (o["function"].get(function) != simdjson::SUCCESS) {
        return InvalidArgument("cannot run the query: this table function is not allowed");
      }
      const std::string name = Lower(Member(function, "function_name"));
      if (!Holds(kTableFunctions, name)) {
        return InvalidArgument("cannot use table function '" + name + "': it is not allowed here",
                               "allowed are range, generate_series, unnest, json_each, json_tree");
      }
    } else if (Member(o, "class") == "FUNCTION") {
      const std::string name = Lower(Member(o, "function_name"));
      bool refused = Holds(kRefusedFunctions, name);
      for (const std::string_view prefix : kRefusedPrefixes) {
        refused = refused || name.compare(0, prefix.size(), prefix) == 0;
      }
      if (refused) return InvalidArgument("cannot use function '" + name + "': not allowed here");
    }
    for (const auto member : o) AO_TRY(Visit(member.value, depth + 1));
    return OkStatus();
  }

  Status VisitTable(simdjson::dom::object o) {
    const std::string name = Lower(Member(o, "table_name"));
    if (Member(o, "schema_name").empty() && Member(o, "catalog_name").empty()) {
      if (Holds(kViews, name)) {
        views_.insert(name);
        return OkStatus();
      }
      if (ctes_.contains(name)) return OkStatus();
    }
    return InvalidArgument(
        "cannot query table '" + std::string(Member(o, "table_name")) + "': there is no such table",
        "tables are spans, logs, metric_points, metric_series, runs, scores");
  }

  std::set<std::string> ctes_, views_;
};

constexpr const char* kTraceText = "replace(trace_id::VARCHAR, '-', '')";

std::string NameCase(const char* column, std::span<const std::string_view> names) {
  std::string sql = "CASE " + std::string(column);
  for (size_t i = 0; i < names.size(); ++i) {
    sql += " WHEN " + std::to_string(i) + " THEN " + duck::Quote(names[i]);
  }
  return sql + " END";
}

constexpr std::string_view kKinds[] = {"unspecified", "internal", "server",
                                       "client",      "producer", "consumer"};
constexpr std::string_view kStatuses[] = {"unset", "ok", "error"};
constexpr std::string_view kMetricTypes[] = {"gauge", "sum", "histogram", "exponential_histogram",
                                             "summary"};
constexpr std::string_view kTemporalities[] = {"unspecified", "delta", "cumulative"};

std::string SpanView(const std::string& source) {
  return "SELECT " + std::string(kTraceText) +
         " AS trace_id, format('{:016x}', span_id) AS span_id, CASE WHEN parent_span_id <> 0 THEN "
         "format('{:016x}', parent_span_id) END AS parent_span_id, "
         "make_timestamp(start_ns // 1000) AS start_time, duration_ns / 1e6 AS duration_ms, "
         "start_ns, duration_ns, name, " +
         NameCase("kind", kKinds) + " AS kind, " + NameCase("status", kStatuses) +
         " AS status, status_message, service, environment, service_version, " +
         NameCase("op", model::kOpNames) +
         " AS op, agent_name, agent_role, model_requested, model_answered, "
         "CASE WHEN model_answered <> '' THEN model_answered ELSE model_requested END AS model, "
         "provider, response_id, tool_name, tool_call_id, finish_reason, session, user_id, "
         "query_type, outcome, prompt_name, prompt_version, error_type, input_tokens, "
         "output_tokens, total_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, "
         "cost_usd, " +
         NameCase("cost_source", model::kCostSourceNames) +
         " AS cost_source, price, "
         "time_to_first_token_ns / 1e6 AS time_to_first_token_ms, retrieval_count, "
         "retrieval_top_score, fallback, parse_error, tokens_estimated, " +
         NameCase("dialect", model::kDialectNames) +
         " AS dialect, mapping_version, attributes, events, links FROM " + source;
}

std::string LogView(const std::string& source) {
  return "SELECT make_timestamp(time_ns // 1000) AS time, time_ns, severity_number, "
         "severity_text, service, environment, event_name, "
         "CASE WHEN starts_with(body, '\"') THEN body::JSON->>'$' ELSE body END AS body, "
         "attributes, CASE WHEN trace_id <> '00000000-0000-0000-0000-000000000000'::UUID THEN " +
         std::string(kTraceText) +
         " END AS trace_id, CASE WHEN span_id <> 0 THEN format('{:016x}', span_id) END AS span_id "
         "FROM " +
         source;
}

std::string RunView(const std::string& source) {
  const auto list = [](const char* column) {
    return "list_filter(string_split(" + std::string(column) + ", chr(31)), x -> x <> '') AS " +
           column;
  };
  return "SELECT " + std::string(kTraceText) +
         " AS trace_id, root_name, service, environment, agent, session, user_id, query_type, "
         "outcome, make_timestamp(start_ns // 1000) AS start_time, duration_ns / 1e6 AS "
         "duration_ms, start_ns, duration_ns, error, error_message, spans, errors, steps, "
         "tool_calls, retrievals, input_tokens, output_tokens, total_tokens, cost_usd, " +
         list("models") + ", " + list("tools") + ", " + list("agents") +
         ", input_preview, output_preview, " + NameCase("completeness", model::kCompletenessNames) +
         " AS completeness, missing_parents, clock_skewed, usage, edges, agent_versions, "
         "tool_usage FROM " +
         source;
}

std::string PointView(const std::string& source) {
  return "SELECT series_id, make_timestamp(time_ns // 1000) AS time, time_ns, "
         "CASE WHEN present & 1 = 1 THEN value END AS value, "
         "CASE WHEN present & 2 = 2 THEN int_value END AS int_value, count, "
         "CASE WHEN present & 4 = 4 THEN sum END AS sum, "
         "CASE WHEN present & 8 = 8 THEN min END AS min, "
         "CASE WHEN present & 16 = 16 THEN max END AS max, detail FROM " +
         source;
}

std::string SeriesView(const std::string& source) {
  return "SELECT DISTINCT ON (series_id) series_id, name, description, unit, " +
         NameCase("type", kMetricTypes) + " AS type, " + NameCase("temporality", kTemporalities) +
         " AS temporality, is_monotonic, service, environment, attributes FROM " + source;
}

std::string WithoutNul(std::string text) {
  std::erase(text, '\0');
  return text;
}

Result<std::string> ScoreView(local::ScoreTable& scores, const std::string& project) {
  std::string values;
  ScoreQuery q;
  q.project = project;
  q.limit = 10'000;
  do {
    AO_ASSIGN_OR_RETURN(const ScorePage page, scores.List(q));
    for (const Score& s : page.scores) {
      constexpr std::string_view kNames[] = {"thumbs", "numeric", "categorical", "text"};
      std::string number;
      AppendJsonDouble(s.number, &number);
      values.append(values.empty() ? "(" : ", (");
      for (const std::string& text :
           {s.id, s.trace_id.empty() ? std::string() : s.trace_id.ToHex(),
            s.span_id.empty() ? std::string() : s.span_id.ToHex(), s.session, s.name,
            std::string(kNames[static_cast<size_t>(s.kind) % 4]), s.text, s.comment, s.source}) {
        values += duck::Quote(WithoutNul(text)) + ", ";
      }
      values += duck::Quote(number.front() == '"' ? number.substr(1, number.size() - 2) : number) +
                "::DOUBLE, make_timestamp(" + std::to_string(s.time / 1000) + "))";
    }
    q.cursor = page.next_cursor;
  } while (!q.cursor.empty());
  const std::string names =
      "(id, trace_id, span_id, session, name, kind, text, comment, source, number, time)";
  if (values.empty()) {
    return "SELECT * FROM (VALUES ('', '', '', '', '', '', '', '', '', 0::DOUBLE, "
           "make_timestamp(0))) AS s" +
           names + " WHERE false";
  }
  return "SELECT * FROM (VALUES " + values + ") AS s" + names;
}

// Interrupts a query that runs too long or takes too much memory.
class Watchdog {
 public:
  Watchdog(duck::Connection& watched, duck::Connection& own, const SqlRequest& request)
      : watched_(watched), own_(own), request_(request), baseline_(MemoryUsed()) {
    thread_ = std::thread([this] { Run(); });
  }
  ~Watchdog() { Stop(); }
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }
  // Why the query was interrupted; ok when it was not. After Stop.
  const Status& verdict() const { return verdict_; }

 private:
  int64_t MemoryUsed() {
    return own_
        .QueryInt(duck::Sql("SELECT sum(memory_usage_bytes + temporary_storage_bytes)::BIGINT FROM "
                            "duckdb_memory() WHERE tag NOT IN ('IN_MEMORY_TABLE', 'BASE_TABLE', "
                            "'EXTERNAL_FILE_CACHE', 'OBJECT_CACHE')"))
        .value_or(0);
  }
  void Run() {
    const auto start = std::chrono::steady_clock::now();
    const auto deadline = start + std::chrono::nanoseconds(request_.timeout);
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(20), [&] { return done_; })) {
      if (std::chrono::steady_clock::now() >= deadline) {
        verdict_ = DeadlineExceeded("cannot finish the query: it took longer than " +
                                        std::to_string(request_.timeout / kMillisecond) + " ms",
                                    "restrict it by start_ns or time_ns");
        watched_.Interrupt();
      } else if (MemoryUsed() - baseline_ > static_cast<int64_t>(request_.max_memory_bytes)) {
        verdict_ = ResourceExhausted("cannot finish the query: it needs more memory than " +
                                     std::to_string(request_.max_memory_bytes) + " bytes");
        watched_.Interrupt();
      }
    }
  }

  duck::Connection& watched_;
  duck::Connection& own_;
  const SqlRequest& request_;
  const int64_t baseline_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;  // guarded by mutex_
  Status verdict_;
  std::thread thread_;
};

// The engine's message without its own framing, our text around the user's, and our paths.
Status UserError(const Status& status, const std::string& directory) {
  std::string message = status.message();
  if (const size_t line = message.find("\n\nLINE "); line != message.npos) message.resize(line);
  if (const size_t colon = message.find(": "); colon != message.npos) message.erase(0, colon + 2);
  for (size_t at = 0; (at = message.find(directory, at)) != message.npos;) {
    message.replace(at, directory.size(), "<data>");
  }
  message = "cannot run the query: " + message;
  if (status.code() == StatusCode::kResourceExhausted) return ResourceExhausted(message);
  return InvalidArgument(message);
}

// One JSON array a row. Doubles that JSON has no number for become strings.
Result<std::string> RowArraySql(duck::Connection& c, const std::string& with,
                                const std::string& query, std::vector<SqlColumn>* columns) {
  AO_ASSIGN_OR_RETURN(auto rows,
                      c.Query("DESCRIBE " + with + "SELECT * FROM (" + query + ") AS q"));
  std::string cells, names;
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) break;
    for (size_t r = 0; r < rows->size(); ++r) {
      const std::string name = "c" + std::to_string(columns->size());
      SqlColumn column{std::string(rows->Text(0, r)), std::string(rows->Text(1, r))};
      names.append(names.empty() ? "" : ", ") += name;
      cells += cells.empty() ? "" : ", ";
      if (column.type == "DOUBLE" || column.type == "FLOAT") {
        cells += "CASE WHEN " + name + " IS NULL OR isfinite(" + name + ") THEN to_json(" + name +
                 ") ELSE to_json(" + name + "::VARCHAR) END";
      } else if (column.type == "BLOB") {
        cells += "to_base64(" + name + ")";
      } else {
        cells += name;
      }
      columns->push_back(std::move(column));
    }
  }
  return with + "SELECT json_array(" + cells + ")::VARCHAR FROM (" + query + ") AS q(" + names +
         ")";
}

}  // namespace

Result<SqlResult> LocalStore::Impl::RunSql(const SqlRequest& request) {
  AO_TRY(CheckProject(request.project));
  const Nanos start = clock_.Monotonic();
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  duck::Connection& c = view->connection();
  std::string tree, query;
  {
    duck::Sql parse("SELECT json_serialize_sql(");
    parse.Bind(request.text).Add("::VARCHAR)::VARCHAR");
    auto rows = c.Query(parse);
    if (!rows.ok()) return UserError(rows.status(), directory_);
    AO_ASSIGN_OR_RETURN(const bool any, (*rows)->Next());
    if (any) tree = std::string((*rows)->Text(0, 0));
  }
  simdjson::dom::parser parser;
  element root;
  bool failed = true;
  if (parser.parse(tree).get(root) != simdjson::SUCCESS) {
    return InvalidArgument("cannot run the query: it cannot be parsed");
  }
  if (root["error"].get(failed) != simdjson::SUCCESS || failed) {
    std::string_view message;
    if (root["error_message"].get(message) != simdjson::SUCCESS) message = "it cannot be parsed";
    if (message.find("Only SELECT") != message.npos) message = "only SELECT is allowed";
    return InvalidArgument("cannot run the query: " + std::string(message));
  }
  simdjson::dom::array statements;
  if (root["statements"].get(statements) != simdjson::SUCCESS || statements.size() != 1) {
    return InvalidArgument("cannot run the query: give exactly one statement");
  }
  Checker checker;
  AO_TRY(checker.Check(root));
  {
    duck::Sql print("SELECT json_deserialize_sql(");
    print.Bind(tree).Add("::JSON)");
    auto rows = c.Query(print);
    if (!rows.ok()) return UserError(rows.status(), directory_);
    AO_ASSIGN_OR_RETURN(const bool any, (*rows)->Next());
    if (any) query = std::string((*rows)->Text(0, 0));
  }
  std::string with;
  const local::Scope scope{request.project, {}, nullptr, nullptr};
  for (const std::string& name : checker.views()) {
    const Table table = name == "spans"           ? Table::kSpans
                        : name == "logs"          ? Table::kLogs
                        : name == "runs"          ? Table::kRuns
                        : name == "metric_points" ? Table::kPoints
                                                  : Table::kSeries;
    const std::string source =
        local::SourceSql(view->snapshot(), table, local::ColumnList(table), scope);
    std::string body;
    if (name == "scores") {
      AO_ASSIGN_OR_RETURN(body, ScoreView(*scores_, request.project));
    } else {
      body = table == Table::kSpans    ? SpanView(source)
             : table == Table::kLogs   ? LogView(source)
             : table == Table::kRuns   ? RunView(source)
             : table == Table::kPoints ? PointView(source)
                                       : SeriesView(source);
    }
    with += (with.empty() ? "WITH " : ", ") + name + " AS NOT MATERIALIZED (" + body + ")";
  }
  if (!with.empty()) with += " ";

  SqlResult result;
  AO_ASSIGN_OR_RETURN(auto own, pool_->Take());
  Watchdog watchdog(c, *own, request);
  const auto run = [&]() -> Status {
    AO_ASSIGN_OR_RETURN(const std::string sql, RowArraySql(c, with, query, &result.columns));
    const int64_t limit = std::max<int64_t>(request.max_rows, 0);
    return c.ForEachRow(
        sql + " LIMIT " + std::to_string(limit + 1),
        [&](const duck::Rows& rows, size_t r) { result.rows.emplace_back(rows.Text(0, r)); });
  };
  const Status status = run();
  watchdog.Stop();
  pool_->Give(std::move(own));
  if (!status.ok()) {
    return watchdog.verdict().ok() ? UserError(status, directory_) : watchdog.verdict();
  }
  if (static_cast<int64_t>(result.rows.size()) > request.max_rows) {
    result.rows.pop_back();
    result.truncated = true;
  }
  result.elapsed = clock_.Monotonic() - start;
  return result;
}

}  // namespace ao::storage
