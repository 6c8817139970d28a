#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "storage/content/content_store.h"
#include "storage/local/schema.h"
#include "storage/local/trace_index.h"
#include "storage/wal/wal.h"

// What a data directory consists of. The manifest is the only truth about which files belong to
// the store; it is replaced atomically. Internal to storage/local.

namespace ao::storage::local {

struct SegmentFile {
  Table table = Table::kSpans;
  uint64_t id = 0;
  std::string path;   // relative to the data directory
  std::string index;  // trace index beside it; empty when it has none
  uint64_t rows = 0;
  uint64_t bytes = 0;  // of both files
  uint64_t checksum = 0;
  Nanos min_time = 0, max_time = 0;  // inclusive
  uint32_t schema = 1;               // kSchemaVersion when it was written
};

// Rows of these traces with a sequence up to `sequence` are deleted.
struct Tombstone {
  std::string project;
  uint64_t sequence = 0;
  std::set<TraceId> traces;
  std::set<Day> days;  // that their rows were on; their content is rewritten
};

struct Manifest {
  Lsn sealed_before = 1;  // frames below are in the files
  uint64_t next_file = 1;
  std::vector<SegmentFile> files;
  std::vector<ContentFile> content;
  std::vector<Tombstone> tombstones;
  // Runs whose row in a runs file (by id) is superseded or deleted.
  std::map<uint64_t, std::set<TraceRef>> stale_runs;
  // The rows of runs that were not settled at the last seal.
  std::optional<SegmentFile> open_runs;
  // Runs with sealed spans whose row is in no file: they changed while that seal wrote its files.
  std::vector<TraceRef> changed_runs;
  // Frames not below `sealed_before` whose batch was logged, but refused because it could not be
  // made readable: a replay leaves them out.
  std::set<Lsn> refused;
};

std::string EncodeManifest(const Manifest& manifest);
Result<Manifest> DecodeManifest(std::string_view text);
// An empty manifest when there is none.
Result<Manifest> LoadManifest(FileSystem& fs, const std::string& directory);
Status SaveManifest(FileSystem& fs, const std::string& directory, const Manifest& manifest);

// XXH3-64 of a whole file, read in pieces.
struct FileSum {
  uint64_t bytes = 0, checksum = 0;
};
Result<FileSum> SumFile(FileSystem& fs, const std::string& path);

}  // namespace ao::storage::local
