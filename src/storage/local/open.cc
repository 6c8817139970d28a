#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>

#include <simdjson.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "storage/local/impl.h"
#include "storage/local/sealing.h"

// Opening a directory, recovering what the log holds, closing it.

namespace ao::storage {

using local::Table;

namespace {

constexpr int kFormat = 1;

std::string PlainPath(const std::string& path) {
  std::error_code error;
  std::string plain = std::filesystem::absolute(path, error).lexically_normal().string();
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  return error ? path : plain;
}

Status CannotUseMeta(const std::string& path, const std::string& reason) {
  return FailedPrecondition("cannot use " + path + ": " + reason);
}

}  // namespace

Result<uint64_t> LocalStore::ContentSeedOf(FileSystem& fs, const std::string& directory) {
  const std::string path = directory + "/store.json";
  if (!fs.Exists(path)) {
    AO_TRY(fs.CreateDirectories(directory));
    std::random_device random;
    const uint64_t seed = (static_cast<uint64_t>(random()) << 32) | random();
    JsonWriter json;
    json.BeginObject()
        .Field("format", kFormat)
        .Field("content_seed", SpanId{seed}.ToHex())
        .EndObject();
    AO_TRY(WriteFileAtomically(fs, path, json.text() + "\n"));
    return seed;
  }
  AO_ASSIGN_OR_RETURN(const std::string text, ReadFile(fs, path));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  int64_t format = 0;
  std::string_view hex;
  if (parser.parse(text).get(root) != simdjson::SUCCESS ||
      root["format"].get(format) != simdjson::SUCCESS) {
    return CannotUseMeta(path, "it is damaged");
  }
  if (format != kFormat) {
    return CannotUseMeta(path, "format " + std::to_string(format) +
                                   " was written by another version of this program");
  }
  std::optional<SpanId> seed;
  if (root["content_seed"].get(hex) == simdjson::SUCCESS) seed = SpanId::FromHex(hex);
  if (!seed) return CannotUseMeta(path, "it is damaged");
  return seed->value;
}

LocalStore::Impl::Impl(Options options, FileSystem& fs, const Clock& clock, ReplayDecoder decoder,
                       RunSource& runs)
    : options_(std::move(options)),
      fs_(fs),
      clock_(clock),
      decoder_(std::move(decoder)),
      runs_(runs),
      // The engine compares paths with the directories it may use: make them absolute and plain.
      directory_(PlainPath(options_.directory)) {}

LocalStore::Impl::~Impl() {
  (void)Close();
  if (sealing_ != nullptr && !sealing_->listed) {
    for (const auto& file : sealing_->files) file->doomed = true;
    if (sealing_->open_runs != nullptr) sealing_->open_runs->doomed = true;
  }
  for (auto& appender : appenders_) appender.reset();
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

Status LocalStore::Impl::LockDirectory() {
  const std::string path = directory_ + "/LOCK";
  lock_fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock_fd_ < 0) return ErrnoStatus("open " + path, errno);
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    char pid[32] = {};
    const ssize_t n = ::pread(lock_fd_, pid, sizeof(pid) - 1, 0);
    ::close(lock_fd_);
    lock_fd_ = -1;
    return FailedPrecondition("cannot open " + directory_ + ": process " +
                                  (n > 0 ? std::string(pid) : std::string("(unknown)")) +
                                  " has it open",
                              "stop that process or use another data directory");
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock_fd_, 0) != 0 ||
      ::pwrite(lock_fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return ErrnoStatus("write " + path, errno);
  }
  return OkStatus();
}

Status LocalStore::Impl::Open() {
  for (const char* folder : {"", "/segments", "/quarantine"}) {
    AO_TRY(fs_.CreateDirectories(directory_ + folder));
  }
  AO_TRY(LockDirectory());
  AO_ASSIGN_OR_RETURN(content_seed_, LocalStore::ContentSeedOf(fs_, directory_));
  AO_TRY(OpenManifest());
  AO_TRY(RemoveUnlistedFiles());
  AO_TRY(OpenEngine());
  AO_ASSIGN_OR_RETURN(scores_, local::ScoreTable::Open(directory_ + "/observatory.db", clock_));
  ContentStore::Options content;
  content.hash_seed = content_seed_;
  AO_ASSIGN_OR_RETURN(content_,
                      ContentStore::Open(fs_, directory_ + "/content", content, manifest_.content));
  AO_TRY(LoadSegments());
  AO_TRY(LoadOpenRuns());
  AO_TRY(Replay());
  AO_TRY(RestoreChangedRuns());
  wal_thread_ = std::thread([this] { WalLoop(); });
  apply_thread_ = std::thread([this] { ApplyLoop(); });
  seal_thread_ = std::thread([this] { SealLoop(); });
  if (options_.maintenance_interval > 0) {
    maintenance_thread_ = std::thread([this] { MaintenanceLoop(); });
  }
  return OkStatus();
}

// A store has a manifest from the first moment on; without it, every file would count as unlisted.
Status LocalStore::Impl::OpenManifest() {
  if (!fs_.Exists(directory_ + "/MANIFEST")) {
    AO_ASSIGN_OR_RETURN(const auto names, fs_.List(directory_ + "/segments"));
    if (!names.empty()) {
      return Corruption("cannot open " + directory_ + ": it has segments, but no MANIFEST",
                        "restore MANIFEST from a copy");
    }
    AO_TRY(local::SaveManifest(fs_, directory_, local::Manifest{}));
  }
  AO_ASSIGN_OR_RETURN(manifest_, local::LoadManifest(fs_, directory_));
  next_file_ = manifest_.next_file;
  return OkStatus();
}

// What a crash left behind before a manifest could name it, and the engine's temporary files.
Status LocalStore::Impl::RemoveUnlistedFiles() {
  for (const char* folder : {"/tmp", "/export"}) {
    std::error_code error;
    std::filesystem::remove_all(directory_ + folder, error);
  }
  std::set<std::string> listed;
  const auto list = [&](const local::SegmentFile& f) {
    listed.insert(f.path);
    if (!f.index.empty()) listed.insert(f.index);
  };
  for (const local::SegmentFile& f : manifest_.files) list(f);
  if (manifest_.open_runs) list(*manifest_.open_runs);
  AO_ASSIGN_OR_RETURN(const auto names, fs_.List(directory_ + "/segments"));
  for (const std::string& name : names) {
    if (!listed.contains("segments/" + name)) {
      AO_TRY(fs_.Remove(directory_ + "/segments/" + name));
    }
  }
  return OkStatus();
}

Status LocalStore::Impl::OpenEngine() {
  AO_ASSIGN_OR_RETURN(
      database_, duck::Database::OpenInMemory(
                     {{"threads", std::to_string(options_.threads)},
                      {"memory_limit", std::to_string(options_.memory_bytes >> 20) + "MiB"},
                      // Else the engine checkpoints its in-memory tables, and appends wait for it.
                      {"checkpoint_threshold", "1TB"},
                      {"temp_directory", directory_ + "/tmp"},
                      {"autoinstall_known_extensions", "false"},
                      {"autoload_known_extensions", "false"},
                      {"allow_community_extensions", "false"}}));
  pool_ = std::make_unique<local::ConnectionPool>(*database_);
  AO_ASSIGN_OR_RETURN(apply_connection_, database_->Connect());
  AO_ASSIGN_OR_RETURN(seal_connection_, database_->Connect());
  AO_ASSIGN_OR_RETURN(runs_connection_, database_->Connect());
  AO_ASSIGN_OR_RETURN(maintenance_connection_, database_->Connect());
  for (const std::string& setting :
       {std::string("SET GLOBAL parquet_metadata_cache = true"),
        "SET allowed_directories = [" + duck::Quote(directory_ + "/segments/") + ", " +
            duck::Quote(directory_ + "/export/") + "]",
        std::string("SET enable_external_access = false"),
        std::string("SET lock_configuration = true")}) {
    AO_TRY(apply_connection_->Execute(setting));
  }
  auto snapshot = std::make_shared<local::Snapshot>();
  snapshot->hot_runs = "hot_runs_" + std::to_string(next_runs_table_);
  AO_TRY(runs_connection_->Execute(local::CreateTableSql(Table::kRuns, snapshot->hot_runs)));
  hot_ = std::make_shared<local::HotTables>(1);
  AO_TRY(CreateTables(hot_.get()));
  snapshot->hot.push_back(hot_);
  snapshot->tombstones = manifest_.tombstones;
  snapshot->stale_runs = manifest_.stale_runs;
  snapshot_ = std::move(snapshot);
  applied_ = manifest_.sealed_before - 1;
  return OkStatus();
}

Status LocalStore::Impl::LoadSegments() {
  auto next = std::make_shared<local::Snapshot>(*snapshot_);
  for (const local::SegmentFile& meta : manifest_.files) {
    auto file = std::make_shared<local::ColdFile>(fs_, directory_, meta);
    AO_ASSIGN_OR_RETURN(auto opened, fs_.Open(file->FullPath(), FileSystem::Mode::kRead));
    if (!meta.index.empty()) {
      AO_ASSIGN_OR_RETURN(file->index, local::TraceIndex::Open(directory_ + "/" + meta.index));
    }
    next->files.push_back(std::move(file));
  }
  snapshot_ = std::move(next);
  return OkStatus();
}

// The rows of runs that were not settled when their spans were sealed. They have been quiet since,
// unless the log has more of them; their spans are read again when one more comes.
Status LocalStore::Impl::LoadOpenRuns() {
  if (!manifest_.open_runs) return OkStatus();
  const local::SegmentFile& meta = *manifest_.open_runs;
  open_runs_ = std::make_shared<local::ColdFile>(fs_, directory_, meta);
  AO_ASSIGN_OR_RETURN(open_runs_->index, local::TraceIndex::Open(directory_ + "/" + meta.index));
  const std::string complete = std::to_string(static_cast<int>(model::Completeness::kComplete));
  const std::string incomplete = std::to_string(static_cast<int>(model::Completeness::kIncomplete));
  duck::Connection& c = *runs_connection_;
  AO_TRY(c.Execute(
      "INSERT INTO " + snapshot_->hot_runs +
      " SELECT * REPLACE (CASE WHEN completeness <> 0 THEN completeness WHEN missing_parents = "
      "0 THEN " +
      complete + " ELSE " + incomplete + " END AS completeness) FROM (SELECT " +
      local::ColumnList(Table::kRuns) + " FROM " + local::ReadFileSql(*open_runs_) + " WHERE true" +
      local::CurrentSql(*snapshot_, meta.id) + ")"));
  return c.ForEachRow("SELECT project, trace_id FROM " + snapshot_->hot_runs,
                      [&](const duck::Rows& rows, size_t r) {
                        hot_runs_.insert(local::TraceHash(rows.Text(0, r), rows.Trace(1, r)));
                      });
}

// After the replay: those that it did not bring back.
Status LocalStore::Impl::RestoreChangedRuns() {
  if (manifest_.changed_runs.empty()) return OkStatus();
  AO_TRY(FlushRuns());
  for (const local::TraceRef& ref : manifest_.changed_runs) {
    if (hot_runs_.contains(local::TraceHash(ref.project, ref.trace_id))) continue;
    Arena arena;
    AO_ASSIGN_OR_RETURN(const auto stored, LoadSpans(ref.project, ref.trace_id, {}, &arena));
    std::vector<const SpanRow*> rows;
    Nanos received = 0;
    for (const local::StoredSpan& s : stored) {
      rows.push_back(&s.row);
      received = std::max(received, s.received);
    }
    if (!rows.empty()) runs_.Observe(ref.project, received, rows);
  }
  return OkStatus();
}

Status LocalStore::Impl::Replay() {
  const Nanos start = clock_.Monotonic();
  Group pending;
  uint64_t bytes = 0;
  const auto apply = [&]() -> Status {
    AO_TRY(ApplyGroup(pending));
    pending.clear();
    bytes = 0;
    if (hot_->rows < options_.seal_rows && hot_->bytes < options_.seal_bytes) return OkStatus();
    return Seal();
  };
  auto wal = Wal::Open(fs_, directory_ + "/wal", {}, manifest_.sealed_before,
                       [&](Lsn lsn, std::string_view payload) -> Status {
                         AO_TRY(ReplayFrame(lsn, payload, &pending, &bytes));
                         constexpr uint64_t kAtOnce = 16 << 20;
                         return bytes < kAtOnce ? OkStatus() : apply();
                       });
  if (!wal.ok()) return wal.status();
  AO_TRY(apply());
  wal_ = std::move(*wal);
  AO_TRY(wal_->EraseBefore(manifest_.sealed_before));
  replay_duration_ = clock_.Monotonic() - start;
  return OkStatus();
}

Status LocalStore::Impl::ReplayFrame(Lsn lsn, std::string_view payload, Group* pending,
                                     uint64_t* bytes) {
  if (manifest_.refused.contains(lsn)) return OkStatus();
  std::string_view rest = payload;
  bool intact = true;
  const auto take = [&](size_t n) {
    if (rest.size() < n) intact = false;
    const std::string_view part = rest.substr(0, n);
    rest.remove_prefix(part.size());
    return part;
  };
  const auto take_text = [&] {
    uint32_t size = 0;
    const std::string_view raw = take(sizeof(size));
    if (intact) std::memcpy(&size, raw.data(), sizeof(size));
    return take(size);
  };
  storage::ReplayFrame frame;
  frame.project = take_text();
  frame.format = take_text();
  const std::string_view received = take(sizeof(frame.received));
  if (!intact) return Quarantine(lsn, payload, Corruption("the frame is too short"));
  std::memcpy(&frame.received, received.data(), sizeof(frame.received));
  frame.body = std::string(rest);
  auto batch = decoder_(std::move(frame));
  if (!batch.ok()) return Quarantine(lsn, payload, batch.status());
  Item item{std::move(*batch), [](Result<Ack>) {}, 0, lsn, {}, {}};
  *bytes += payload.size();
  pending->push_back(std::move(item));
  ++replayed_;
  return OkStatus();
}

// A frame that was written whole and cannot be decoded is kept for inspection and not in the way.
Status LocalStore::Impl::Quarantine(Lsn lsn, std::string_view payload, const Status& why) {
  const std::string path = directory_ + "/quarantine/frame-" + std::to_string(lsn) + ".bin";
  AO_LOG(kError, "store", "a logged batch cannot be decoded; it is kept aside", "file", path,
         "error", why.message());
  ++quarantined_;
  return WriteFileAtomically(fs_, path, payload);
}

Status LocalStore::Impl::Close() {
  {
    std::lock_guard lock(queue_mutex_);
    if (closing_) return OkStatus();
    closing_ = true;
    queue_changed_.notify_all();
  }
  if (wal_thread_.joinable()) wal_thread_.join();
  if (apply_thread_.joinable()) apply_thread_.join();
  {
    std::lock_guard lock(queue_mutex_);
    stopping_ = true;
    seal_changed_.notify_all();
    maintenance_changed_.notify_all();
  }
  if (seal_thread_.joinable()) seal_thread_.join();
  if (maintenance_thread_.joinable()) maintenance_thread_.join();
  return OkStatus();
}

StoreStats LocalStore::Impl::Stats() {
  StoreStats s;
  const auto snapshot = CurrentSnapshot();
  for (const auto& hot : snapshot->hot) {
    s.spans += hot->spans;
    s.logs += hot->logs;
    s.points += hot->points;
    s.hot_rows += hot->rows;
    s.hot_bytes += hot->bytes;
  }
  for (const auto& file : snapshot->files) {
    ++s.segments;
    s.segment_bytes += file->meta.bytes;
    if (file->meta.table == Table::kSpans) s.spans += file->meta.rows;
    if (file->meta.table == Table::kLogs) s.logs += file->meta.rows;
    if (file->meta.table == Table::kPoints) s.points += file->meta.rows;
    if (file->meta.table != Table::kRuns) continue;
    const auto stale = snapshot->stale_runs.find(file->meta.id);
    const uint64_t hidden = stale == snapshot->stale_runs.end() ? 0 : stale->second.size();
    s.runs += file->meta.rows - std::min(file->meta.rows, hidden);
  }
  if (FlushRuns().ok()) {
    std::lock_guard lock(runs_mutex_);
    s.runs += hot_runs_.size();
  }
  const ContentStats content = content_->Stats();
  s.content_bytes = content.file_bytes + content.pending_bytes;
  s.content_raw_bytes = content.offered_bytes;
  s.wal_bytes = wal_->Bytes();
  s.disk_bytes = s.wal_bytes + content.file_bytes + s.segment_bytes;
  s.seals = seals_;
  s.wal_syncs = wal_syncs_;
  s.replayed_batches = replayed_;
  s.last_seal_duration = last_seal_duration_;
  s.replay_duration = replay_duration_;
  std::lock_guard lock(queue_mutex_);
  if (!write_error_.ok()) {
    s.write_error = write_error_.message();
  } else if (!last_append_error_.ok()) {
    s.write_error = last_append_error_.message();
  }
  return s;
}

}  // namespace ao::storage
