#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/ids.h"
#include "storage/content/content_store.h"

// The on-disk form of a content file, little-endian. Internal to content/.
//
//   header, project name
//   blocks            pieces in order of arrival, compressed together (raw when that is smaller),
//                     and behind the last of some hundred blocks their words (word_index.h)
//   piece records     sorted by address
//   node records      sorted by address
//   meta              what a reader keeps in memory, under one checksum:
//     external addresses    parents and pieces that earlier files of the partition hold
//     block records
//     piece and node fences one for each kGroup records: first address and checksum of the group
//     filter                of all addresses (address_filter.h)
//     word sections         of all blocks, in order
//   footer
//
// A text's first piece is its own node: only nodes with a parent have records. Files of version 1
// have no words.

namespace ao::storage {

constexpr uint64_t kContentMagic = 0x31544E4F43'4F41;  // "AOCONT1"
constexpr uint32_t kContentVersion = 2;
constexpr uint32_t kOldestContentVersion = 1;
constexpr uint32_t kGroup = 64;
constexpr std::string_view kContentSuffix = ".content";
constexpr std::string_view kTemporarySuffix = ".tmp";

struct ContentHeader {
  uint64_t magic = kContentMagic;
  uint32_t version = kContentVersion;
  int32_t day = 0;
  uint32_t project_bytes = 0;
  uint32_t reserved = 0;
};
static_assert(sizeof(ContentHeader) == 24);

struct BlockRecord {
  uint64_t offset = 0;
  uint32_t stored_bytes = 0;  // equal to raw_bytes: not compressed
  uint32_t raw_bytes = 0;
  uint64_t checksum = 0;  // XXH3-64 of the stored bytes
};
static_assert(sizeof(BlockRecord) == 24);

struct WordSectionRecord {
  uint64_t offset = 0;
  uint64_t checksum = 0;  // XXH3-64 of the section
  uint32_t bytes = 0;
  uint32_t blocks = 0;
};
static_assert(sizeof(WordSectionRecord) == 24);

struct PieceRecord {
  ContentAddress address;
  uint32_t block = 0;
  uint32_t offset = 0;  // in the raw block
  uint32_t length = 0;
  uint32_t reserved = 0;
};
static_assert(sizeof(PieceRecord) == 32);

// A reference to a record of the same file or to an external address: kind and index.
enum class RefKind : uint32_t { kNode = 0, kPiece = 1, kExternal = 2 };
constexpr uint32_t kMaxRecords = 1u << 30;
constexpr uint32_t MakeRef(RefKind kind, uint32_t index) {
  return static_cast<uint32_t>(kind) << 30 | index;
}
constexpr RefKind KindOf(uint32_t ref) { return static_cast<RefKind>(ref >> 30); }
constexpr uint32_t IndexOf(uint32_t ref) { return ref & (kMaxRecords - 1); }

struct NodeRecord {
  ContentAddress address;
  uint32_t parent = 0;  // any kind
  uint32_t piece = 0;   // piece or external
  uint64_t total = 0;   // length of the text up to and including the piece
};
static_assert(sizeof(NodeRecord) == 32);

struct Fence {
  uint64_t first_high = 0;
  uint64_t checksum = 0;  // XXH3-64 of the group's records
};

struct ContentFooter {
  uint64_t checksum = 0;  // XXH3-64 of the rest
  uint64_t pieces_offset = 0;
  uint64_t nodes_offset = 0;
  uint64_t meta_offset = 0;
  uint64_t meta_bytes = 0;
  uint64_t meta_checksum = 0;
  uint32_t pieces = 0;
  uint32_t nodes = 0;
  uint32_t externals = 0;
  uint32_t blocks = 0;
  uint64_t filter_bytes = 0;
  uint64_t magic = kContentMagic;
};
static_assert(sizeof(ContentFooter) == 80);

template <typename T>
std::string_view BytesOf(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}
inline uint64_t ChecksumOf(const ContentFooter& footer) {
  return Hash64(BytesOf(footer).substr(sizeof(footer.checksum)));
}

inline ContentAddress PieceAddress(std::string_view bytes, uint64_t seed) {
  return Hash128(bytes, seed);
}
// Seeded apart from pieces, so that no text can pass for a node.
inline ContentAddress NodeAddress(ContentAddress parent, ContentAddress piece, uint64_t seed) {
  if (parent.empty()) return piece;
  const std::array<uint64_t, 4> key = {parent.high, parent.low, piece.high, piece.low};
  return Hash128(BytesOf(key), seed ^ 0x9E3779B97F4A7C15ULL);
}

}  // namespace ao::storage
