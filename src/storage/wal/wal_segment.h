#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "storage/wal/wal.h"

// The on-disk form of a log segment, little-endian, frames aligned to 8 bytes. Internal to wal/.
//
//   segment header (64 bytes), frame header (40 bytes), payload, padding, frame header, ...
//
// A frame belongs to the segment only when its header names the segment's id and the next lsn, so
// what a recycled file held before is never taken for a frame. Each frame also says up to which
// lsn the log was synced when it was written: an unreadable frame that a later one knows to have
// been synced is damage, any other is the tail of a write that a crash interrupted.

namespace ao::storage {

constexpr uint64_t kSegmentMagic = 0x314C41574F41;  // "AOWAL1"
constexpr uint32_t kFrameMagic = 0x4D524657;        // "WFRM"
constexpr uint32_t kSegmentVersion = 1;
constexpr uint64_t kMaxFrameBytes = 1ull << 31;

struct SegmentHeader {
  uint64_t checksum = 0;  // XXH3-64 of the rest
  uint64_t magic = kSegmentMagic;
  uint32_t version = kSegmentVersion;
  uint32_t reserved = 0;
  uint64_t id = 0;
  Lsn first = 0;  // lsn of its first frame
  uint64_t padding[3] = {};
};
static_assert(sizeof(SegmentHeader) == 64);

struct FrameHeader {
  uint64_t checksum = 0;  // XXH3-64 of the payload, seeded with that of the rest of the header
  uint32_t magic = kFrameMagic;
  uint32_t length = 0;
  uint64_t segment = 0;
  Lsn lsn = 0;
  Lsn synced = 0;  // every frame up to this one was synced before this one was written
};
static_assert(sizeof(FrameHeader) == 40);

constexpr uint64_t AlignFrame(uint64_t size) { return (size + 7) & ~uint64_t{7}; }

uint64_t ChecksumOf(const SegmentHeader& header);
uint64_t ChecksumOf(const FrameHeader& header, std::string_view payload);

std::string SegmentPath(const std::string& directory, uint64_t id);
std::string SparePath(const std::string& directory, uint64_t id);
// The id in a segment's file name; nullopt for other names.
std::optional<uint64_t> SegmentIdOf(std::string_view name);
bool IsSpareName(std::string_view name);

struct SegmentFile {
  uint64_t id = 0;
  std::string path;
  uint64_t size = 0;
  // Absent: the creation of the segment was interrupted (or its header is damaged).
  std::optional<SegmentHeader> header;
};

// The segments in `directory` by ascending id. invalid_argument for a version that is not ours.
Result<std::vector<SegmentFile>> ListSegments(FileSystem& fs, const std::string& directory);

struct SegmentEnd {
  uint64_t offset = 0;      // behind the last intact frame in sequence
  Lsn next = 0;             // lsn that a frame at `offset` would have
  uint64_t torn_bytes = 0;  // behind `offset`, of frames that were begun
  bool damaged = false;     // the frame `next` had been synced, as a later frame proves
};

// Hands the frames of a segment in order to `sink` until one with lsn `limit` (0: no limit), or one
// that is not intact.
Result<SegmentEnd> ScanSegment(FileSystem& fs, const SegmentFile& segment, Lsn limit,
                               const Wal::FrameSink& sink);

}  // namespace ao::storage
