#include <charconv>

#include "base/json_writer.h"
#include "storage/local/impl.h"

// Log records by time, with filters.

namespace ao::storage {

using local::Table;

namespace {

constexpr int64_t kMaxPage = 10'000;

// `text` as it appears inside a JSON string.
std::string JsonNeedle(const std::string& text) {
  std::string quoted;
  AppendJsonString(text, &quoted);
  return quoted.substr(1, quoted.size() - 2);
}

// ASCII letters only; the search in SQL folds the rest too.
std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

struct Position {
  Nanos time = 0;
  uint64_t sequence = 0;
  uint32_t ordinal = 0;
};

Result<Position> ParsePosition(const std::string& cursor) {
  AO_ASSIGN_OR_RETURN(const auto parts, local::DecodeCursor("logs", cursor, 3));
  Position p;
  const auto parse = [](const std::string& s, auto* v) {
    const auto r = std::from_chars(s.data(), s.data() + s.size(), *v);
    return r.ec == std::errc() && r.ptr == s.data() + s.size();
  };
  if (parse(parts[0], &p.time) && parse(parts[1], &p.sequence) && parse(parts[2], &p.ordinal)) {
    return p;
  }
  return InvalidArgument("cannot use the cursor: it is damaged");
}

duck::Sql LogSql(const local::Snapshot& snapshot, const LogQuery& q,
                 const std::optional<Position>& position, int64_t limit) {
  const local::Scope scope{q.project, q.range, q.trace_id.empty() ? nullptr : &q.trace_id, nullptr};
  duck::Sql sql("SELECT * FROM " +
                local::SourceSql(snapshot, Table::kLogs, local::ColumnList(Table::kLogs), scope) +
                " WHERE true");
  if (!q.span_id.empty()) sql.Add(" AND span_id = ").Bind(q.span_id.value);
  local::AddMatch(&sql, "service", q.service);
  local::AddMatch(&sql, "event_name", q.event_name);
  if (q.min_severity > 0) sql.Add(" AND severity_number >= ").Bind(int64_t{q.min_severity});
  if (!q.text.empty()) {
    // Long bodies are in the content store; those are looked at one by one.
    sql.Add(" AND (contains(lower(body), lower(").Bind(JsonNeedle(q.text));
    sql.Add(")) OR contains(body, '\"$ref\":'))");
  }
  const char* op = q.ascending ? " > " : " < ";
  if (position) {
    sql.Add(" AND (time_ns, seq, ordinal)").Add(op).Add("(").Bind(position->time).Add(", ");
    sql.Bind(position->sequence).Add("::UBIGINT, ");
    sql.Bind(uint64_t{position->ordinal}).Add("::UINTEGER)");
  }
  const char* direction = q.ascending ? " ASC" : " DESC";
  sql.Add(" ORDER BY time_ns").Add(direction).Add(", seq").Add(direction).Add(", ordinal");
  sql.Add(direction).Add(" LIMIT ").Add(std::to_string(limit));
  return sql;
}

bool ValueContains(const model::Value& value, const std::string& needle) {
  switch (value.kind()) {
    case model::ValueKind::kString:
      return Lower(std::string(value.as_string())).find(needle) != std::string::npos;
    case model::ValueKind::kArray:
      for (const model::Value& v : value.as_array()) {
        if (ValueContains(v, needle)) return true;
      }
      return false;
    case model::ValueKind::kMap:
      for (const model::KeyValue& kv : value.as_map()) {
        if (ValueContains(kv.value, needle)) return true;
      }
      return false;
    default: return false;
  }
}

}  // namespace

Result<LogPage> LocalStore::Impl::ListLogs(const LogQuery& q) {
  AO_TRY(CheckProject(q.project));
  std::optional<Position> position;
  if (!q.cursor.empty()) {
    AO_ASSIGN_OR_RETURN(position, ParsePosition(q.cursor));
  }
  const int64_t limit = std::clamp<int64_t>(q.limit, 0, kMaxPage);
  LogPage page;
  page.batch.signal = model::Signal::kLogs;
  AO_ASSIGN_OR_RETURN(auto view, View());
  local::BatchBuilder builder(&page.batch, [&](Nanos t) { return ReaderOf(q.project, t); });
  const std::string needle = Lower(q.text);
  int64_t found = 0;
  // Rows that only might match are checked here, so a page may take several rounds.
  for (bool exhausted = false; !exhausted && found < limit;) {
    const int64_t want = limit - found + 1;
    AO_ASSIGN_OR_RETURN(auto rows,
                        view->connection().Query(LogSql(view->snapshot(), q, position, want)));
    int64_t seen = 0;
    for (;;) {
      AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      for (size_t r = 0; r < rows->size(); ++r, ++seen) {
        if (found == limit) {
          page.next_cursor = local::EncodeCursor(
              "logs", {std::to_string(position->time), std::to_string(position->sequence),
                       std::to_string(position->ordinal)});
          continue;
        }
        const local::StoredLog log = local::ReadLog(*rows, r, &page.batch.arena);
        position = Position{log.row.time, log.sequence, log.ordinal};
        if (!needle.empty() && log.row.body.find("\"$ref\":") != std::string_view::npos) {
          Arena arena;
          AO_ASSIGN_OR_RETURN(const model::Value body,
                              DecodeValue(log.row.body, ReaderOf(q.project, log.row.time), &arena));
          if (!ValueContains(body, needle)) continue;
        }
        AO_TRY(builder.Add(log.row));
        ++found;
      }
    }
    exhausted = seen < want;
  }
  builder.Finish();
  return page;
}

}  // namespace ao::storage
