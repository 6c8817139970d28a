#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/run.h"
#include "storage/duckdb/database.h"
#include "storage/rows.h"

// The columns of the stored tables, and rows in and out of them. Internal to storage/local.

namespace ao::storage::local {

enum class Table : uint8_t { kSpans, kLogs, kPoints, kSeries, kRuns };
constexpr Table kTables[] = {Table::kSpans, Table::kLogs, Table::kPoints, Table::kSeries,
                             Table::kRuns};

// Sealed files say which version they were written with (SegmentFile::schema); columns that came
// later are added to what is read from them. A new column gets the next version here, that version
// in its ColumnSpec, and what older rows have for it.
constexpr uint32_t kSchemaVersion = 3;

struct ColumnSpec {
  const char* name;
  duck::Type type;
  uint32_t since = 1;          // the first schema version that has it
  const char* older = "NULL";  // SQL: its value in rows of older files
  uint32_t changed = 0;        // the schema version that gave it its type
  std::string before = {};     // SQL: its value in rows from between `since` and `changed`
};

struct TableSpec {
  const char* name;
  std::vector<ColumnSpec> columns;
  const char* time_column;  // decides a row's day
  const char* order;        // of the rows in a sealed file
};

const TableSpec& SpecOf(Table table);
std::string CreateTableSql(Table table, const std::string& name);
// "a, b, c" of every column, in the order of the Write and Read functions.
const std::string& ColumnList(Table table);
std::vector<duck::Type> ColumnTypes(Table table);
// `source`, which has rows of version `schema`, with the columns of today.
std::string OlderRowsSql(Table table, uint32_t schema, const std::string& source);

// Rows to tables. Texts that are not valid UTF-8 are repaired into `arena`.
struct RowOrigin {
  std::string_view project;
  uint64_t sequence = 0;  // lsn of the batch
  Nanos received = 0;
};
Status WriteSpan(const SpanRow& row, const RowOrigin& origin, Arena* arena, duck::Appender* out);
Status WriteLog(const LogRow& row, const RowOrigin& origin, uint32_t ordinal, Arena* arena,
                duck::Appender* out);
Status WritePoint(const PointRow& row, const RowOrigin& origin, duck::Appender* out);
Status WriteSeries(const SeriesRow& row, const RowOrigin& origin, Arena* arena,
                   duck::Appender* out);
Status WriteRun(const model::Run& run, Arena* arena, duck::Appender* out);

// Tables to rows; texts are copied into `arena`. `first` is the column that ColumnList starts at.
struct StoredSpan {
  std::string_view project;
  SpanRow row;
  Nanos received = 0;
  uint64_t sequence = 0;
};
StoredSpan ReadSpan(const duck::Rows& rows, size_t r, Arena* arena);
struct StoredLog {
  LogRow row;
  uint64_t sequence = 0;
  uint32_t ordinal = 0;
};
StoredLog ReadLog(const duck::Rows& rows, size_t r, Arena* arena);
PointRow ReadPoint(const duck::Rows& rows, size_t r, Arena* arena);
SeriesRow ReadSeries(const duck::Rows& rows, size_t r, Arena* arena);
Result<model::Run> ReadRun(const duck::Rows& rows, size_t r);

// Lists of names in one text column: \x1f before, between and after them.
std::string JoinNames(const std::vector<std::string>& names);
std::vector<std::string> SplitNames(std::string_view joined);

}  // namespace ao::storage::local
