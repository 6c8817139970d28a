#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/status.h"

// The write-ahead log: numbered frames in preallocated segment files. A frame is durable once a
// Sync after its Append returned ok. Appends and syncs come from one thread at a time; Bytes,
// TruncateBefore and EraseBefore may be called from others.

namespace ao::storage {

// The number of a frame; the first is 1, each next one is one more, never reused.
using Lsn = uint64_t;

struct WalOptions {
  uint64_t segment_bytes = 64ull << 20;
};

class Wal {
 public:
  // Called for each intact frame in order during Open.
  using FrameSink = std::function<Status(Lsn lsn, std::string_view payload)>;

  // Opens (or creates) the log in `directory`, hands every frame with lsn >= `from` to `sink` and
  // is ready to append after the last intact one. A torn or half-written tail of the newest
  // segment is normal after a crash: it is cut off and reported through `torn_bytes`. A damaged
  // frame with intact synced frames behind it is corruption; the message names file and offset.
  static Result<std::unique_ptr<Wal>> Open(FileSystem& fs, const std::string& directory,
                                           WalOptions options, Lsn from, const FrameSink& sink);
  virtual ~Wal() = default;

  // Appends frames (each one a list of parts that are written one after another) with one write
  // and returns the lsn of the first. After a failed Append or Sync the log refuses further
  // appends until Repair.
  virtual Result<Lsn> Append(std::span<const std::span<const std::string_view>> frames) = 0;
  virtual Status Sync() = 0;
  // After a failed Append (disk full): cuts everything that was not synced, so that appending can
  // go on. Afterwards exactly the frames below next() are in the log, all of them synced; the
  // numbers of the frames that were cut are given again. A failed Sync cannot be repaired: what
  // the kernel kept is unknown.
  virtual Status Repair() = 0;
  // Frees segments that hold only frames below `lsn`.
  virtual Status TruncateBefore(Lsn lsn) = 0;
  // Ends the newest segment, so that EraseBefore can remove it too; the next append begins another
  // one. Until then nothing that is freed is kept for reuse. Of the appending thread.
  virtual Status EndSegment() = 0;
  // As TruncateBefore, but nothing of what is freed stays on disk. This may remove every segment:
  // what is given to Open as `from` must not be below `lsn` any more.
  virtual Status EraseBefore(Lsn lsn) = 0;
  virtual Lsn next() const = 0;
  virtual uint64_t Bytes() const = 0;  // of frames not yet truncated
  virtual uint64_t torn_bytes() const = 0;
};

// Checks every frame of a closed log without changing anything (observatory doctor). `report`
// gets one line per problem; an incomplete tail is none, Open cuts it off.
Status VerifyWal(FileSystem& fs, const std::string& directory,
                 const std::function<void(std::string)>& report);

}  // namespace ao::storage
