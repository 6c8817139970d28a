#include <filesystem>

#include "storage/local/impl.h"

// Everything out again: as batches, lossless, or as Parquet files.

namespace ao::storage {

using local::Table;

namespace {

// Gives a batch to the sink whenever enough records are in it.
class Batcher {
 public:
  Batcher(const BatchSink& sink, int64_t limit, local::BatchBuilder::Content content)
      : sink_(sink), limit_(static_cast<uint64_t>(limit)), content_(std::move(content)) {
    Begin();
  }
  Arena* arena() { return &batch_->arena; }
  template <typename... Rows>
  Status Add(const Rows&... rows) {
    AO_TRY(builder_->Add(rows...));
    return batch_->accepted < limit_ ? OkStatus() : Flush();
  }
  Status Flush() {
    builder_->Finish();
    if (batch_->accepted > 0) AO_TRY(sink_(*batch_));
    Begin();
    return OkStatus();
  }

 private:
  void Begin() {
    builder_.reset();
    batch_ = std::make_unique<model::Batch>();
    builder_ = std::make_unique<local::BatchBuilder>(batch_.get(), content_);
  }
  const BatchSink& sink_;
  const uint64_t limit_;
  const local::BatchBuilder::Content content_;
  std::unique_ptr<model::Batch> batch_;
  std::unique_ptr<local::BatchBuilder> builder_;
};

// Hours that have rows of the scope, in order. An hour's rows are sorted in memory at a time.
Result<std::vector<TimeRange>> HoursOf(duck::Connection& connection, const std::string& source,
                                       const std::string& time, const TimeRange& range) {
  std::vector<TimeRange> hours;
  const std::string hour = time + " // " + std::to_string(kHour);
  AO_TRY(connection.ForEachRow("SELECT DISTINCT " + hour + " FROM " + source + " ORDER BY 1",
                               [&](const duck::Rows& rows, size_t r) {
                                 const Nanos since = rows.Int(0, r) * kHour;
                                 TimeRange h{std::max(since, range.since), since + kHour};
                                 if (range.until != 0) h.until = std::min(h.until, range.until);
                                 hours.push_back(h);
                                 return OkStatus();
                               }));
  return hours;
}

}  // namespace

Status LocalStore::Impl::Export(const ExportQuery& q, const BatchSink& sink) {
  AO_TRY(CheckProject(q.project));
  const Table table = q.signal == model::Signal::kTraces ? Table::kSpans
                      : q.signal == model::Signal::kLogs ? Table::kLogs
                                                         : Table::kPoints;
  const std::string time = local::SpecOf(table).time_column;
  AO_ASSIGN_OR_RETURN(auto view, View());
  const bool by_trace = !q.trace_id.empty() && table != Table::kPoints;
  local::Scope scope{q.project, q.range, by_trace ? &q.trace_id : nullptr, nullptr};
  AO_ASSIGN_OR_RETURN(
      const auto hours,
      HoursOf(view->connection(), local::SourceSql(view->snapshot(), table, time, scope), time,
              q.range));
  Batcher out(sink, std::max<int64_t>(q.batch_records, 1),
              [&](Nanos t) { return ReaderOf(q.project, t); });
  Arena series_arena;
  std::map<uint64_t, SeriesRow> series;
  if (table == Table::kPoints) {
    const local::Scope all{q.project, {}, nullptr, nullptr};
    AO_TRY(view->connection().ForEachRow(
        "SELECT * FROM " + local::SourceSql(view->snapshot(), Table::kSeries,
                                            local::ColumnList(Table::kSeries), all),
        [&](const duck::Rows& rows, size_t r) {
          if (series.contains(rows.Uint(1, r))) return OkStatus();
          const SeriesRow row = local::ReadSeries(rows, r, &series_arena);
          series.emplace(row.series_id, row);
          return OkStatus();
        }));
  }
  for (const TimeRange& hour : hours) {
    scope.range = hour;
    const std::string order = table == Table::kSpans  ? "start_ns, trace_id, span_id"
                              : table == Table::kLogs ? "time_ns, seq, ordinal"
                                                      : "series_id, time_ns, seq";
    AO_TRY(view->connection().ForEachRow(
        "SELECT * FROM " +
            local::SourceSql(view->snapshot(), table, local::ColumnList(table), scope) +
            " ORDER BY " + order,
        [&](const duck::Rows& rows, size_t r) -> Status {
          if (table == Table::kSpans) return out.Add(local::ReadSpan(rows, r, out.arena()).row);
          if (table == Table::kLogs) return out.Add(local::ReadLog(rows, r, out.arena()).row);
          const PointRow point = local::ReadPoint(rows, r, out.arena());
          const auto it = series.find(point.series_id);
          if (it == series.end()) return OkStatus();
          return out.Add(it->second, point);
        }));
  }
  return out.Flush();
}

// Files are made under the data directory, where alone the engine may write, and copied.
Status LocalStore::Impl::ExportParquet(const std::string& directory) {
  std::lock_guard one(export_mutex_);  // they share the staging folder
  AO_TRY(fs_.CreateDirectories(directory));
  AO_ASSIGN_OR_RETURN(auto view, ViewOfRuns());
  const std::string staging = directory_ + "/export";
  AO_TRY(fs_.CreateDirectories(staging));
  for (const Table table : local::kTables) {
    const std::string name = local::SpecOf(table).name;
    const local::Snapshot& s = view->snapshot();
    std::string hot;
    const auto add = [&](const std::string& source, const std::string& more = {}) {
      hot += (hot.empty() ? "" : " UNION ALL ") + std::string("SELECT ") +
             local::ColumnList(table) + " FROM " + source + " WHERE true" +
             local::LiveSql(s, table, nullptr) + more;
    };
    if (table == Table::kRuns) {
      add(s.hot_runs);
    } else {
      for (const auto& tables : s.hot) add(tables->NameOf(table));
    }
    // Files with deleted or superseded rows are not copied as they are.
    std::vector<std::shared_ptr<local::ColdFile>> whole;
    for (const auto& file : s.files) {
      if (file->meta.table != table) continue;
      if (!local::LiveSql(s, table, nullptr).empty() ||
          !local::CurrentSql(s, file->meta.id).empty() ||
          file->meta.schema != local::kSchemaVersion) {
        add(local::ReadFileSql(*file), local::CurrentSql(s, file->meta.id));
      } else {
        whole.push_back(file);
      }
    }
    const std::string path = staging + "/" + name + "-recent.parquet";
    AO_TRY(view->connection().Execute("COPY (" + hot + ") TO " + duck::Quote(path) +
                                      " (FORMAT parquet, COMPRESSION zstd)"));
    std::error_code error;
    const auto overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(path, directory + "/" + name + "-recent.parquet", overwrite, error);
    (void)fs_.Remove(path);
    if (error) return ErrnoStatus("copy to " + directory, error.value());
    for (const auto& file : whole) {
      const std::string to =
          directory + "/" + std::filesystem::path(file->meta.path).filename().string();
      std::filesystem::copy_file(file->FullPath(), to, overwrite, error);
      if (error) return ErrnoStatus("copy " + file->meta.path + " to " + to, error.value());
    }
  }
  return OkStatus();
}

}  // namespace ao::storage
