#include <algorithm>

#include "storage/local/impl.h"

// The check of a closed directory.

namespace ao::storage {

using local::Table;

namespace {

using Report = std::function<void(std::string)>;

void VerifySegment(FileSystem& fs, const std::string& directory, const local::SegmentFile& meta,
                   const Report& report) {
  const std::string advice =
      "; restore it from a copy, or remove it from the manifest to lose its rows";
  auto sum = local::SumFile(fs, directory + "/" + meta.path);
  if (!sum.ok()) {
    report(meta.path + ": " + sum.status().message() + advice);
    return;
  }
  if (sum->checksum != meta.checksum) report(meta.path + ": its checksum is wrong" + advice);
  if (meta.index.empty()) return;
  auto index = local::TraceIndex::Open(directory + "/" + meta.index);
  if (!index.ok()) {
    report(meta.index + ": " + index.status().message());
  } else if (!(*index)->Intact()) {
    report(meta.index + ": its checksum is wrong");
  }
}

// Every trace of a file is in its index, every content address can be read.
Status VerifyRows(duck::Connection& connection, const std::string& directory,
                  const local::SegmentFile& meta, ContentStore& content, const Report& report) {
  const std::string source = local::ReadParquetSql({directory + "/" + meta.path});
  if (!meta.index.empty()) {
    AO_ASSIGN_OR_RETURN(auto index, local::TraceIndex::Open(directory + "/" + meta.index));
    AO_ASSIGN_OR_RETURN(auto rows,
                        connection.Query("SELECT DISTINCT project, trace_id FROM " + source));
    uint64_t missing = 0;
    for (;;) {
      AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      for (size_t r = 0; r < rows->size(); ++r) {
        missing += !index->Contains(local::TraceHash(rows->Text(0, r), rows->Trace(1, r)));
      }
    }
    if (missing > 0) {
      report(meta.index + ": " + std::to_string(missing) + " traces of the file are not in it");
    }
  }
  if (meta.table == Table::kRuns || meta.table == Table::kPoints) return OkStatus();
  AO_ASSIGN_OR_RETURN(auto rows,
                      connection.Query("SELECT DISTINCT project, " +
                                       std::string(local::SpecOf(meta.table).time_column) + " // " +
                                       std::to_string(kDay) + ", content_refs FROM " + source));
  for (;;) {
    AO_ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return OkStatus();
    for (size_t r = 0; r < rows->size(); ++r) {
      const std::string_view bytes = rows->Text(2, r);
      for (size_t at = 0; at + sizeof(ContentAddress) <= bytes.size();
           at += sizeof(ContentAddress)) {
        ContentAddress address;
        std::memcpy(static_cast<void*>(&address), bytes.data() + at, sizeof(address));
        auto length = content.Length(rows->Text(0, r), static_cast<Day>(rows->Int(1, r)), address);
        if (!length.ok()) {
          report(meta.path + ": content " + address.ToHex() + " of project " +
                 std::string(rows->Text(0, r)) + " cannot be found: " + length.status().message());
        }
      }
    }
  }
}

}  // namespace

Status VerifyDirectory(FileSystem& fs, const std::string& directory, const Report& report) {
  AO_ASSIGN_OR_RETURN(const uint64_t seed, LocalStore::ContentSeedOf(fs, directory));
  auto manifest = local::LoadManifest(fs, directory);
  if (!manifest.ok()) {
    report(manifest.status().message() + "; restore MANIFEST from a copy");
    return OkStatus();
  }
  uint64_t problems = 0;
  const Report count = [&](std::string line) {
    ++problems;
    report(std::move(line));
  };
  for (const local::SegmentFile& meta : manifest->files) {
    VerifySegment(fs, directory, meta, count);
  }
  AO_TRY(VerifyWal(fs, directory + "/wal", count));
  ContentStore::Options options;
  options.hash_seed = seed;
  auto content = ContentStore::Open(fs, directory + "/content", options, manifest->content);
  if (!content.ok()) {
    count(content.status().message());
    return OkStatus();
  }
  AO_TRY((*content)->Verify(count));
  AO_ASSIGN_OR_RETURN(auto database, duck::Database::OpenInMemory({{"threads", "2"}}));
  AO_ASSIGN_OR_RETURN(auto connection, database->Connect());
  for (const local::SegmentFile& meta : manifest->files) {
    const Status status = VerifyRows(*connection, directory, meta, **content, count);
    if (!status.ok()) count(meta.path + ": " + status.message());
  }
  return OkStatus();
}

}  // namespace ao::storage
