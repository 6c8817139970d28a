#include "keys/key_store.h"

#include <array>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sqlite3.h>

#include "base/encoding.h"
#include "base/file.h"
#include "base/utf8.h"

namespace ao::keys {
namespace {

constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kSecretDigits = 40;

constexpr const char* kSchema = R"sql(
  CREATE TABLE IF NOT EXISTS api_keys (
    hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, name TEXT NOT NULL,
    scopes TEXT NOT NULL, created INTEGER NOT NULL, last_used INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE IF NOT EXISTS api_keys_version (version INTEGER NOT NULL) STRICT;
  INSERT INTO api_keys_version SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM api_keys_version);
)sql";

// 40 digits without modulo bias: bytes of 248 and above are drawn again.
Result<std::string> RandomDigits() {
  std::string digits;
  while (digits.size() < kSecretDigits) {
    std::array<unsigned char, 64> raw{};
    if (RAND_bytes(raw.data(), static_cast<int>(raw.size())) != 1) {
      return Internal("cannot create API key: no random numbers");
    }
    for (const unsigned char byte : raw) {
      if (byte < 248 && digits.size() < kSecretDigits) digits.push_back(kBase62[byte % 62]);
    }
  }
  return digits;
}

Status CheckProject(std::string_view project) {
  const bool fits =
      !project.empty() && project.size() <= 64 &&
      project.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
  if (fits) return OkStatus();
  return InvalidArgument(fmt::format("cannot use project '{}'", project),
                         "use 1 to 64 lower-case letters, digits and '-'");
}

Status CheckName(std::string_view name) {
  if (name.size() > kMaxNameBytes) {
    return InvalidArgument(fmt::format("cannot use a name of {} bytes for an API key", name.size()),
                           fmt::format("at most {} bytes", kMaxNameBytes));
  }
  if (!IsValidUtf8(name)) {
    return InvalidArgument("cannot use the name for an API key: it is not UTF-8");
  }
  return OkStatus();
}

// A prepared statement that is finalised at the end of its scope.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql) {
    error_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(std::string_view text) {
    sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
    return *this;
  }
  Statement& Bind(int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  // SQLITE_ROW, SQLITE_DONE or an error.
  int Step() { return error_ != SQLITE_OK ? error_ : sqlite3_step(statement_); }
  std::string Text(int column) const {
    const auto* text = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {text == nullptr ? "" : text,
            static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int error_ = SQLITE_OK;
  int bound_ = 0;
};

class SqliteKeyStore final : public KeyStore {
 public:
  SqliteKeyStore(sqlite3* db, std::string path, const Clock& clock)
      : db_(db), path_(std::move(path)), clock_(clock) {}
  ~SqliteKeyStore() override { sqlite3_close(db_); }

  Result<NewKey> Create(std::string_view project, std::string_view name,
                        const Scopes& scopes) override {
    AO_TRY(CheckProject(project));
    AO_TRY(CheckName(name));
    AO_ASSIGN_OR_RETURN(std::string digits, RandomDigits());
    NewKey created;
    created.secret = fmt::format("ao_{}_{}", project, digits);
    ApiKey& key = created.key;
    key.hash = Sha256Hex(created.secret);
    key.id = key.hash.substr(0, 12);
    key.project = project;
    key.name = name;
    key.scopes = scopes;
    key.created = clock_.Now();

    std::lock_guard lock(mutex_);
    AO_TRY(Execute("BEGIN IMMEDIATE"));
    Statement insert(db_,
                     "INSERT INTO api_keys(hash, id, project, name, scopes, created) "
                     "VALUES (?, ?, ?, ?, ?, ?)");
    insert.Bind(key.hash).Bind(key.id).Bind(project).Bind(name).Bind(FormatScopes(scopes));
    insert.Bind(key.created);
    AO_TRY(CommitIf(insert.Step(), "create API key"));
    return created;
  }

  Result<std::vector<ApiKey>> List() override {
    std::lock_guard lock(mutex_);
    Statement select(db_,
                     "SELECT id, project, name, scopes, created, last_used, revoked, hash "
                     "FROM api_keys ORDER BY created DESC, id");
    std::vector<ApiKey> keys;
    int step = SQLITE_ROW;
    while ((step = select.Step()) == SQLITE_ROW) {
      ApiKey key;
      key.id = select.Text(0);
      key.project = select.Text(1);
      key.name = select.Text(2);
      AO_ASSIGN_OR_RETURN(key.scopes, ParseScopes(select.Text(3)));
      key.created = select.Integer(4);
      key.last_used = select.Integer(5);
      key.revoked = select.Integer(6);
      key.hash = select.Text(7);
      keys.push_back(std::move(key));
    }
    if (step != SQLITE_DONE) return Error("list API keys");
    return keys;
  }

  Status Revoke(std::string_view id) override {
    std::lock_guard lock(mutex_);
    AO_TRY(Execute("BEGIN IMMEDIATE"));
    Statement update(db_,
                     "UPDATE api_keys SET revoked = iif(revoked = 0, ?, revoked) WHERE id = ?");
    update.Bind(clock_.Now()).Bind(id);
    const int step = update.Step();
    const bool found = sqlite3_changes(db_) > 0;
    AO_TRY(CommitIf(step, "revoke API key"));
    if (found) return OkStatus();
    return NotFound(fmt::format("cannot revoke API key {}: no such key", id),
                    "observatory keys list prints the ids");
  }

  Status RecordUse(std::string_view id, Nanos when) override {
    std::lock_guard lock(mutex_);
    Statement update(db_, "UPDATE api_keys SET last_used = max(last_used, ?) WHERE id = ?");
    update.Bind(when).Bind(id);
    return update.Step() == SQLITE_DONE ? OkStatus() : Error("record use of API key");
  }

  Result<int64_t> Version() override {
    std::lock_guard lock(mutex_);
    Statement select(db_, "SELECT version FROM api_keys_version");
    if (select.Step() != SQLITE_ROW) return Error("read API keys");
    return select.Integer(0);
  }

  Status Initialise() {
    sqlite3_busy_timeout(db_, 5000);
    AO_TRY(Execute("PRAGMA journal_mode = WAL"));
    AO_TRY(Execute("PRAGMA synchronous = FULL"));
    return Execute(kSchema);
  }

 private:
  Status Execute(const char* sql) {
    return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? OkStatus()
                                                                          : Error("use");
  }

  // Ends the transaction that a change ran in and makes other processes notice it.
  Status CommitIf(int step, std::string_view what) {
    Status status = step == SQLITE_DONE ? OkStatus() : Error(what);
    if (status.ok()) status = Execute("UPDATE api_keys_version SET version = version + 1");
    if (status.ok()) status = Execute("COMMIT");
    if (!status.ok()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    return status;
  }

  Status Error(std::string_view what) const {
    const int code = sqlite3_errcode(db_);
    std::string message = fmt::format("cannot {} in {}: {}", what, path_, sqlite3_errmsg(db_));
    if (code == SQLITE_FULL) return ResourceExhausted(std::move(message));
    if (code == SQLITE_BUSY) return Unavailable(std::move(message));
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return Corruption(std::move(message));
    if (code == SQLITE_READONLY || code == SQLITE_PERM) return PermissionDenied(std::move(message));
    return Internal(std::move(message));
  }

  std::mutex mutex_;  // guards db_
  sqlite3* db_;
  const std::string path_;
  const Clock& clock_;
};

}  // namespace

Result<Scopes> ParseScopes(std::string_view text) {
  Scopes scopes{false, false, false};
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const std::string_view scope = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (scope == "ingest") {
      scopes.ingest = true;
    } else if (scope == "read") {
      scopes.read = true;
    } else if (scope == "admin") {
      scopes.admin = true;
    } else {
      return InvalidArgument(fmt::format("cannot use scope '{}'", scope),
                             "write any of ingest, read, admin, separated by commas");
    }
  }
  if (scopes == Scopes{false, false, false}) {
    return InvalidArgument("cannot use an empty list of scopes",
                           "write any of ingest, read, admin, separated by commas");
  }
  return scopes;
}

std::string FormatScopes(const Scopes& scopes) {
  std::string out;
  for (const auto& [held, name] :
       {std::pair{scopes.ingest, "ingest"}, {scopes.read, "read"}, {scopes.admin, "admin"}}) {
    if (!held) continue;
    if (!out.empty()) out.push_back(',');
    out += name;
  }
  return out;
}

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string raw(digest.begin(), digest.begin() + size);
  return ToHex(raw);
}

Result<std::unique_ptr<KeyStore>> KeyStore::Open(const std::string& data_dir, const Clock& clock) {
  AO_TRY(PosixFileSystem().CreateDirectories(data_dir));
  const std::string path = data_dir + "/observatory.db";
  // Created by us first, so that nobody but the owner can ever read it.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return ErrnoStatus(fmt::format("open {}", path), errno);
  ::close(fd);
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  auto store = std::make_unique<SqliteKeyStore>(db, path, clock);
  if (opened != SQLITE_OK) {
    return Internal(fmt::format("cannot open {}: {}", path, sqlite3_errstr(opened)));
  }
  AO_TRY(store->Initialise());
  return std::unique_ptr<KeyStore>(std::move(store));
}

}  // namespace ao::keys
