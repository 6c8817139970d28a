#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/duckdb/database.h"
#include "storage/local/manifest.h"
#include "storage/project_name.h"
#include "storage/store.h"

// What a query reads: a list of tables and files that stays as it is while the query runs, and SQL
// text over it. Internal to storage/local.

namespace ao::storage::local {

// The in-memory tables that take new rows until a seal writes them.
struct HotTables {
  explicit HotTables(uint64_t number) : id(number) {}
  std::string NameOf(Table table) const {
    return std::string("hot_") + SpecOf(table).name + "_" + std::to_string(id);
  }
  const uint64_t id;
  std::atomic<uint64_t> rows{0}, bytes{0}, spans{0}, logs{0}, points{0};
  std::atomic<Nanos> opened{0};  // arrival of the first row
};

// A sealed file. Unlinked when it is doomed and its last user is gone.
struct ColdFile {
  ColdFile(FileSystem& file_system, std::string root, SegmentFile file)
      : fs(file_system), directory(std::move(root)), meta(std::move(file)) {}
  ~ColdFile();
  ColdFile(const ColdFile&) = delete;
  std::string FullPath() const { return directory + "/" + meta.path; }

  FileSystem& fs;
  const std::string directory;
  const SegmentFile meta;
  std::unique_ptr<TraceIndex> index;  // spans and runs
  std::atomic<bool> doomed{false};
};

struct Snapshot {
  std::vector<std::shared_ptr<HotTables>> hot;  // oldest first; the last takes new rows
  std::string hot_runs;                         // the table of runs that are not sealed
  std::vector<std::shared_ptr<ColdFile>> files;
  std::vector<Tombstone> tombstones;
  std::map<uint64_t, std::set<TraceRef>> stale_runs;

  bool HasSealedSpans(std::string_view project, const TraceId& trace_id) const;
};

class ConnectionPool {
 public:
  explicit ConnectionPool(duck::Database& database) : database_(database) {}
  Result<std::unique_ptr<duck::Connection>> Take();
  void Give(std::unique_ptr<duck::Connection> connection);

 private:
  duck::Database& database_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<duck::Connection>> idle_;
};

// A connection inside a transaction that began together with its snapshot.
class ReadView {
 public:
  ReadView(ConnectionPool& pool, std::unique_ptr<duck::Connection> connection,
           std::shared_ptr<const Snapshot> snapshot)
      : pool_(pool), connection_(std::move(connection)), snapshot_(std::move(snapshot)) {}
  ~ReadView();
  ReadView(const ReadView&) = delete;

  duck::Connection& connection() { return *connection_; }
  const Snapshot& snapshot() const { return *snapshot_; }

 private:
  ConnectionPool& pool_;
  std::unique_ptr<duck::Connection> connection_;
  std::shared_ptr<const Snapshot> snapshot_;
};

// Which rows a query is about; decides which files are read.
struct Scope {
  std::string project;
  TimeRange range;
  const TraceId* trace = nullptr;
  const std::vector<TraceId>* traces = nullptr;  // any of these
};

// "(SELECT columns FROM a hot table WHERE .. UNION ALL .. FROM read_parquet([..]) WHERE ..)": the
// rows in scope that are not deleted or superseded.
std::string SourceSql(const Snapshot& snapshot, Table table, std::string_view columns,
                      const Scope& scope);
// " AND NOT (..)" for every deletion that concerns the rows of `table`; of all projects when
// `project` is null.
std::string LiveSql(const Snapshot& snapshot, Table table, const std::string* project);
// " AND NOT (..)" for the runs of a runs file (by id) that newer rows replace.
std::string CurrentSql(const Snapshot& snapshot, uint64_t file);
std::string UuidLiteral(const TraceId& id);
std::string ReadParquetSql(const std::vector<std::string>& paths);
// The rows of a sealed file with all columns of today's schema.
std::string ReadFileSql(const ColdFile& file);

// The condition that `column` matches `pattern` (exactly, or as a prefix when it ends in '*').
void AddMatch(duck::Sql* sql, std::string_view column, const std::string& pattern);

// Cursors carry a checksum, so that a damaged or foreign one is refused, not misread.
std::string EncodeCursor(std::string_view kind, const std::vector<std::string>& parts);
Result<std::vector<std::string>> DecodeCursor(std::string_view kind, std::string_view cursor,
                                              size_t parts);

}  // namespace ao::storage::local
