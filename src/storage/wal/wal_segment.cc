#include "storage/wal/wal_segment.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/hash.h"

namespace ao::storage {
namespace {

constexpr std::string_view kSegmentSuffix = ".wal";
constexpr std::string_view kSparePrefix = "spare-";
constexpr size_t kIdDigits = 16;

std::string_view BytesBehindChecksum(const auto& header) {
  return {reinterpret_cast<const char*>(&header) + sizeof(header.checksum),
          sizeof(header) - sizeof(header.checksum)};
}

// A segment read into memory.
struct Image {
  std::unique_ptr<char[]> bytes;
  uint64_t size = 0;
  uint64_t id = 0;

  // The header at `offset` when one of this segment with a plausible length is there.
  std::optional<FrameHeader> HeaderAt(uint64_t offset) const {
    if (offset + sizeof(FrameHeader) > size) return {};
    FrameHeader header;
    std::memcpy(&header, bytes.get() + offset, sizeof(header));
    if (header.magic != kFrameMagic || header.segment != id) return {};
    return header;
  }
  bool Fits(const FrameHeader& header, uint64_t offset) const {
    return header.length <= size - offset - sizeof(FrameHeader);
  }
  std::string_view PayloadAt(const FrameHeader& header, uint64_t offset) const {
    return {bytes.get() + offset + sizeof(FrameHeader), header.length};
  }
};

Result<Image> Load(FileSystem& fs, const SegmentFile& segment) {
  AO_ASSIGN_OR_RETURN(auto file, fs.Open(segment.path, FileSystem::Mode::kRead));
  Image image;
  AO_ASSIGN_OR_RETURN(image.size, file->Size());
  image.id = segment.id;
  image.bytes = std::make_unique_for_overwrite<char[]>(image.size);
  AO_TRY(file->ReadAt(0, image.size, image.bytes.get()));
  return image;
}

// Looks behind the last intact frame for traces of later ones.
void InspectTail(const Image& image, SegmentEnd* end) {
  uint64_t torn_end = end->offset;
  for (uint64_t at = end->offset; at + sizeof(FrameHeader) <= image.size; at += 8) {
    const auto header = image.HeaderAt(at);
    if (!header || header->lsn < end->next) continue;
    const bool fits = image.Fits(*header, at);
    torn_end = fits ? at + AlignFrame(sizeof(FrameHeader) + header->length) : image.size;
    if (header->synced < end->next || !fits) continue;
    if (ChecksumOf(*header, image.PayloadAt(*header, at)) == header->checksum) {
      end->damaged = true;
      return;
    }
  }
  end->torn_bytes = std::min(torn_end, image.size) - end->offset;
}

Result<std::optional<SegmentHeader>> ReadHeader(const File& file, uint64_t id, uint64_t size) {
  SegmentHeader header;
  if (size < sizeof(header)) return std::optional<SegmentHeader>();
  AO_TRY(file.ReadAt(0, sizeof(header), reinterpret_cast<char*>(&header)));
  if (header.magic != kSegmentMagic || header.id != id || header.checksum != ChecksumOf(header)) {
    return std::optional<SegmentHeader>();
  }
  if (header.version != kSegmentVersion) {
    return FailedPrecondition(fmt::format("cannot read {}: its format version is {}, not {}",
                                          file.path(), header.version, kSegmentVersion),
                              "start the version that wrote it, or a newer one");
  }
  return std::optional(header);
}

}  // namespace

uint64_t ChecksumOf(const SegmentHeader& header) { return Hash64(BytesBehindChecksum(header)); }

uint64_t ChecksumOf(const FrameHeader& header, std::string_view payload) {
  return Hash64(payload, Hash64(BytesBehindChecksum(header)));
}

std::string SegmentPath(const std::string& directory, uint64_t id) {
  return fmt::format("{}/{:016x}{}", directory, id, kSegmentSuffix);
}

std::string SparePath(const std::string& directory, uint64_t id) {
  return fmt::format("{}/{}{:016x}{}", directory, kSparePrefix, id, kSegmentSuffix);
}

std::optional<uint64_t> SegmentIdOf(std::string_view name) {
  if (name.size() != kIdDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) {
    return {};
  }
  uint64_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kIdDigits, id, 16);
  if (error != std::errc() || end != name.data() + kIdDigits) return {};
  return id;
}

bool IsSpareName(std::string_view name) { return name.starts_with(kSparePrefix); }

Result<std::vector<SegmentFile>> ListSegments(FileSystem& fs, const std::string& directory) {
  AO_ASSIGN_OR_RETURN(const auto names, fs.List(directory));
  std::vector<SegmentFile> segments;
  for (const std::string& name : names) {  // sorted, and so are the ids
    const auto id = SegmentIdOf(name);
    if (!id) continue;
    SegmentFile segment{*id, SegmentPath(directory, *id), 0, {}};
    AO_ASSIGN_OR_RETURN(auto file, fs.Open(segment.path, FileSystem::Mode::kRead));
    AO_ASSIGN_OR_RETURN(segment.size, file->Size());
    AO_ASSIGN_OR_RETURN(segment.header, ReadHeader(*file, segment.id, segment.size));
    segments.push_back(std::move(segment));
  }
  return segments;
}

Result<SegmentEnd> ScanSegment(FileSystem& fs, const SegmentFile& segment, Lsn limit,
                               const Wal::FrameSink& sink) {
  AO_ASSIGN_OR_RETURN(const Image image, Load(fs, segment));
  SegmentEnd end{sizeof(SegmentHeader), segment.header ? segment.header->first : 0, 0, false};
  if (!segment.header) {  // the header is synced before the first frame is written
    end.offset = 0;
    InspectTail(image, &end);
    return end;
  }
  while (limit == 0 || end.next < limit) {
    const auto header = image.HeaderAt(end.offset);
    if (!header || header->lsn != end.next || !image.Fits(*header, end.offset)) break;
    const std::string_view payload = image.PayloadAt(*header, end.offset);
    if (ChecksumOf(*header, payload) != header->checksum) break;
    AO_TRY(sink(end.next, payload));
    end.offset =
        std::min(AlignFrame(end.offset + sizeof(FrameHeader) + payload.size()), image.size);
    ++end.next;
  }
  if (limit == 0) InspectTail(image, &end);
  return end;
}

}  // namespace ao::storage
