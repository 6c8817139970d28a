#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "storage/local/impl.h"

// The check of a closed directory. It changes nothing, not even what Open would clean up.

namespace ao::storage {

using local::Table;

namespace {

using Report = std::function<void(std::string)>;

constexpr std::string_view kAdvice =
    "; restore it from a copy, or remove it from the manifest to lose its rows";

// Holds the directory's lock, if there is one, shared.
class SharedLock {
 public:
  explicit SharedLock(const std::string& directory)
      : fd_(::open((directory + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC)) {
    free_ = fd_ < 0 || ::flock(fd_, LOCK_SH | LOCK_NB) == 0;
  }
  ~SharedLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  SharedLock(const SharedLock&) = delete;
  bool free() const { return free_; }

 private:
  int fd_;
  bool free_ = false;
};

// The bytes of a sealed file and its index. True when both are as they were written.
bool VerifySegment(FileSystem& fs, const std::string& directory, const local::SegmentFile& meta,
                   const Report& report) {
  bool intact = true;
  const auto problem = [&](const std::string& line) {
    report(line + std::string(kAdvice));
    intact = false;
  };
  auto sum = local::SumFile(fs, directory + "/" + meta.path);
  if (!sum.ok()) {
    problem(meta.path + ": " + sum.status().message());
  } else if (sum->checksum != meta.checksum) {
    problem(meta.path + ": its checksum is wrong");
  }
  if (meta.index.empty()) return intact;
  auto index = local::TraceIndex::Open(directory + "/" + meta.index);
  if (!index.ok()) {
    problem(meta.index + ": " + index.status().message());
  } else if (!(*index)->Intact()) {
    problem(meta.index + ": its checksum is wrong");
  }
  return intact;
}

Status VerifyIndex(duck::Connection& connection, const std::string& directory,
                   const local::SegmentFile& meta, const std::string& source,
                   const Report& report) {
  AO_ASSIGN_OR_RETURN(auto index, local::TraceIndex::Open(directory + "/" + meta.index));
  uint64_t missing = 0;
  AO_TRY(connection.ForEachRow(
      "SELECT DISTINCT project, trace_id FROM " + source, [&](const duck::Rows& rows, size_t r) {
        missing += !index->Contains(local::TraceHash(rows.Text(0, r), rows.Trace(1, r)));
      }));
  if (missing > 0) {
    report(meta.index + ": " + std::to_string(missing) + " traces of the file are not in it");
  }
  return OkStatus();
}

// Every content address of the file's rows leads to a text.
Status VerifyContentOfRows(duck::Connection& connection, const local::SegmentFile& meta,
                           const std::string& source, ContentStore& content, const Report& report) {
  AO_ASSIGN_OR_RETURN(auto rows,
                      connection.Query("SELECT DISTINCT project, " +
                                       std::string(local::SpecOf(meta.table).time_column) + " // " +
                                       std::to_string(kDay) + ", content_refs FROM " + source));
  uint64_t missing = 0;
  std::string example;
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) break;
    for (size_t r = 0; r < rows->size(); ++r) {
      const std::string_view bytes = rows->Text(2, r);
      for (size_t at = 0; at + sizeof(ContentAddress) <= bytes.size();
           at += sizeof(ContentAddress)) {
        ContentAddress address;
        std::memcpy(static_cast<void*>(&address), bytes.data() + at, sizeof(address));
        auto length = content.Length(rows->Text(0, r), static_cast<Day>(rows->Int(1, r)), address);
        if (length.ok()) continue;
        if (missing++ == 0) {
          example = "project " + std::string(rows->Text(0, r)) + ": " + length.status().message();
        }
      }
    }
  }
  if (missing > 0) {
    report(meta.path + ": " + std::to_string(missing) + " texts of its rows are missing, first " +
           example + "; restore the content files from a copy");
  }
  return OkStatus();
}

Status VerifyRows(duck::Connection& connection, const std::string& directory,
                  const local::SegmentFile& meta, ContentStore& content, const Report& report) {
  const std::string source = local::ReadParquetSql({directory + "/" + meta.path});
  AO_ASSIGN_OR_RETURN(const int64_t rows,
                      connection.QueryInt(duck::Sql("SELECT count(*) FROM " + source)));
  if (static_cast<uint64_t>(rows) != meta.rows) {
    report(meta.path + ": it has " + std::to_string(rows) + " rows, the manifest says " +
           std::to_string(meta.rows));
  }
  if (!meta.index.empty()) AO_TRY(VerifyIndex(connection, directory, meta, source, report));
  if (meta.table == Table::kRuns || meta.table == Table::kPoints) return OkStatus();
  return VerifyContentOfRows(connection, meta, source, content, report);
}

// Content files that can be opened; the others are reported.
std::vector<ContentFile> PresentContent(FileSystem& fs, const std::string& directory,
                                        const std::vector<ContentFile>& listed,
                                        const Report& report) {
  std::vector<ContentFile> present;
  for (const ContentFile& file : listed) {
    const std::string name = "content/" + file.path;
    auto opened = fs.Open(directory + "/" + name, FileSystem::Mode::kRead);
    const auto size = opened.ok() ? (*opened)->Size() : Result<uint64_t>(opened.status());
    if (!size.ok()) {
      report(name + ": " + size.status().message() + "; restore it from a copy");
    } else if (*size != file.bytes) {
      report(name + ": it has " + std::to_string(*size) + " bytes, the manifest says " +
             std::to_string(file.bytes) + "; restore it from a copy");
    } else {
      present.push_back(file);
    }
  }
  return present;
}

}  // namespace

Status VerifyDirectory(FileSystem& fs, const std::string& directory, const Report& report) {
  if (!fs.Exists(directory + "/store.json")) {
    return NotFound("cannot check " + directory + ": there is no store in it");
  }
  const SharedLock lock(directory);
  if (!lock.free()) {
    return FailedPrecondition("cannot check " + directory + ": a process has it open",
                              "stop that process first");
  }
  ContentStore::Options options;
  options.read_only = true;
  auto seed = LocalStore::ContentSeedOf(fs, directory);
  if (!seed.ok()) {
    report(seed.status().message() + "; restore store.json from a copy");
    return OkStatus();
  }
  options.hash_seed = *seed;
  AO_TRY(VerifyWal(fs, directory + "/wal", report));
  AO_TRY(local::VerifyScores(directory + "/observatory.db", report));
  if (!fs.Exists(directory + "/MANIFEST")) {
    report("MANIFEST: it is missing; restore it from a copy");
    return OkStatus();
  }
  auto manifest = local::LoadManifest(fs, directory);
  if (!manifest.ok()) {
    report(manifest.status().message() + "; restore MANIFEST from a copy");
    return OkStatus();
  }
  const auto present = PresentContent(fs, directory, manifest->content, report);
  AO_ASSIGN_OR_RETURN(auto content,
                      ContentStore::Open(fs, directory + "/content", options, present));
  AO_TRY(content->Verify(report));
  AO_ASSIGN_OR_RETURN(auto database,
                      duck::Database::OpenInMemory({{"threads", "2"},
                                                    {"temp_directory", ""},
                                                    {"autoinstall_known_extensions", "false"},
                                                    {"autoload_known_extensions", "false"}}));
  AO_ASSIGN_OR_RETURN(auto connection, database->Connect());
  if (manifest->open_runs) manifest->files.push_back(*manifest->open_runs);
  for (const local::SegmentFile& meta : manifest->files) {
    if (!VerifySegment(fs, directory, meta, report)) continue;
    const Status status = VerifyRows(*connection, directory, meta, *content, report);
    if (!status.ok()) report(meta.path + ": " + status.message());
  }
  return OkStatus();
}

}  // namespace ao::storage
