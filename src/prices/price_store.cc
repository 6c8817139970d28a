#include "prices/price_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/json_writer.h"

namespace ao::prices {
namespace {

using cost::Override;

constexpr const char* kSchema = R"sql(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS price_overrides (
    project TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, from_day TEXT NOT NULL,
    prices TEXT NOT NULL, PRIMARY KEY (project, provider, model, from_day)) STRICT;
)sql";

// A prepared statement that is finalised at the end of its scope.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_prepare_v2(database, sql, -1, &handle_, nullptr);
  }
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(std::string_view text) {
    sqlite3_bind_text64(handle_, ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }
  int Step() { return handle_ == nullptr ? SQLITE_ERROR : sqlite3_step(handle_); }
  std::string Text(int column) const {
    const auto* text = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    return {text == nullptr ? "" : text,
            static_cast<size_t>(sqlite3_column_bytes(handle_, column))};
  }

 private:
  sqlite3_stmt* handle_ = nullptr;
  int bound_ = 0;
};

Statement& BindKey(const Override& price, Statement& statement) {
  return statement.Bind(price.project).Bind(price.provider).Bind(price.model).Bind(price.from);
}

}  // namespace

PriceStore::PriceStore(Options options, FileSystem& fs,
                       std::shared_ptr<const cost::PriceBook> embedded)
    : options_(std::move(options)), fs_(fs), embedded_(embedded), pricer_(std::move(embedded)) {}

PriceStore::~PriceStore() { sqlite3_close(database_); }

Result<std::unique_ptr<PriceStore>> PriceStore::Open(const Options& options, FileSystem& fs) {
  AO_ASSIGN_OR_RETURN(auto embedded, cost::Pricer::EmbeddedBook());
  std::unique_ptr<PriceStore> store(new PriceStore(options, fs, std::move(embedded)));
  std::lock_guard lock(store->mutex_);
  AO_TRY(fs.CreateDirectories(options.data_dir));
  AO_TRY(store->OpenDatabase());
  AO_TRY(store->ReadFiles());
  AO_TRY(store->Rebuild());
  return store;
}

Status PriceStore::OpenDatabase() {
  const std::string path = options_.data_dir + "/observatory.db";
  // Created by us first, so that nobody but the owner can ever read it.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return ErrnoStatus("open " + path, errno);
  ::close(fd);
  if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
    return DatabaseError("open prices");
  }
  sqlite3_busy_timeout(database_, 5000);
  if (sqlite3_exec(database_, kSchema, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return DatabaseError("open prices");
  }
  return OkStatus();
}

Status PriceStore::DatabaseError(std::string_view what) const {
  const int code = sqlite3_errcode(database_) & 0xff;
  std::string message = fmt::format("cannot {} in {}/observatory.db: {}", what, options_.data_dir,
                                    sqlite3_errmsg(database_));
  if (code == SQLITE_FULL) return ResourceExhausted(std::move(message));
  if (code == SQLITE_BUSY) return Unavailable(std::move(message));
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return Corruption(std::move(message));
  return Internal(std::move(message));
}

Status PriceStore::ReadFiles() {
  if (fs_.Exists(CataloguePath())) {
    AO_ASSIGN_OR_RETURN(const std::string json, ReadFile(fs_, CataloguePath()));
    auto catalogue = cost::Catalogue::Parse(json);
    if (!catalogue.ok()) {
      return {catalogue.status().code(), catalogue.status().WithContext(CataloguePath()).message(),
              "remove the file to use the catalogue inside the program"};
    }
    catalogue_ = std::make_shared<const cost::Catalogue>(std::move(catalogue).value());
  }
  if (options_.prices_file.empty()) return OkStatus();
  AO_ASSIGN_OR_RETURN(const std::string json, ReadFile(fs_, options_.prices_file));
  auto prices = cost::ParseOverrideFile(json);
  if (!prices.ok()) return prices.status().WithContext(options_.prices_file);
  file_prices_ = std::move(prices).value();
  return OkStatus();
}

Result<std::vector<Override>> PriceStore::ReadTable() {
  Statement select(database_,
                   "SELECT project, provider, model, from_day, prices FROM price_overrides "
                   "ORDER BY project, model, provider, from_day");
  std::vector<Override> prices;
  int step = SQLITE_ROW;
  while ((step = select.Step()) == SQLITE_ROW) {
    JsonWriter json;
    json.BeginObject().Field("project", select.Text(0)).Field("provider", select.Text(1));
    json.Field("model", select.Text(2)).Field("from", select.Text(3));
    json.Key("prices").Raw(select.Text(4)).EndObject();
    AO_ASSIGN_OR_RETURN(Override price, cost::ParseOverride(json.text(), true));
    prices.push_back(std::move(price));
  }
  if (step != SQLITE_DONE) return DatabaseError("read prices");
  return prices;
}

Status PriceStore::Rebuild() {
  AO_ASSIGN_OR_RETURN(std::vector<Override> prices, ReadTable());
  prices.insert(prices.end(), file_prices_.begin(), file_prices_.end());
  pricer_.Replace(std::make_shared<const cost::PriceBook>(
      catalogue_ != nullptr ? catalogue_ : embedded_->shared_catalogue(),
      embedded_->shared_supplement(), std::move(prices)));
  return OkStatus();
}

bool PriceStore::catalogue_replaced() const {
  std::lock_guard lock(mutex_);
  return catalogue_ != nullptr;
}

std::vector<Override> PriceStore::List(std::string_view project) const {
  std::vector<Override> prices;
  const auto book = pricer_.book();
  for (const Override& price : book->overrides()) {
    if (price.project.empty() || price.project == project) prices.push_back(price);
  }
  return prices;
}

Status PriceStore::Put(Override price) {
  std::lock_guard lock(mutex_);
  Statement insert(database_, "INSERT OR REPLACE INTO price_overrides VALUES (?, ?, ?, ?, ?)");
  if (BindKey(price, insert).Bind(price.prices_json).Step() != SQLITE_DONE) {
    return DatabaseError("set price");
  }
  return Rebuild();
}

Status PriceStore::Remove(const Override& price) {
  std::lock_guard lock(mutex_);
  {
    Statement erase(database_,
                    "DELETE FROM price_overrides WHERE project = ? AND provider = ? AND model = ? "
                    "AND from_day = ?");
    if (BindKey(price, erase).Step() != SQLITE_DONE) return DatabaseError("remove price");
  }
  if (sqlite3_changes(database_) == 0) {
    return NotFound(fmt::format("cannot remove price {}: it was not set", price.Row()),
                    "observatory cost prices list prints those that were; prices of "
                    "cost.prices_file are removed there");
  }
  return Rebuild();
}

Status PriceStore::ReplaceCatalogue(std::string_view json) {
  AO_ASSIGN_OR_RETURN(cost::Catalogue catalogue, cost::Catalogue::Parse(json));
  std::lock_guard lock(mutex_);
  AO_TRY(WriteFileAtomically(fs_, CataloguePath(), json));
  catalogue_ = std::make_shared<const cost::Catalogue>(std::move(catalogue));
  return Rebuild();
}

Status PriceStore::ResetCatalogue() {
  std::lock_guard lock(mutex_);
  AO_TRY(fs_.Remove(CataloguePath()));
  catalogue_ = nullptr;
  return Rebuild();
}

}  // namespace ao::prices
