#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

// A FileSystem for tests that fails on demand. It wraps another one and can
//  - fail the n-th operation of a kind with an errno, or tear the n-th write;
//  - run out of space at a set capacity, until it is raised;
//  - cut the power at the n-th changing operation, and lose what was not synced.
//
// The power model is strict POSIX: written bytes, file sizes and truncations are durable after
// Sync of the file; creations, renames and removals after SyncDirectory. What is not durable is
// lost or kept by Crash, bytes in sectors of 512, names in order within a directory. Created
// directories are durable at once.
//
//   for (uint64_t n = 1;; ++n) {
//     FaultyFileSystem fs(PosixFileSystem(), seed);
//     fs.CutPowerAt(n);
//     ... the work under test, whose errors are expected ...
//     if (!fs.fired()) break;  // the work has fewer than n steps
//     fs.Crash(FaultyFileSystem::Survival::kRandom);
//     ... recover and check ...
//   }
//
// Thread-safe. Files opened before a Crash only fail afterwards. Files are assumed to change only
// through this object while it lives.

namespace ao {

class FaultyFileSystem final : public FileSystem {
 public:
  enum class Operation {
    kOpen,
    kRead,
    kWrite,
    kSync,
    kAllocate,
    kTruncate,
    kRename,
    kRemove,
    kSyncDirectory,
  };
  // What becomes of that which was not synced.
  enum class Survival { kNothing, kRandom, kEverything };

  explicit FaultyFileSystem(FileSystem& base, uint64_t seed = 1);

  // The n-th (1 is the next) operation of the kind fails with `error_number` and does nothing;
  // with `lasting` every later one of the kind fails too.
  void FailNth(Operation operation, uint64_t n, int error_number, bool lasting = false);
  // The n-th write stores only its first `keep` bytes and fails with EIO.
  void TearNthWrite(uint64_t n, size_t keep);
  // The n-th changing operation (everything but open for reading and read) does not happen (a
  // write may happen in part), and from then on everything fails until Crash.
  void CutPowerAt(uint64_t n);
  // Forgets the faults above and forgets that one fired.
  void ClearFaults();
  // Did a fault (not a full disk) fire since the last ClearFaults?
  bool fired() const;

  // Files together may not grow beyond `bytes`; a write that does stores what fits.
  void SetCapacity(uint64_t bytes);
  uint64_t UsedBytes() const;

  // Cuts the power (if it is on) and switches it on again: what was not synced is lost according
  // to `survival`.
  void Crash(Survival survival);

  Result<std::unique_ptr<File>> Open(const std::string& path, Mode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& directory) override;
  Status CreateDirectories(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  bool Exists(const std::string& path) override;

 private:
  friend class FaultyFile;
  static constexpr uint64_t kSector = 512;
  using Sector = std::array<char, kSector>;

  // A file, whatever its name is now.
  struct Inode {
    std::string path;
    uint64_t size = 0;
    uint64_t durable_size = 0;
    std::map<uint64_t, Sector> durable;  // sectors that changed since the last sync, as they were
  };
  // A change of names that no SyncDirectory made durable yet.
  struct NameChange {
    std::string directory;
    std::string from, to;  // creation: only `to`; removal: only `from`
    std::string grave;     // where the removed or replaced file waits, if any
  };
  struct Fault {
    Operation operation;
    uint64_t countdown;
    int error_number;
    bool lasting;
    std::optional<size_t> keep;
  };

  // Counts the operation; the Status is the fault's. `keep` is set when a write must be torn.
  Status Step(Operation operation, const std::string& object, std::optional<size_t>* keep);
  Status ChangeStep(Operation operation, const std::string& object, size_t write_size,
                    std::optional<size_t>* keep);
  std::shared_ptr<Inode> Find(const std::string& path);
  // Keeps the durable image of the bytes [begin, end) before they change.
  Status Remember(Inode* inode, const File& file, uint64_t begin, uint64_t end);
  Status MoveToGrave(const std::string& path, std::string* grave);
  void Move(const std::string& from, const std::string& to);
  uint64_t UsedLocked() const;
  void LoseBytes(Inode* inode, Survival survival);
  void LoseNames(Survival survival);

  FileSystem& base_;
  mutable std::mutex mutex_;  // guards everything below
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<Inode>> inodes_;  // by current path, graves too
  std::vector<NameChange> names_;
  std::vector<Fault> faults_;
  uint64_t power_countdown_ = 0;  // 0: never
  bool power_off_ = false;
  bool fired_ = false;
  uint64_t capacity_ = UINT64_MAX;
  uint64_t generation_ = 0;  // crashes so far
  uint64_t graves_ = 0;
};

}  // namespace ao
