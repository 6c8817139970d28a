#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "semconv/canonicalize.h"
#include "storage/encode/prepare.h"
#include "storage/encode/span_mapper.h"
#include "storage/local/batch_builder.h"
#include "storage/local/impl.h"

// Canonical columns of sealed spans made again by today's mapping. A file is replaced at once, so
// an interrupted round goes on with the files that are left.

namespace ao::storage {

using local::ColdFile;
using local::Table;

namespace {

constexpr size_t kChunk = 512;
constexpr const char* kRows = "reindex_rows";

// The address of a column's text, when the row has it among its content.
ContentAddress RefOf(std::string_view text, uint64_t seed, const SpanRow& row) {
  if (text.size() <= PrepareOptions{}.inline_limit) return {};
  std::vector<ContentPiece> pieces;
  const ContentAddress address = CutIntoPieces(text, seed, row.start, &pieces);
  const auto& refs = row.content_refs;
  return std::find(refs.begin(), refs.end(), address) == refs.end() ? ContentAddress{} : address;
}

}  // namespace

class LocalStore::Impl::Reindexer {
 public:
  Reindexer(Impl& store, const cost::Pricer* pricer) : store_(store), mapper_(pricer) {}

  // Writes a file again with mapped rows, and names the traces in it.
  Result<std::shared_ptr<ColdFile>> MapFile(const ColdFile& file, const local::Snapshot& snapshot,
                                            std::set<local::TraceRef>* traces);
  // The run of a trace is made anew from its spans.
  Status RemakeRun(const local::TraceRef& ref);

 private:
  Status MapRows(std::span<local::StoredSpan> rows, Arena* arena, duck::Appender* out);

  Impl& store_;
  SpanMapper mapper_;
};

// Maps the rows and appends them to the table.
Status LocalStore::Impl::Reindexer::MapRows(std::span<local::StoredSpan> rows, Arena* arena,
                                            duck::Appender* out) {
  model::Batch batch;
  const std::string project(rows.front().project);
  local::BatchBuilder builder(&batch, [&](Nanos time) { return store_.ReaderOf(project, time); });
  for (const local::StoredSpan& stored : rows) AO_TRY(builder.Add(stored.row));
  builder.Finish();
  size_t next = 0;
  for (const auto& group : batch.spans) {
    for (const model::Span& span : group.records) {
      local::StoredSpan& stored = rows[next++];
      SpanRow& row = stored.row;
      row.canonical = {};
      mapper_.Map(stored.project, *group.resource, *group.scope, span, arena, &row);
      row.input_ref = RefOf(row.canonical.input, store_.content_seed_, row);
      row.output_ref = RefOf(row.canonical.output, store_.content_seed_, row);
      row.tool_arguments_ref = RefOf(row.canonical.tool_arguments, store_.content_seed_, row);
      row.tool_result_ref = RefOf(row.canonical.tool_result, store_.content_seed_, row);
      AO_TRY(local::WriteSpan(row, {stored.project, stored.sequence, stored.received}, arena, out));
    }
  }
  return out->Flush();
}

Result<std::shared_ptr<ColdFile>> LocalStore::Impl::Reindexer::MapFile(
    const ColdFile& file, const local::Snapshot& snapshot, std::set<local::TraceRef>* traces) {
  duck::Connection& c = *store_.maintenance_connection_;
  AO_TRY(c.Execute("DROP TABLE IF EXISTS " + std::string(kRows)));
  AO_TRY(c.Execute(local::CreateTableSql(Table::kSpans, kRows)));
  AO_ASSIGN_OR_RETURN(auto writer, store_.database_->Connect());
  AO_ASSIGN_OR_RETURN(auto appender,
                      duck::Appender::Create(*writer, kRows, local::ColumnTypes(Table::kSpans)));
  AO_ASSIGN_OR_RETURN(
      auto rows, c.Query("SELECT " + local::ColumnList(Table::kSpans) + " FROM " +
                         local::ReadFileSql(file) + " WHERE true" +
                         local::LiveSql(snapshot, Table::kSpans, nullptr) + " ORDER BY project"));
  std::vector<local::StoredSpan> chunk;
  Arena arena;
  const auto map = [&]() -> Status {
    if (!chunk.empty()) AO_TRY(MapRows(chunk, &arena, appender.get()));
    chunk.clear();
    arena = Arena();
    return OkStatus();
  };
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) break;
    for (size_t r = 0; r < rows->size(); ++r) {
      local::StoredSpan stored = local::ReadSpan(*rows, r, &arena);
      traces->insert({std::string(stored.project), stored.row.trace_id});
      if (chunk.size() >= kChunk || (!chunk.empty() && chunk.front().project != stored.project)) {
        // Its views are in the arena that mapping clears.
        Arena kept;
        stored = local::ReadSpan(*rows, r, &kept);
        AO_TRY(map());
        arena = std::move(kept);
      }
      chunk.push_back(stored);
    }
  }
  AO_TRY(map());
  AO_ASSIGN_OR_RETURN(
      auto mapped,
      WriteFile(c, Table::kSpans, "SELECT " + local::ColumnList(Table::kSpans) + " FROM " + kRows));
  AO_TRY(c.Execute("DROP TABLE " + std::string(kRows)));
  return mapped;
}

Status LocalStore::Impl::Reindexer::RemakeRun(const local::TraceRef& ref) {
  Arena arena;
  AO_ASSIGN_OR_RETURN(const auto stored, store_.LoadSpans(ref.project, ref.trace_id, {}, &arena));
  std::vector<const SpanRow*> rows;
  Nanos received = 0;
  for (const local::StoredSpan& s : stored) {
    rows.push_back(&s.row);
    received = std::max(received, s.received);
  }
  if (rows.empty()) return OkStatus();
  std::lock_guard apply(store_.apply_mutex_);
  store_.runs_.Forget(ref.project, ref.trace_id);
  store_.runs_.Observe(ref.project, received, rows);
  return OkStatus();
}

Result<ReindexReport> LocalStore::Impl::Reindex(const ReindexOptions& options) {
  Reindexer reindexer(*this, options.pricer);
  std::lock_guard round(maintenance_mutex_);
  {
    std::lock_guard lock(structure_mutex_);
    AO_TRY(SealEverythingLocked(true));
  }
  ReindexReport report;
  const auto snapshot = CurrentSnapshot();
  std::vector<std::shared_ptr<ColdFile>> files;
  uint64_t total = 0, done = 0;
  for (const auto& file : snapshot->files) {
    if (file->meta.table != Table::kSpans) continue;
    if (!options.all) {
      AO_ASSIGN_OR_RETURN(
          const int64_t old,
          maintenance_connection_->QueryInt(
              duck::Sql("SELECT count(*) FROM " + local::ReadFileSql(*file) +
                        " WHERE mapping_version < " + std::to_string(semconv::kMappingVersion))));
      if (old == 0) continue;
    }
    files.push_back(file);
    total += file->meta.rows;
  }
  for (const auto& file : files) {
    std::set<local::TraceRef> traces;
    AO_ASSIGN_OR_RETURN(auto mapped, reindexer.MapFile(*file, *snapshot, &traces));
    Rewriting rewriting{CurrentSnapshot(), {file->meta.id}, {}};
    if (mapped != nullptr) rewriting.added.push_back(mapped);
    {
      std::lock_guard lock(structure_mutex_);
      local::Manifest next = manifest_;
      // Until their runs are sealed again; a store that is opened before makes them itself.
      next.changed_runs.insert(next.changed_runs.end(), traces.begin(), traces.end());
      const Status status = ReplaceFiles(std::move(next), rewriting);
      if (!status.ok() && mapped != nullptr && manifest_is_sure_) mapped->doomed = true;
      AO_TRY(status);
    }
    for (const local::TraceRef& ref : traces) AO_TRY(reindexer.RemakeRun(ref));
    AO_TRY(FlushRuns());
    report.spans += file->meta.rows;
    report.runs += traces.size();
    ++report.files;
    done += file->meta.rows;
    if (options.progress) options.progress(done, total);
  }
  if (report.files > 0) {
    std::lock_guard lock(structure_mutex_);
    AO_TRY(SealEverythingLocked(true));
  }
  return report;
}

}  // namespace ao::storage
