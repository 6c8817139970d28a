#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "storage/content/address_filter.h"
#include "storage/content/content_format.h"
#include "storage/content/lru_cache.h"

namespace ao::storage {

// What all readers of a store share. Internal to content/.
struct ReadContext {
  ReadContext(FileSystem& file_system, std::string store_directory,
              const ContentStore::Options& options)
      : fs(file_system),
        directory(std::move(store_directory)),
        seed(options.hash_seed),
        blocks(options.cache_bytes) {}

  FileSystem& fs;
  const std::string directory;
  const uint64_t seed;
  LruCache<const std::string> blocks;  // decompressed
  LruCache<File> files{256};           // open
};

// Reads one content file. The index is searched on disk; only filter, fences and block table are
// in memory, loaded at the first use. Every byte handed out was checked against a checksum; errors
// name the file. Internal to content/. Thread-safe.
class ContentFileReader {
 public:
  ContentFileReader(std::shared_ptr<ReadContext> context, uint64_t id, ContentFile description)
      : context_(std::move(context)), id_(id), description_(std::move(description)) {}

  const ContentFile& description() const { return description_; }
  std::string path() const { return context_->directory + "/" + description_.path; }

  // Exists and has the length that it should have?
  Status CheckLength();

  // The index of the record with the address; nullopt when the file has none.
  Result<std::optional<uint32_t>> FindPiece(const ContentAddress& address);
  Result<std::optional<uint32_t>> FindNode(const ContentAddress& address);
  Result<PieceRecord> PieceAt(uint32_t index);
  Result<NodeRecord> NodeAt(uint32_t index);
  Result<ContentAddress> ExternalAt(uint32_t index);
  // The address that a reference stands for.
  Result<ContentAddress> AddressOf(uint32_t ref);

  // Appends the bytes of the piece, unchecked against its address.
  Status AppendPiece(const PieceRecord& piece, std::string* out);

  // For reading everything.
  Result<std::vector<PieceRecord>> AllPieces();
  Result<std::vector<NodeRecord>> AllNodes();
  Result<uint32_t> BlockCount();
  Result<std::shared_ptr<const std::string>> Block(uint32_t index, bool keep);

  // For searching.
  Result<std::shared_ptr<const AddressFilter>> Filter();
  // Sections of words, each as it was written; none in a file that was written before there were.
  Result<uint32_t> WordSectionCount();
  Result<std::string> WordSection(uint32_t index);
  // For each block a bit for each of up to 32 words (hashes) that it may hold.
  Result<std::vector<uint32_t>> WordsOfBlocks(std::span<const uint32_t> words);
  // XXH3-64 of the whole file.
  Result<uint64_t> Checksum();

  Status Damaged(std::string_view what) const;

 private:
  struct Meta {
    ContentFooter footer;
    std::vector<ContentAddress> externals;
    std::vector<BlockRecord> blocks;
    std::vector<Fence> piece_fences, node_fences;
    AddressFilter filter;
    std::vector<WordSectionRecord> sections;
  };

  Result<std::shared_ptr<File>> OpenFile();
  Result<std::shared_ptr<const Meta>> Load();
  Result<std::shared_ptr<const Meta>> Parse();
  Status CheckFooter(const ContentFooter& footer) const;
  // The records [first, first + count) of a group, checked.
  template <typename T>
  Status ReadGroup(uint64_t section, uint32_t total, const std::vector<Fence>& fences, size_t group,
                   std::vector<T>* out);
  template <typename T>
  Result<std::optional<uint32_t>> Search(uint64_t section, uint32_t total,
                                         const std::vector<Fence>& fences,
                                         const ContentAddress& address);

  const std::shared_ptr<ReadContext> context_;
  const uint64_t id_;
  const ContentFile description_;
  std::mutex mutex_;  // guards meta_
  std::shared_ptr<const Meta> meta_;
};

using Readers = std::vector<std::shared_ptr<ContentFileReader>>;

}  // namespace ao::storage
