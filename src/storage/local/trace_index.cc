#include "storage/local/trace_index.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/hash.h"

namespace ao::storage::local {
namespace {

struct Header {
  char magic[8];
  uint64_t count;
  uint64_t checksum;  // XXH3-64 of the hashes
};
constexpr char kMagic[8] = {'A', 'O', 'T', 'R', 'A', 'C', 'E', '1'};

std::string_view BytesOf(std::span<const uint64_t> hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size_bytes()};
}

}  // namespace

uint64_t TraceHash(std::string_view project, const TraceId& trace_id) {
  return Hash64({reinterpret_cast<const char*>(trace_id.bytes.data()), 16}, Hash64(project));
}

Result<uint64_t> TraceIndex::Write(FileSystem& fs, const std::string& path,
                                   std::vector<uint64_t> hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  Header header{{}, hashes.size(), Hash64(BytesOf(hashes))};
  std::memcpy(header.magic, kMagic, 8);
  AO_ASSIGN_OR_RETURN(auto file, fs.Open(path, FileSystem::Mode::kCreate));
  AO_TRY(file->WriteAt(0, {reinterpret_cast<const char*>(&header), sizeof(header)}));
  AO_TRY(file->WriteAt(sizeof(header), BytesOf(hashes)));
  AO_TRY(file->Sync());
  return sizeof(header) + hashes.size() * 8;
}

Result<std::unique_ptr<TraceIndex>> TraceIndex::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus("open trace index " + path, errno);
  struct stat info;
  const bool known = ::fstat(fd, &info) == 0;
  const size_t size = known ? static_cast<size_t>(info.st_size) : 0;
  void* mapping =
      size < sizeof(Header) ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  if (mapping == MAP_FAILED) return Corruption("cannot open trace index " + path + ": too short");
  std::unique_ptr<TraceIndex> index(new TraceIndex(mapping, size));
  Header header;
  std::memcpy(&header, mapping, sizeof(header));
  if (std::memcmp(header.magic, kMagic, 8) != 0 || (size - sizeof(header)) % 8 != 0 ||
      header.count != (size - sizeof(header)) / 8) {
    return Corruption("cannot open trace index " + path + ": it is damaged");
  }
  index->hashes_ = {
      reinterpret_cast<const uint64_t*>(static_cast<const char*>(mapping) + sizeof(header)),
      header.count};
  return index;
}

TraceIndex::TraceIndex(void* mapping, size_t size) : mapping_(mapping), mapped_bytes_(size) {}
TraceIndex::~TraceIndex() { ::munmap(mapping_, mapped_bytes_); }

bool TraceIndex::Contains(uint64_t hash) const {
  size_t low = 0, high = hashes_.size();
  // Hashes are uniform, so the position can be guessed; a few guesses, then halving.
  for (int guess = 0; guess < 4 && high - low > 64; ++guess) {
    const uint64_t first = hashes_[low], last = hashes_[high - 1];
    if (hash < first || hash > last) return false;
    if (last == first) break;
    const auto offset =
        static_cast<size_t>(static_cast<double>(hash - first) / static_cast<double>(last - first) *
                            static_cast<double>(high - low - 1));
    const size_t middle = std::min(low + offset, high - 1);
    // A window around the guess that is very likely to hold the hash.
    const size_t margin = 8 + (high - low) / 64;
    if (hashes_[middle] < hash) {
      low = middle;
      if (middle + margin < high && hashes_[middle + margin] > hash) high = middle + margin;
    } else if (hashes_[middle] > hash) {
      high = middle;
      if (middle > low + margin && hashes_[middle - margin] < hash) low = middle - margin;
    } else {
      return true;
    }
  }
  return std::binary_search(hashes_.begin() + static_cast<ptrdiff_t>(low),
                            hashes_.begin() + static_cast<ptrdiff_t>(high), hash);
}

bool TraceIndex::Intact() const {
  Header header;
  std::memcpy(&header, mapping_, sizeof(header));
  return header.checksum == Hash64(BytesOf(hashes_));
}

}  // namespace ao::storage::local
