#include "storage/local/view.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"

namespace ao::storage::local {
namespace {

// The leading eight bytes of a trace id: a column of sealed span files, because DuckDB skips row
// groups by the range of an integer and not by that of a UUID.
std::string TraceHighLiteral(const TraceId& id) {
  return std::to_string(static_cast<uint64_t>(duck::UuidOf(id).upper) ^ (1ull << 63)) + "::UBIGINT";
}

std::string ConditionOf(Table table, const Scope& scope) {
  std::string sql = "project = " + duck::Quote(scope.project);
  const char* time = SpecOf(table).time_column;
  if (table != Table::kSeries) {
    if (scope.range.since != 0)
      sql.append(" AND ").append(time) += " >= " + std::to_string(scope.range.since);
    if (scope.range.until != 0)
      sql.append(" AND ").append(time) += " < " + std::to_string(scope.range.until);
  }
  if (scope.trace != nullptr) sql += " AND trace_id = " + UuidLiteral(*scope.trace);
  if (scope.traces != nullptr) {
    sql += " AND trace_id IN (";
    for (size_t i = 0; i < scope.traces->size(); ++i) {
      sql.append(i == 0 ? "" : ", ") += UuidLiteral((*scope.traces)[i]);
    }
    sql += ")";
  }
  return sql;
}

bool IsWanted(const ColdFile& file, Table table, const Scope& scope) {
  const SegmentFile& f = file.meta;
  if (f.table != table) return false;
  if (table != Table::kSeries) {
    if (scope.range.since != 0 && f.max_time < scope.range.since) return false;
    if (scope.range.until != 0 && f.min_time >= scope.range.until) return false;
  }
  if (file.index == nullptr) return true;
  const auto has = [&](const TraceId& id) {
    return file.index->Contains(TraceHash(scope.project, id));
  };
  if (scope.traces != nullptr && !std::any_of(scope.traces->begin(), scope.traces->end(), has)) {
    return false;
  }
  return scope.trace == nullptr || has(*scope.trace);
}

std::string TraceList(const std::set<TraceId>& traces) {
  std::string list;
  for (const TraceId& id : traces) list.append(list.empty() ? "" : ", ") += UuidLiteral(id);
  return list;
}

}  // namespace

ColdFile::~ColdFile() {
  if (!doomed) return;
  (void)fs.Remove(FullPath());
  if (!meta.index.empty()) (void)fs.Remove(directory + "/" + meta.index);
}

bool Snapshot::HasSealedSpans(std::string_view project, const TraceId& trace_id) const {
  const uint64_t hash = TraceHash(project, trace_id);
  for (const auto& file : files) {
    if (file->meta.table == Table::kSpans && file->index->Contains(hash)) return true;
  }
  return false;
}

Result<std::unique_ptr<duck::Connection>> ConnectionPool::Take() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return database_.Connect();
}

void ConnectionPool::Give(std::unique_ptr<duck::Connection> connection) {
  constexpr size_t kIdle = 8;
  std::lock_guard lock(mutex_);
  if (idle_.size() < kIdle) idle_.push_back(std::move(connection));
}

ReadView::~ReadView() {
  if (connection_->Execute("ROLLBACK").ok()) pool_.Give(std::move(connection_));
}

std::string UuidLiteral(const TraceId& id) { return "'" + id.ToHex() + "'::UUID"; }

std::string ReadParquetSql(const std::vector<std::string>& paths) {
  std::string list;
  for (const std::string& path : paths) list.append(list.empty() ? "" : ", ") += duck::Quote(path);
  return "read_parquet([" + list + "], hive_partitioning = false)";
}

namespace {

std::string ReadPathsSql(Table table, uint32_t schema, const std::vector<std::string>& paths) {
  return OlderRowsSql(table, schema, ReadParquetSql(paths));
}

}  // namespace

std::string ReadFileSql(const ColdFile& file) {
  return ReadPathsSql(file.meta.table, file.meta.schema, {file.FullPath()});
}

std::string LiveSql(const Snapshot& snapshot, Table table, const std::string* project) {
  std::string sql;
  if (table != Table::kSpans && table != Table::kLogs) return sql;
  for (const Tombstone& t : snapshot.tombstones) {
    if (project != nullptr && t.project != *project) continue;
    sql += " AND NOT (project = " + duck::Quote(t.project) +
           " AND seq <= " + std::to_string(t.sequence) + " AND trace_id IN (" +
           TraceList(t.traces) + "))";
  }
  return sql;
}

std::string CurrentSql(const Snapshot& snapshot, uint64_t file) {
  const auto stale = snapshot.stale_runs.find(file);
  if (stale == snapshot.stale_runs.end()) return {};
  std::map<std::string, std::set<TraceId>> by_project;
  for (const TraceRef& t : stale->second) by_project[t.project].insert(t.trace_id);
  std::string sql;
  for (const auto& [project, traces] : by_project) {
    sql += " AND NOT (project = " + duck::Quote(project) + " AND trace_id IN (" +
           TraceList(traces) + "))";
  }
  return sql;
}

std::string SourceSql(const Snapshot& snapshot, Table table, std::string_view columns,
                      const Scope& scope) {
  const std::string select = "SELECT " + std::string(columns) + " FROM ";
  const std::string where =
      " WHERE " + ConditionOf(table, scope) + LiveSql(snapshot, table, &scope.project);
  std::string sql = "(";
  const auto add = [&](const std::string& source, const std::string& more) {
    if (sql.size() > 1) sql += " UNION ALL ";
    sql += select + source + where + more;
  };
  if (table == Table::kRuns) {
    add(snapshot.hot_runs, "");
  } else {
    for (const auto& hot : snapshot.hot) add(hot->NameOf(table), "");
  }
  std::map<uint32_t, std::vector<std::string>> paths;  // by schema version
  for (const auto& file : snapshot.files) {
    if (!IsWanted(*file, table, scope)) continue;
    const std::string current =
        table == Table::kRuns ? CurrentSql(snapshot, file->meta.id) : std::string();
    if (current.empty()) {
      paths[file->meta.schema].push_back(file->FullPath());
    } else {
      add(ReadFileSql(*file), current);
    }
  }
  const bool by_trace = table == Table::kSpans && scope.trace != nullptr;
  for (const auto& [schema, same] : paths) {
    add(ReadPathsSql(table, schema, same),
        by_trace ? " AND trace_high = " + TraceHighLiteral(*scope.trace) : std::string());
  }
  return sql + ")";
}

void AddMatch(duck::Sql* sql, std::string_view column, const std::string& pattern) {
  if (pattern.empty()) return;
  if (pattern.back() == '*') {
    sql->Add(" AND starts_with(").Add(column).Add(", ");
    sql->Bind(pattern.substr(0, pattern.size() - 1)).Add(")");
  } else {
    sql->Add(" AND ").Add(column).Add(" = ").Bind(pattern);
  }
}

std::string EncodeCursor(std::string_view kind, const std::vector<std::string>& parts) {
  std::string text(kind);
  for (const std::string& part : parts) text.append(1, '\0').append(part);
  const uint64_t sum = Hash64(text, 0x616f);
  text.append(reinterpret_cast<const char*>(&sum), sizeof(sum));
  std::string encoded = EncodeBase64(text);
  for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!encoded.empty() && encoded.back() == '=') encoded.pop_back();
  return encoded;
}

Result<std::vector<std::string>> DecodeCursor(std::string_view kind, std::string_view cursor,
                                              size_t parts) {
  const Status refused = InvalidArgument("cannot use cursor '" + std::string(cursor.substr(0, 40)) +
                                         "': it does not come from this query");
  const auto text = DecodeBase64(cursor);
  if (!text || text->size() < sizeof(uint64_t)) return refused;
  const std::string_view body(text->data(), text->size() - sizeof(uint64_t));
  uint64_t sum;
  std::memcpy(&sum, text->data() + body.size(), sizeof(sum));
  if (sum != Hash64(body, 0x616f)) return refused;
  std::vector<std::string> found;
  for (size_t at = 0; at <= body.size();) {
    const size_t end = std::min(body.find('\0', at), body.size());
    found.emplace_back(body.substr(at, end - at));
    at = end + 1;
  }
  if (found.size() != parts + 1 || found.front() != kind) return refused;
  found.erase(found.begin());
  return found;
}

}  // namespace ao::storage::local
