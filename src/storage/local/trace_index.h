#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/ids.h"
#include "base/status.h"

// Which traces a sealed file has: a sorted array of 64-bit hashes, mapped into memory and searched
// by interpolation. Immutable, thread-safe. Internal to storage/local.

namespace ao::storage::local {

// What identifies a trace across projects.
struct TraceRef {
  std::string project;
  TraceId trace_id;
  friend auto operator<=>(const TraceRef&, const TraceRef&) = default;
};

uint64_t TraceHash(std::string_view project, const TraceId& trace_id);

class TraceIndex {
 public:
  // Writes and syncs an index file; `hashes` need not be sorted or distinct. Returns its size.
  static Result<uint64_t> Write(FileSystem& fs, const std::string& path,
                                std::vector<uint64_t> hashes);
  // corruption when the file is not an intact index.
  static Result<std::unique_ptr<TraceIndex>> Open(const std::string& path);
  ~TraceIndex();
  TraceIndex(const TraceIndex&) = delete;
  TraceIndex& operator=(const TraceIndex&) = delete;

  bool Contains(uint64_t hash) const;
  std::span<const uint64_t> hashes() const { return hashes_; }
  // Compares the stored checksum with the contents.
  bool Intact() const;

 private:
  TraceIndex(void* mapping, size_t size);
  void* mapping_;
  size_t mapped_bytes_;
  std::span<const uint64_t> hashes_;
};

}  // namespace ao::storage::local
