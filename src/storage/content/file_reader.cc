#include "storage/content/file_reader.h"

#include <algorithm>
#include <cstring>

#include <xxhash.h>
#include <zstd.h>

#include "storage/content/word_index.h"

namespace ao::storage {
namespace {

// Takes `count` records from the front of `bytes`, which is known to be long enough.
template <typename T>
std::vector<T> Take(std::string_view* bytes, size_t count) {
  std::vector<T> records(count);
  if (count > 0) std::memcpy(static_cast<void*>(records.data()), bytes->data(), count * sizeof(T));
  bytes->remove_prefix(count * sizeof(T));
  return records;
}

size_t GroupsOf(uint32_t records) { return (static_cast<size_t>(records) + kGroup - 1) / kGroup; }

}  // namespace

Status ContentFileReader::Damaged(std::string_view what) const {
  return Corruption("cannot read " + path() + ": " + std::string(what));
}

Status ContentFileReader::CheckLength() {
  auto file = OpenFile();
  if (!file.ok()) {
    if (file.status().code() == StatusCode::kNotFound) return Damaged("the file is missing");
    return file.status();
  }
  AO_ASSIGN_OR_RETURN(const uint64_t size, (*file)->Size());
  if (size == description_.bytes) return OkStatus();
  return Damaged("it has " + std::to_string(size) + " bytes, not " +
                 std::to_string(description_.bytes));
}

Result<std::shared_ptr<File>> ContentFileReader::OpenFile() {
  if (auto file = context_->files.Get(id_)) return file;
  AO_ASSIGN_OR_RETURN(auto opened, context_->fs.Open(path(), FileSystem::Mode::kRead));
  std::shared_ptr<File> file = std::move(opened);
  context_->files.Put(id_, file, 1);
  return file;
}

Result<std::shared_ptr<const ContentFileReader::Meta>> ContentFileReader::Load() {
  std::lock_guard lock(mutex_);
  if (meta_ != nullptr) return meta_;
  AO_ASSIGN_OR_RETURN(meta_, Parse());
  return meta_;
}

Status ContentFileReader::CheckFooter(const ContentFooter& footer) const {
  if (footer.magic != kContentMagic || footer.checksum != ChecksumOf(footer)) {
    return Damaged("its footer is damaged");
  }
  const uint64_t known_bytes =
      footer.externals * sizeof(ContentAddress) + footer.blocks * sizeof(BlockRecord) +
      (GroupsOf(footer.pieces) + GroupsOf(footer.nodes)) * sizeof(Fence) + footer.filter_bytes;
  const uint64_t section_bytes = footer.meta_bytes - known_bytes;
  if (footer.meta_bytes < known_bytes || section_bytes % sizeof(WordSectionRecord) != 0 ||
      footer.filter_bytes % 32 != 0 ||
      footer.meta_offset + footer.meta_bytes + sizeof(footer) != description_.bytes ||
      footer.pieces_offset + footer.pieces * sizeof(PieceRecord) != footer.nodes_offset ||
      footer.nodes_offset + footer.nodes * sizeof(NodeRecord) != footer.meta_offset) {
    return Damaged("its footer contradicts itself");
  }
  return OkStatus();
}

Result<std::shared_ptr<const ContentFileReader::Meta>> ContentFileReader::Parse() {
  AO_ASSIGN_OR_RETURN(auto file, OpenFile());
  ContentHeader header;
  ContentFooter footer;
  if (description_.bytes < sizeof(header) + sizeof(footer)) return Damaged("it is too short");
  AO_TRY(file->ReadAt(0, sizeof(header), reinterpret_cast<char*>(&header)));
  if (header.magic != kContentMagic) return Damaged("it is not a content file");
  if (header.version < kOldestContentVersion || header.version > kContentVersion) {
    return FailedPrecondition("cannot read " + path() + ": its format version is " +
                                  std::to_string(header.version) + ", not " +
                                  std::to_string(kContentVersion),
                              "start the version that wrote it, or a newer one");
  }
  std::string project(description_.project.size(), '\0');
  AO_TRY(file->ReadAt(sizeof(header), project.size(), project.data()));
  if (header.day != description_.day || header.project_bytes != project.size() ||
      project != description_.project) {
    return Damaged("it belongs to another partition");
  }
  AO_TRY(file->ReadAt(description_.bytes - sizeof(footer), sizeof(footer),
                      reinterpret_cast<char*>(&footer)));
  AO_TRY(CheckFooter(footer));
  std::string bytes(footer.meta_bytes, '\0');
  AO_TRY(file->ReadAt(footer.meta_offset, bytes.size(), bytes.data()));
  if (Hash64(bytes) != footer.meta_checksum) return Damaged("its index is damaged");
  auto meta = std::make_shared<Meta>();
  meta->footer = footer;
  std::string_view rest = bytes;
  meta->externals = Take<ContentAddress>(&rest, footer.externals);
  meta->blocks = Take<BlockRecord>(&rest, footer.blocks);
  meta->piece_fences = Take<Fence>(&rest, GroupsOf(footer.pieces));
  meta->node_fences = Take<Fence>(&rest, GroupsOf(footer.nodes));
  meta->filter = AddressFilter(rest.substr(0, footer.filter_bytes));
  rest.remove_prefix(footer.filter_bytes);
  meta->sections = Take<WordSectionRecord>(&rest, rest.size() / sizeof(WordSectionRecord));
  return std::shared_ptr<const Meta>(std::move(meta));
}

template <typename T>
Status ContentFileReader::ReadGroup(uint64_t section, uint32_t total,
                                    const std::vector<Fence>& fences, size_t group,
                                    std::vector<T>* out) {
  const size_t first = group * kGroup;
  out->resize(std::min<size_t>(kGroup, total - first));
  const size_t bytes = out->size() * sizeof(T);
  AO_ASSIGN_OR_RETURN(auto file, OpenFile());
  AO_TRY(file->ReadAt(section + first * sizeof(T), bytes, reinterpret_cast<char*>(out->data())));
  if (Hash64({reinterpret_cast<const char*>(out->data()), bytes}) != fences[group].checksum) {
    return Damaged("its index is damaged at offset " + std::to_string(section + first * sizeof(T)));
  }
  return OkStatus();
}

template <typename T>
Result<std::optional<uint32_t>> ContentFileReader::Search(uint64_t section, uint32_t total,
                                                          const std::vector<Fence>& fences,
                                                          const ContentAddress& address) {
  // The last group that may begin at or before the address. Addresses with equal upper halves may
  // lie across a border, so earlier groups are tried as long as they could hold it.
  auto next =
      std::upper_bound(fences.begin(), fences.end(), address.high,
                       [](uint64_t high, const Fence& fence) { return high < fence.first_high; });
  std::vector<T> records;
  while (next != fences.begin()) {
    --next;
    const size_t group = static_cast<size_t>(next - fences.begin());
    AO_TRY(ReadGroup(section, total, fences, group, &records));
    auto it = std::lower_bound(
        records.begin(), records.end(), address,
        [](const T& record, const ContentAddress& key) { return record.address < key; });
    if (it != records.end() && it->address == address) {
      return std::optional(static_cast<uint32_t>(group * kGroup) +
                           static_cast<uint32_t>(it - records.begin()));
    }
    if (next->first_high < address.high) break;
  }
  return std::optional<uint32_t>();
}

Result<std::optional<uint32_t>> ContentFileReader::FindPiece(const ContentAddress& address) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  if (!meta->filter.MayContain(address)) return std::optional<uint32_t>();
  return Search<PieceRecord>(meta->footer.pieces_offset, meta->footer.pieces, meta->piece_fences,
                             address);
}

Result<std::optional<uint32_t>> ContentFileReader::FindNode(const ContentAddress& address) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  if (!meta->filter.MayContain(address)) return std::optional<uint32_t>();
  return Search<NodeRecord>(meta->footer.nodes_offset, meta->footer.nodes, meta->node_fences,
                            address);
}

Result<PieceRecord> ContentFileReader::PieceAt(uint32_t index) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  if (index >= meta->footer.pieces) return Damaged("a reference points behind its pieces");
  std::vector<PieceRecord> group;
  AO_TRY(ReadGroup(meta->footer.pieces_offset, meta->footer.pieces, meta->piece_fences,
                   index / kGroup, &group));
  return group[index % kGroup];
}

Result<NodeRecord> ContentFileReader::NodeAt(uint32_t index) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  if (index >= meta->footer.nodes) return Damaged("a reference points behind its nodes");
  std::vector<NodeRecord> group;
  AO_TRY(ReadGroup(meta->footer.nodes_offset, meta->footer.nodes, meta->node_fences, index / kGroup,
                   &group));
  return group[index % kGroup];
}

Result<ContentAddress> ContentFileReader::ExternalAt(uint32_t index) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  if (index >= meta->externals.size()) return Damaged("a reference points behind its externals");
  return meta->externals[index];
}

Result<ContentAddress> ContentFileReader::AddressOf(uint32_t ref) {
  if (KindOf(ref) == RefKind::kNode) {
    AO_ASSIGN_OR_RETURN(const NodeRecord node, NodeAt(IndexOf(ref)));
    return node.address;
  }
  if (KindOf(ref) == RefKind::kPiece) {
    AO_ASSIGN_OR_RETURN(const PieceRecord piece, PieceAt(IndexOf(ref)));
    return piece.address;
  }
  return ExternalAt(IndexOf(ref));
}

Result<std::shared_ptr<const std::string>> ContentFileReader::Block(uint32_t index, bool keep) {
  const uint64_t key = id_ << 32 | index;
  if (auto block = context_->blocks.Get(key)) return block;
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  if (index >= meta->blocks.size()) return Damaged("a record points behind its blocks");
  const BlockRecord& record = meta->blocks[index];
  const std::string where = "the block at offset " + std::to_string(record.offset);
  auto raw = std::make_shared<std::string>();
  std::string stored(record.stored_bytes, '\0');
  AO_ASSIGN_OR_RETURN(auto file, OpenFile());
  AO_TRY(file->ReadAt(record.offset, stored.size(), stored.data()));
  if (Hash64(stored) != record.checksum) return Damaged(where + " is damaged");
  if (record.stored_bytes == record.raw_bytes) {
    *raw = std::move(stored);
  } else {
    raw->resize(record.raw_bytes);
    const size_t size = ZSTD_decompress(raw->data(), raw->size(), stored.data(), stored.size());
    if (size != record.raw_bytes) return Damaged(where + " does not decompress");
  }
  std::shared_ptr<const std::string> block = std::move(raw);
  if (keep) context_->blocks.Put(key, block, block->size());
  return block;
}

Status ContentFileReader::AppendPiece(const PieceRecord& piece, std::string* out) {
  AO_ASSIGN_OR_RETURN(const auto block, Block(piece.block, true));
  if (piece.offset > block->size() || piece.length > block->size() - piece.offset) {
    return Damaged("a piece reaches behind the end of its block");
  }
  out->append(*block, piece.offset, piece.length);
  return OkStatus();
}

Result<std::vector<PieceRecord>> ContentFileReader::AllPieces() {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  std::vector<PieceRecord> all, group;
  all.reserve(meta->footer.pieces);
  for (size_t i = 0; i < meta->piece_fences.size(); ++i) {
    AO_TRY(
        ReadGroup(meta->footer.pieces_offset, meta->footer.pieces, meta->piece_fences, i, &group));
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

Result<std::vector<NodeRecord>> ContentFileReader::AllNodes() {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  std::vector<NodeRecord> all, group;
  all.reserve(meta->footer.nodes);
  for (size_t i = 0; i < meta->node_fences.size(); ++i) {
    AO_TRY(ReadGroup(meta->footer.nodes_offset, meta->footer.nodes, meta->node_fences, i, &group));
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

Result<uint32_t> ContentFileReader::BlockCount() {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  return meta->footer.blocks;
}

Result<std::shared_ptr<const AddressFilter>> ContentFileReader::Filter() {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  return std::shared_ptr<const AddressFilter>(meta, &meta->filter);
}

Result<uint32_t> ContentFileReader::WordSectionCount() {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  return static_cast<uint32_t>(meta->sections.size());
}

Result<std::string> ContentFileReader::WordSection(uint32_t index) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  const WordSectionRecord& record = meta->sections[index];
  if (record.offset > description_.bytes || record.bytes > description_.bytes - record.offset) {
    return Damaged("its words lie behind its end");
  }
  std::string bytes(record.bytes, '\0');
  AO_ASSIGN_OR_RETURN(auto file, OpenFile());
  AO_TRY(file->ReadAt(record.offset, bytes.size(), bytes.data()));
  if (Hash64(bytes) != record.checksum) return Damaged("its words are damaged");
  return bytes;
}

Result<std::vector<uint32_t>> ContentFileReader::WordsOfBlocks(std::span<const uint32_t> words) {
  AO_ASSIGN_OR_RETURN(const auto meta, Load());
  const auto all = static_cast<uint32_t>((uint64_t{1} << words.size()) - 1);
  std::vector<uint32_t> found(meta->blocks.size(), all);
  if (words.empty()) return found;
  size_t first = 0;
  for (uint32_t s = 0; s < meta->sections.size() && first < found.size(); ++s) {
    const size_t count = std::min<size_t>(meta->sections[s].blocks, found.size() - first);
    AO_ASSIGN_OR_RETURN(std::string bytes, WordSection(s));
    auto index = WordIndex::Parse(std::move(bytes));
    if (!index.ok()) return Damaged(index.status().message());
    if (index->has_value()) {
      std::fill_n(found.begin() + static_cast<ptrdiff_t>(first), count, 0);
      for (size_t w = 0; w < words.size(); ++w) {
        (*index)->ForEachBlock(words[w], [&](uint32_t block) {
          if (block < count) found[first + block] |= uint32_t{1} << w;
        });
      }
    }
    first += count;
  }
  return found;
}

Result<uint64_t> ContentFileReader::Checksum() {
  AO_ASSIGN_OR_RETURN(auto file, OpenFile());
  std::string chunk(std::min<uint64_t>(description_.bytes, 1 << 20), '\0');
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash(XXH3_createState(),
                                                                &XXH3_freeState);
  XXH3_64bits_reset(hash.get());
  for (uint64_t at = 0; at < description_.bytes;) {
    const size_t size = std::min<uint64_t>(chunk.size(), description_.bytes - at);
    AO_TRY(file->ReadAt(at, size, chunk.data()));
    XXH3_64bits_update(hash.get(), chunk.data(), size);
    at += size;
  }
  return XXH3_64bits_digest(hash.get());
}

}  // namespace ao::storage
