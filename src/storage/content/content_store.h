#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "storage/content/text_pattern.h"
#include "storage/rows.h"

// Long texts, each stored once per project and day. Addresses are 128-bit keyed hashes. A text is
// a chain of nodes (parent, piece); texts with a common prefix share its nodes, so an agent's
// growing conversation costs one new node a message.
//
// New content lives in memory (the write-ahead log keeps it durable) until a seal writes it, in
// compressed blocks, to immutable files `<project>/<day>/<sequence>.content`, each with its own
// index. A file exists for readers once the manifest lists it; others are removed on Open.
// Thread-safe.

namespace ao::storage {

// Days since the Unix epoch, UTC.
using Day = int32_t;
constexpr Day DayOf(Nanos time) { return static_cast<Day>(time / kDay); }

struct ContentFile {
  std::string project;
  Day day = 0;
  std::string path;  // relative to the store's directory
  uint64_t bytes = 0;
  uint64_t records = 0;
  uint64_t checksum = 0;  // XXH3-64 of the whole file

  friend bool operator==(const ContentFile&, const ContentFile&) = default;
};

struct ContentStats {
  uint64_t offered_bytes = 0;  // handed to Put
  uint64_t unique_bytes = 0;   // kept after deduplication
  uint64_t pending_bytes = 0;  // in memory
  uint64_t file_bytes = 0;
};

// One search for a pattern; made by ContentStore::FindTexts. Sees what was stored when it first
// looked at a day, later content perhaps; ask for the days in order. Single-thread; must not
// outlive the store or the pattern. Errors are those of reading files.
class TextFinder {
 public:
  virtual ~TextFinder() = default;
  // False when no text of the day can match. Cheap but for the first time.
  virtual Result<bool> MayMatch(Day day) = 0;
  // Does the text match? False when it is not stored (any more).
  virtual Result<bool> Matches(Day day, const ContentAddress& address) = 0;
};

class ContentStore {
 public:
  struct Options {
    uint64_t hash_seed = 0;
    size_t block_bytes = 256 << 10;  // raw bytes compressed together
    int zstd_level = 3;
    size_t cache_bytes = 32 << 20;  // decompressed blocks kept for readers
    bool read_only = false;         // Open changes nothing on disk; nothing may be put or sealed
  };

  // `files` is what the manifest lists; a missing one is corruption.
  static Result<std::unique_ptr<ContentStore>> Open(FileSystem& fs, std::string directory,
                                                    Options options,
                                                    std::vector<ContentFile> files);
  virtual ~ContentStore() = default;

  // Keeps the pieces that the partition does not have yet. Bytes are copied. The pieces of a text
  // come in order, all with the same partition_time. `project` must be [A-Za-z0-9._-]{1,128} and
  // not "." or ".."; content of others is refused with a log line.
  virtual void Put(std::string_view project, std::span<const ContentPiece> pieces) = 0;

  // The text at `address`, byte for byte, verified against its address. not_found, or corruption.
  virtual Result<std::string> Read(std::string_view project, Day day, ContentAddress address) = 0;
  // Its length in bytes, without reading the pieces.
  virtual Result<uint64_t> Length(std::string_view project, Day day, ContentAddress address) = 0;

  // Which texts of a project match.
  virtual std::unique_ptr<TextFinder> FindTexts(std::string_view project,
                                                const TextPattern& pattern) = 0;

  // Sealing, one at a time: Freeze sets aside what is in memory (still readable; Put goes on into
  // a fresh set), WriteFrozen writes it to files and syncs them, Publish (after the manifest was
  // replaced) serves it from the files and frees the memory. After a failed WriteFrozen call
  // WriteFrozen again, or Thaw to put everything back. Called again after it succeeded,
  // WriteFrozen returns the same files until Publish or Thaw.
  virtual void Freeze() = 0;
  virtual Result<std::vector<ContentFile>> WriteFrozen() = 0;
  virtual void Publish(std::span<const ContentFile> added) = 0;
  virtual void Thaw() = 0;

  // Rewrites the files of a partition into one so that only content reachable from `live` remains
  // (with everything live, that is a compaction); returns the replacement files. Call Replace once
  // the manifest names them instead of the old ones; with the old files as `replacement` it takes
  // the rewrite back. `live` is what sealed rows refer to: content that was put (also found again)
  // since the last Publish is kept by itself, so do not seal between collecting `live` and Rewrite.
  virtual Result<std::vector<ContentFile>> Rewrite(std::string_view project, Day day,
                                                   std::span<const ContentAddress> live) = 0;
  virtual Status Replace(std::string_view project, Day day,
                         std::span<const ContentFile> replacement) = 0;
  // Forgets and unlinks files (retention), after the manifest stopped naming them.
  virtual Status Drop(std::span<const ContentFile> files) = 0;

  virtual std::vector<ContentFile> Files() const = 0;
  virtual ContentStats Stats() const = 0;
  // Reads every block and record of every file; `report` gets one line per problem.
  virtual Status Verify(const std::function<void(std::string)>& report) = 0;
};

// Cuts `text` into pieces at the ends of JSON array elements (messages, tools, documents), so that
// a list that grew by one element shares all pieces but the last; other text is one piece.
// Concatenated, the pieces are `text`, whatever it holds. Appends to `out` with addresses filled in
// and returns the address of the whole: for a text of one piece its piece_address, which is also
// the address of the first piece of any text; behind it, hash(parent, piece_address).
ContentAddress CutIntoPieces(std::string_view text, uint64_t hash_seed, Nanos partition_time,
                             std::vector<ContentPiece>* out);

}  // namespace ao::storage
