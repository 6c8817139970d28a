#include "storage/content/file_writer.h"

#include <algorithm>

#include <xxhash.h>
#include <zstd.h>

#include "storage/content/address_filter.h"

namespace ao::storage {
namespace {

constexpr size_t kOutputBytes = 1 << 20;
constexpr size_t kSectionPairs = 2 << 20;  // what a section of words takes while it is collected

template <typename T>
std::string_view BytesOfAll(const std::vector<T>& records) {
  return {reinterpret_cast<const char*>(records.data()), records.size() * sizeof(T)};
}

template <typename T>
void AppendFences(const std::vector<T>& records, std::string* out) {
  for (size_t begin = 0; begin < records.size(); begin += kGroup) {
    const size_t count = std::min<size_t>(kGroup, records.size() - begin);
    const Fence fence{records[begin].address.high,
                      Hash64(BytesOfAll(records).substr(begin * sizeof(T), count * sizeof(T)))};
    out->append(BytesOf(fence));
  }
}

// Index of the record with the address, or SIZE_MAX.
template <typename T>
size_t IndexOfAddress(const std::vector<T>& sorted, const ContentAddress& address) {
  auto it = std::lower_bound(
      sorted.begin(), sorted.end(), address,
      [](const T& record, const ContentAddress& key) { return record.address < key; });
  if (it == sorted.end() || it->address != address) return SIZE_MAX;
  return static_cast<size_t>(it - sorted.begin());
}

template <typename T>
void SortByAddress(std::vector<T>* records) {
  std::sort(records->begin(), records->end(),
            [](const T& a, const T& b) { return a.address < b.address; });
}

}  // namespace

struct ContentFileWriter::Compressor {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  XXH3_state_t* hash = XXH3_createState();
  std::string compressed;

  Compressor() { XXH3_64bits_reset(hash); }
  ~Compressor() {
    ZSTD_freeCCtx(context);
    XXH3_freeState(hash);
  }
};

ContentFileWriter::ContentFileWriter(FileSystem& fs, std::string directory,
                                     const ContentStore::Options& options)
    : fs_(fs),
      directory_(std::move(directory)),
      options_(options),
      compressor_(std::make_unique<Compressor>()) {}

Result<std::unique_ptr<ContentFileWriter>> ContentFileWriter::Create(
    FileSystem& fs, const std::string& directory, const PartitionKey& partition,
    const std::string& path, const ContentStore::Options& options) {
  std::unique_ptr<ContentFileWriter> writer(new ContentFileWriter(fs, directory, options));
  writer->result_.project = partition.first;
  writer->result_.day = partition.second;
  writer->result_.path = path;
  const std::string full = directory + "/" + path;
  const std::string folder = DirectoryOf(full);
  const bool new_folder = !fs.Exists(folder);
  AO_TRY(fs.CreateDirectories(folder));
  if (new_folder) {
    AO_TRY(fs.SyncDirectory(DirectoryOf(folder)));
    AO_TRY(fs.SyncDirectory(directory));
  }
  AO_ASSIGN_OR_RETURN(writer->file_,
                      fs.Open(full + std::string(kTemporarySuffix), FileSystem::Mode::kCreate));
  ContentHeader header;
  header.day = partition.second;
  header.project_bytes = static_cast<uint32_t>(partition.first.size());
  AO_TRY(writer->Write(BytesOf(header)));
  AO_TRY(writer->Write(partition.first));
  return writer;
}

ContentFileWriter::~ContentFileWriter() {
  if (file_ == nullptr) return;
  file_.reset();
  (void)fs_.Remove(directory_ + "/" + result_.path + std::string(kTemporarySuffix));
}

Status ContentFileWriter::AddPiece(const ContentAddress& address, std::string_view bytes) {
  if (bytes.size() > UINT32_MAX) {
    return InvalidArgument("cannot write a piece of " + std::to_string(bytes.size()) +
                           " bytes: the limit is 4 GiB");
  }
  if (!raw_.empty() && raw_.size() + bytes.size() > options_.block_bytes) AO_TRY(FlushBlock());
  PieceRecord record;
  record.address = address;
  record.block = static_cast<uint32_t>(blocks_.size());
  record.offset = static_cast<uint32_t>(raw_.size());
  record.length = static_cast<uint32_t>(bytes.size());
  pieces_.push_back(record);
  words_.Add(bytes);
  if (raw_.empty() && bytes.size() >= options_.block_bytes) return WriteBlock(bytes);
  raw_.append(bytes);
  return OkStatus();
}

Status ContentFileWriter::FlushBlock() {
  AO_TRY(WriteBlock(raw_));
  raw_.clear();
  return OkStatus();
}

Status ContentFileWriter::WriteBlock(std::string_view raw) {
  std::string& compressed = compressor_->compressed;
  const size_t bound = ZSTD_compressBound(raw.size());
  if (compressed.size() < bound) compressed.resize(bound);
  const size_t size = ZSTD_compressCCtx(compressor_->context, compressed.data(), compressed.size(),
                                        raw.data(), raw.size(), options_.zstd_level);
  std::string_view stored = raw;
  if (ZSTD_isError(size) == 0 && size < raw.size()) stored = {compressed.data(), size};
  blocks_.push_back({written_ + output_.size(), static_cast<uint32_t>(stored.size()),
                     static_cast<uint32_t>(raw.size()), Hash64(stored)});
  AO_TRY(Write(stored));
  words_.EndBlock();
  return words_.size() < kSectionPairs ? OkStatus() : WriteWords();
}

Status ContentFileWriter::WriteWords() {
  WordSectionRecord record;
  record.blocks = words_.blocks();
  const std::string section = words_.Take();
  record.offset = written_ + output_.size();
  record.bytes = static_cast<uint32_t>(section.size());
  record.checksum = Hash64(section);
  sections_.push_back(record);
  return Write(section);
}

Status ContentFileWriter::Write(std::string_view bytes) {
  XXH3_64bits_update(compressor_->hash, bytes.data(), bytes.size());
  output_.append(bytes);
  return output_.size() < kOutputBytes ? OkStatus() : FlushOutput();
}

Status ContentFileWriter::FlushOutput() {
  AO_TRY(file_->WriteAt(written_, output_));
  written_ += output_.size();
  output_.clear();
  return OkStatus();
}

std::vector<NodeRecord> ContentFileWriter::ResolveNodes(std::vector<ContentAddress>* externals) {
  HashMap<ContentAddress, uint32_t> known;
  auto external = [&](const ContentAddress& address) {
    const auto [it, added] = known.try_emplace(address, static_cast<uint32_t>(externals->size()));
    if (added) externals->push_back(address);
    return MakeRef(RefKind::kExternal, it->second);
  };
  auto piece_ref = [&](const ContentAddress& address) {
    const size_t index = IndexOfAddress(pieces_, address);
    return index == SIZE_MAX ? external(address)
                             : MakeRef(RefKind::kPiece, static_cast<uint32_t>(index));
  };
  std::vector<NodeRecord> records;
  records.reserve(nodes_.size());
  for (const Node& node : nodes_) {
    const size_t parent = IndexOfAddress(nodes_, node.parent);
    records.push_back({node.address,
                       parent == SIZE_MAX ? piece_ref(node.parent)
                                          : MakeRef(RefKind::kNode, static_cast<uint32_t>(parent)),
                       piece_ref(node.piece), node.total});
  }
  return records;
}

Status ContentFileWriter::WriteIndex(ContentFooter* footer) {
  if (pieces_.size() >= kMaxRecords || nodes_.size() >= kMaxRecords) {
    return ResourceExhausted("cannot write " + result_.path + ": too many records in one file");
  }
  SortByAddress(&pieces_);
  SortByAddress(&nodes_);
  std::vector<ContentAddress> externals;
  const std::vector<NodeRecord> nodes = ResolveNodes(&externals);
  AddressFilter filter(pieces_.size() + nodes.size());
  for (const PieceRecord& piece : pieces_) filter.Add(piece.address);
  for (const NodeRecord& node : nodes) filter.Add(node.address);

  footer->pieces_offset = written_ + output_.size();
  AO_TRY(Write(BytesOfAll(pieces_)));
  footer->nodes_offset = written_ + output_.size();
  AO_TRY(Write(BytesOfAll(nodes)));
  std::string meta(BytesOfAll(externals));
  meta.append(BytesOfAll(blocks_));
  AppendFences(pieces_, &meta);
  AppendFences(nodes, &meta);
  meta.append(filter.bytes());
  meta.append(BytesOfAll(sections_));
  footer->meta_offset = written_ + output_.size();
  footer->meta_bytes = meta.size();
  footer->meta_checksum = Hash64(meta);
  footer->pieces = static_cast<uint32_t>(pieces_.size());
  footer->nodes = static_cast<uint32_t>(nodes.size());
  footer->externals = static_cast<uint32_t>(externals.size());
  footer->blocks = static_cast<uint32_t>(blocks_.size());
  footer->filter_bytes = filter.bytes().size();
  return Write(meta);
}

Result<ContentFile> ContentFileWriter::Finish() {
  if (!raw_.empty()) AO_TRY(FlushBlock());
  // An empty text is a piece of no bytes: it may refer to a block that was never filled.
  if (blocks_.empty() && !pieces_.empty()) AO_TRY(WriteBlock({}));
  for (PieceRecord& piece : pieces_) {
    if (piece.block == blocks_.size()) --piece.block, piece.offset = blocks_.back().raw_bytes;
  }
  if (words_.blocks() > 0) AO_TRY(WriteWords());
  ContentFooter footer;
  AO_TRY(WriteIndex(&footer));
  footer.checksum = ChecksumOf(footer);
  AO_TRY(Write(BytesOf(footer)));
  AO_TRY(FlushOutput());
  AO_TRY(file_->Sync());
  result_.bytes = written_;
  result_.records = pieces_.size() + nodes_.size();
  result_.checksum = XXH3_64bits_digest(compressor_->hash);
  const std::string path = directory_ + "/" + result_.path;
  AO_TRY(fs_.Rename(path + std::string(kTemporarySuffix), path));
  file_.reset();
  AO_TRY(fs_.SyncDirectory(DirectoryOf(path)));
  return result_;
}

}  // namespace ao::storage
