#include "storage/local/local_store.h"

#include "storage/local/impl.h"

namespace ao::storage {

Result<std::unique_ptr<LocalStore>> LocalStore::Open(Options options, FileSystem& fs,
                                                     const Clock& clock, ReplayDecoder decoder,
                                                     RunSource& runs) {
  auto impl = std::make_unique<Impl>(std::move(options), fs, clock, std::move(decoder), runs);
  AO_TRY(impl->Open());
  return std::unique_ptr<LocalStore>(new LocalStore(std::move(impl)));
}

LocalStore::LocalStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalStore::~LocalStore() = default;

uint64_t LocalStore::content_seed() const { return impl_->content_seed(); }
void LocalStore::Append(PreparedBatch batch, Done done) {
  impl_->Append(std::move(batch), std::move(done));
}
Result<RunPage> LocalStore::ListRuns(const RunQuery& query) { return impl_->ListRuns(query); }
Result<model::Run> LocalStore::GetRun(const std::string& project, const TraceId& id) {
  return impl_->GetRun(project, id);
}
Result<TraceSkeleton> LocalStore::GetTrace(const std::string& project, const TraceId& id) {
  return impl_->GetTrace(project, id);
}
Result<model::Batch> LocalStore::ReadSpans(const std::string& project, const TraceId& id,
                                           std::optional<SpanId> span) {
  return impl_->ReadSpans(project, id, span);
}
Result<LogPage> LocalStore::ListLogs(const LogQuery& query) { return impl_->ListLogs(query); }
Result<SessionPage> LocalStore::ListSessions(const SessionQuery& query) {
  return impl_->ListSessions(query);
}
Result<AgentPage> LocalStore::ListAgents(const AgentQuery& query) {
  return impl_->ListAgents(query);
}
Result<UserPage> LocalStore::ListUsers(const UserQuery& query) { return impl_->ListUsers(query); }
Statistics& LocalStore::statistics() { return *impl_; }
Result<TextPage> LocalStore::SearchText(const TextQuery& query) { return impl_->SearchText(query); }
Result<SqlResult> LocalStore::Sql(const SqlRequest& request) { return impl_->RunSql(request); }
Status LocalStore::Export(const ExportQuery& query, const BatchSink& sink) {
  return impl_->Export(query, sink);
}
Status LocalStore::ExportParquet(const std::string& directory) {
  return impl_->ExportParquet(directory);
}
Result<DeleteReport> LocalStore::Delete(const DeleteQuery& query) { return impl_->Delete(query); }
Result<Score> LocalStore::PutScore(Score score) { return impl_->scores().Put(std::move(score)); }
Result<ScorePage> LocalStore::ListScores(const ScoreQuery& query) {
  return impl_->scores().List(query);
}
Status LocalStore::Seal() { return impl_->Seal(); }
StoreStats LocalStore::Stats() { return impl_->Stats(); }
Status LocalStore::Close() { return impl_->Close(); }
Status LocalStore::RefreshRuns() { return impl_->FlushRuns(); }
Result<ReindexReport> LocalStore::Reindex(const ReindexOptions& options) {
  return impl_->Reindex(options);
}
Status LocalStore::RunMaintenance() { return impl_->RunMaintenance(true); }

}  // namespace ao::storage
