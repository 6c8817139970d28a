#include "storage/local/scores.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "storage/local/view.h"

namespace ao::storage::local {
namespace {

constexpr const char* kSchema = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS scores (
  project TEXT NOT NULL, id TEXT NOT NULL, trace_id TEXT NOT NULL, span_id TEXT NOT NULL,
  session TEXT NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, number REAL NOT NULL,
  text TEXT NOT NULL, comment TEXT NOT NULL, source TEXT NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY (project, id));
CREATE INDEX IF NOT EXISTS scores_by_trace ON scores (project, trace_id);
CREATE INDEX IF NOT EXISTS scores_by_time ON scores (project, time);
)";

Status SqliteStatus(sqlite3* database, std::string_view what) {
  std::string message = "cannot " + std::string(what) + ": " + sqlite3_errmsg(database);
  const int code = sqlite3_errcode(database) & 0xff;
  if (code == SQLITE_FULL) return ResourceExhausted(std::move(message));
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return Corruption(std::move(message));
  return Internal(std::move(message));
}

class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql) : database_(database) {
    sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &handle_, nullptr);
  }
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;

  Statement& Bind(const std::string& v) {
    sqlite3_bind_text64(handle_, ++bound_, v.data(), v.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }
  Statement& Bind(int64_t v) {
    sqlite3_bind_int64(handle_, ++bound_, v);
    return *this;
  }
  Statement& Bind(double v) {
    sqlite3_bind_double(handle_, ++bound_, v);
    return *this;
  }
  // True while there is a row.
  Result<bool> Step(std::string_view what) {
    const int code = handle_ == nullptr ? SQLITE_ERROR : sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return SqliteStatus(database_, what);
  }
  std::string Text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return text == nullptr
               ? std::string()
               : std::string(text, static_cast<size_t>(sqlite3_column_bytes(handle_, column)));
  }
  int64_t Int(int column) const { return sqlite3_column_int64(handle_, column); }
  double Real(int column) const { return sqlite3_column_double(handle_, column); }

 private:
  sqlite3* database_;
  sqlite3_stmt* handle_ = nullptr;
  int bound_ = 0;
};

std::string NewId() {
  std::random_device random;
  const auto word = [&] { return (static_cast<uint64_t>(random()) << 32) | random(); };
  const uint64_t high = word();
  return ContentAddress{high, word()}.ToHex();
}

Score ReadScore(const Statement& row, const std::string& project) {
  Score s;
  s.project = project;
  s.id = row.Text(0);
  s.trace_id = TraceId::FromHex(row.Text(1)).value_or(TraceId{});
  s.span_id = SpanId::FromHex(row.Text(2)).value_or(SpanId{});
  s.session = row.Text(3);
  s.name = row.Text(4);
  s.kind = static_cast<ScoreKind>(row.Int(5));
  s.number = row.Real(6);
  s.text = row.Text(7);
  s.comment = row.Text(8);
  s.source = row.Text(9);
  s.time = row.Int(10);
  return s;
}

}  // namespace

Result<std::unique_ptr<ScoreTable>> ScoreTable::Open(const std::string& path, const Clock& clock) {
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<ScoreTable> table(new ScoreTable(database, clock));
  if (code != SQLITE_OK) return SqliteStatus(database, "open " + path);
  sqlite3_busy_timeout(database, 5000);
  if (sqlite3_exec(database, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteStatus(database, "prepare " + path);
  }
  return table;
}

ScoreTable::~ScoreTable() { sqlite3_close_v2(database_); }

Result<Score> ScoreTable::Put(Score s) {
  if (s.trace_id.empty() && s.session.empty()) {
    return InvalidArgument("cannot store a score: it names neither a trace nor a session");
  }
  if (s.name.empty()) return InvalidArgument("cannot store a score: it has no name");
  if (s.kind == ScoreKind::kThumbs && s.number != 0 && s.number != 1) {
    return InvalidArgument("cannot store a score: thumbs are 0 or 1");
  }
  if (s.id.empty()) s.id = NewId();
  if (s.time == 0) s.time = clock_.Now();
  std::lock_guard lock(mutex_);
  Statement insert(database_,
                   "INSERT OR REPLACE INTO scores (project, id, trace_id, span_id, session, name, "
                   "kind, number, text, comment, source, time) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.Bind(s.project).Bind(s.id);
  insert.Bind(s.trace_id.empty() ? std::string() : s.trace_id.ToHex());
  insert.Bind(s.span_id.empty() ? std::string() : s.span_id.ToHex());
  insert.Bind(s.session).Bind(s.name).Bind(static_cast<int64_t>(s.kind)).Bind(s.number);
  insert.Bind(s.text).Bind(s.comment).Bind(s.source).Bind(s.time);
  auto done = insert.Step("store a score");
  if (!done.ok()) return done.status();
  return s;
}

Result<ScorePage> ScoreTable::List(const ScoreQuery& q) {
  std::string sql =
      "SELECT id, trace_id, span_id, session, name, kind, number, text, comment, source, time "
      "FROM scores WHERE project = ?";
  if (!q.trace_id.empty()) sql += " AND trace_id = ?";
  if (!q.span_id.empty()) sql += " AND span_id = ?";
  if (!q.session.empty()) sql += " AND session = ?";
  if (!q.name.empty()) sql += " AND name = ?";
  if (q.range.since != 0) sql += " AND time >= ?";
  if (q.range.until != 0) sql += " AND time < ?";
  std::vector<std::string> position;
  if (!q.cursor.empty()) {
    AO_ASSIGN_OR_RETURN(position, DecodeCursor("scores", q.cursor, 2));
    sql += " AND (time, id) < (CAST(? AS INTEGER), ?)";
  }
  sql += " ORDER BY time DESC, id DESC LIMIT ?";
  const int64_t limit = std::min<int64_t>(std::max<int64_t>(q.limit, 0), 10'000);
  std::lock_guard lock(mutex_);
  Statement select(database_, sql);
  select.Bind(q.project);
  if (!q.trace_id.empty()) select.Bind(q.trace_id.ToHex());
  if (!q.span_id.empty()) select.Bind(q.span_id.ToHex());
  if (!q.session.empty()) select.Bind(q.session);
  if (!q.name.empty()) select.Bind(q.name);
  if (q.range.since != 0) select.Bind(q.range.since);
  if (q.range.until != 0) select.Bind(q.range.until);
  for (const std::string& part : position) select.Bind(part);
  select.Bind(limit + 1);
  ScorePage page;
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, select.Step("list scores"));
    if (!more) break;
    if (static_cast<int64_t>(page.scores.size()) == limit) {
      if (limit > 0) {
        const Score& last = page.scores.back();
        page.next_cursor = EncodeCursor("scores", {std::to_string(last.time), last.id});
      }
      break;
    }
    page.scores.push_back(ReadScore(select, q.project));
  }
  return page;
}

Status ScoreTable::DeleteTraces(const std::string& project, const std::set<TraceId>& traces) {
  std::lock_guard lock(mutex_);
  for (const TraceId& id : traces) {
    Statement remove(database_, "DELETE FROM scores WHERE project = ? AND trace_id = ?");
    auto done = remove.Bind(project).Bind(id.ToHex()).Step("delete scores");
    if (!done.ok()) return done.status();
  }
  return EmptyLog();
}

// Deleted rows are still in the database's own log.
Status ScoreTable::EmptyLog() {
  if (sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) ==
      SQLITE_OK) {
    return OkStatus();
  }
  return SqliteStatus(database_, "delete scores");
}

Status ScoreTable::DeleteBefore(Nanos time) {
  std::lock_guard lock(mutex_);
  Statement remove(database_, "DELETE FROM scores WHERE time < ?");
  auto done = remove.Bind(static_cast<int64_t>(time)).Step("delete scores");
  if (!done.ok()) return done.status();
  return sqlite3_changes(database_) == 0 ? OkStatus() : EmptyLog();
}

Status ScoreTable::DeleteSession(const std::string& project, const std::string& session) {
  std::lock_guard lock(mutex_);
  Statement remove(database_, "DELETE FROM scores WHERE project = ? AND session = ?");
  auto done = remove.Bind(project).Bind(session).Step("delete scores");
  return done.ok() ? EmptyLog() : done.status();
}

namespace {

// A folder of its own outside the data directory.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "scores-XXXXXX").string();
    if (!error && ::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~ScratchFolder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

// SQLite writes to the files of a database even when it only reads, so a copy is checked.
Status VerifyScores(const std::string& path, const std::function<void(std::string)>& report) {
  if (!std::filesystem::exists(path)) return OkStatus();
  const ScratchFolder scratch;
  if (scratch.path().empty()) return Internal("cannot check " + path + ": no temporary folder");
  const std::string copy = scratch.path() + "/scores.db";
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    if (!std::filesystem::exists(path + suffix)) continue;
    std::filesystem::copy_file(path + suffix, copy + suffix, error);
    if (error) return ErrnoStatus("copy " + path + suffix, error.value());
  }
  sqlite3* database = nullptr;
  sqlite3_open_v2(copy.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr);
  {
    Statement check(database, "PRAGMA integrity_check(1)");
    const auto row = check.Step("check " + path);
    const std::string verdict = !row.ok() ? row.status().message() : *row ? check.Text(0) : "";
    if (verdict != "ok") report("observatory.db: " + verdict + "; restore it from a copy");
  }
  sqlite3_close_v2(database);
  return OkStatus();
}

}  // namespace ao::storage::local
