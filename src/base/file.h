#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// The file operations that durability depends on, behind an interface so that tests can inject a
// full disk, a torn write or a failing fsync at any step (base/faulty_file_system.h). Paths are
// plain strings. Implementations are thread-safe; a File is used by one thread at a time, but
// ReadAt may run concurrently with appends.

namespace ao {

class File {
 public:
  virtual ~File() = default;
  // Writes all of `data` at `offset`.
  virtual Status WriteAt(uint64_t offset, std::string_view data) = 0;
  // Reads exactly `size` bytes; corruption when the file is shorter.
  virtual Status ReadAt(uint64_t offset, size_t size, char* out) const = 0;
  // fdatasync.
  virtual Status Sync() = 0;
  // Reserves disk space without changing the contents; the file grows to `size` and the new part
  // reads as zeros.
  virtual Status Allocate(uint64_t size) = 0;
  virtual Status Truncate(uint64_t size) = 0;
  virtual Result<uint64_t> Size() const = 0;
  virtual const std::string& path() const = 0;
};

class FileSystem {
 public:
  enum class Mode { kRead, kCreate, kReadWrite };  // kCreate truncates, kReadWrite must exist

  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // Ok when the file is already gone.
  virtual Status Remove(const std::string& path) = 0;
  // Makes the names in `directory` durable.
  virtual Status SyncDirectory(const std::string& directory) = 0;
  virtual Status CreateDirectories(const std::string& path) = 0;
  // Names (not paths) of the entries of `directory`, sorted; empty when it does not exist.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual bool Exists(const std::string& path) = 0;
};

// The real one; lives as long as the process.
FileSystem& PosixFileSystem();

// The whole file as a string.
Result<std::string> ReadFile(FileSystem& fs, const std::string& path);
// Replaces `path` so that after a crash either the old or the new content is there: writes
// `path`.tmp, syncs it, renames, syncs the directory.
Status WriteFileAtomically(FileSystem& fs, const std::string& path, std::string_view content);
// The directory part of `path` ("." when it has none).
std::string DirectoryOf(const std::string& path);

}  // namespace ao
