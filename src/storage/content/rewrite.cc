#include "storage/content/rewrite.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace ao::storage {
namespace {

// The records of one file, and which of them are wanted.
struct LoadedFile {
  ContentFileReader* reader = nullptr;
  std::vector<PieceRecord> pieces;
  std::vector<NodeRecord> nodes;
  std::vector<bool> keep_piece, keep_node;
};

template <typename T>
std::optional<uint32_t> Locate(const std::vector<T>& sorted, const ContentAddress& address) {
  auto it = std::lower_bound(
      sorted.begin(), sorted.end(), address,
      [](const T& record, const ContentAddress& key) { return record.address < key; });
  if (it == sorted.end() || it->address != address) return {};
  return static_cast<uint32_t>(it - sorted.begin());
}

class Rewriter {
 public:
  Status Load(const Readers& files) {
    for (const auto& reader : files) {
      LoadedFile file;
      file.reader = reader.get();
      AO_ASSIGN_OR_RETURN(file.pieces, reader->AllPieces());
      AO_ASSIGN_OR_RETURN(file.nodes, reader->AllNodes());
      file.keep_piece.resize(file.pieces.size());
      file.keep_node.resize(file.nodes.size());
      files_.push_back(std::move(file));
    }
    return OkStatus();
  }

  Status MarkLive(ContentAddress address) {
    bool found = MarkPieceAt(address);  // a text of one piece, or a piece that memory refers to
    for (size_t f = 0; f < files_.size(); ++f) {
      const auto index = Locate(files_[f].nodes, address);
      if (!index) continue;
      AO_TRY(MarkChain(f, *index));
      found = true;
      break;
    }
    any_ = any_ || found;
    return OkStatus();
  }

  bool any() const { return any_; }

  Status Write(ContentFileWriter* writer, uint64_t seed) {
    HashSet<ContentAddress> written;
    for (LoadedFile& file : files_) {
      AO_TRY(WritePieces(file, writer, seed, &written));
    }
    written.clear();
    for (LoadedFile& file : files_) {
      for (size_t i = 0; i < file.nodes.size(); ++i) {
        const NodeRecord& record = file.nodes[i];
        if (!file.keep_node[i] || !written.insert(record.address).second) continue;
        Node node{record.address, {}, {}, record.total};
        AO_ASSIGN_OR_RETURN(node.parent, AddressOf(file, record.parent));
        AO_ASSIGN_OR_RETURN(node.piece, AddressOf(file, record.piece));
        writer->AddNode(node);
      }
    }
    return OkStatus();
  }

 private:
  // Marks the piece in the first file that holds it.
  bool MarkPieceAt(const ContentAddress& address) {
    for (LoadedFile& file : files_) {
      if (const auto index = Locate(file.pieces, address)) {
        file.keep_piece[*index] = true;
        return true;
      }
    }
    return false;
  }

  Result<ContentAddress> AddressOf(const LoadedFile& file, uint32_t ref) const {
    const uint32_t index = IndexOf(ref);
    if (KindOf(ref) == RefKind::kNode && index < file.nodes.size())
      return file.nodes[index].address;
    if (KindOf(ref) == RefKind::kPiece && index < file.pieces.size()) {
      return file.pieces[index].address;
    }
    return file.reader->AddressOf(ref);
  }

  Status MarkPiece(LoadedFile& file, uint32_t ref) {
    if (KindOf(ref) == RefKind::kPiece && IndexOf(ref) < file.pieces.size()) {
      file.keep_piece[IndexOf(ref)] = true;
      return OkStatus();
    }
    AO_ASSIGN_OR_RETURN(const ContentAddress address, AddressOf(file, ref));
    if (MarkPieceAt(address)) return OkStatus();
    return file.reader->Damaged("it refers to piece " + address.ToHex() + ", which is nowhere");
  }

  // Marks a node and its ancestors, up to the first that is marked already.
  Status MarkChain(size_t f, uint32_t index) {
    while (!files_[f].keep_node[index]) {
      LoadedFile& file = files_[f];
      file.keep_node[index] = true;
      const NodeRecord& node = file.nodes[index];
      AO_TRY(MarkPiece(file, node.piece));
      if (KindOf(node.parent) == RefKind::kNode && IndexOf(node.parent) < file.nodes.size()) {
        index = IndexOf(node.parent);
        continue;
      }
      AO_ASSIGN_OR_RETURN(const ContentAddress parent, AddressOf(file, node.parent));
      std::optional<uint32_t> found;
      for (size_t i = 0; i < files_.size() && !found; ++i) {
        found = Locate(files_[i].nodes, parent);
        if (found) f = i;
      }
      if (!found) return MarkPiece(file, node.parent);
      index = *found;
    }
    return OkStatus();
  }

  // In the order in which they lie, so that each block is decompressed once.
  Status WritePieces(const LoadedFile& file, ContentFileWriter* writer, uint64_t seed,
                     HashSet<ContentAddress>* written) {
    std::vector<const PieceRecord*> wanted;
    for (size_t i = 0; i < file.pieces.size(); ++i) {
      if (file.keep_piece[i]) wanted.push_back(&file.pieces[i]);
    }
    std::sort(wanted.begin(), wanted.end(), [](const PieceRecord* a, const PieceRecord* b) {
      return std::pair(a->block, a->offset) < std::pair(b->block, b->offset);
    });
    std::shared_ptr<const std::string> block;
    uint32_t block_index = 0;
    for (const PieceRecord* piece : wanted) {
      if (!written->insert(piece->address).second) continue;
      if (block == nullptr || block_index != piece->block) {
        AO_ASSIGN_OR_RETURN(block, file.reader->Block(piece->block, false));
        block_index = piece->block;
      }
      if (uint64_t{piece->offset} + piece->length > block->size()) {
        return file.reader->Damaged("a piece reaches behind the end of its block");
      }
      const std::string_view bytes(block->data() + piece->offset, piece->length);
      if (PieceAddress(bytes, seed) != piece->address) {
        return file.reader->Damaged("piece " + piece->address.ToHex() + " has other bytes");
      }
      AO_TRY(writer->AddPiece(piece->address, bytes));
    }
    return OkStatus();
  }

  std::vector<LoadedFile> files_;
  bool any_ = false;
};

}  // namespace

Result<std::vector<ContentFile>> RewriteFiles(FileSystem& fs, const std::string& directory,
                                              const PartitionKey& partition, const Readers& files,
                                              std::span<const ContentAddress> live,
                                              const std::string& path,
                                              const ContentStore::Options& options) {
  Rewriter rewriter;
  AO_TRY(rewriter.Load(files));
  for (const ContentAddress& address : live) AO_TRY(rewriter.MarkLive(address));
  std::vector<ContentFile> result;
  if (!rewriter.any()) return result;
  AO_ASSIGN_OR_RETURN(auto writer,
                      ContentFileWriter::Create(fs, directory, partition, path, options));
  AO_TRY(rewriter.Write(writer.get(), options.hash_seed));
  AO_ASSIGN_OR_RETURN(ContentFile file, writer->Finish());
  result.push_back(std::move(file));
  return result;
}

}  // namespace ao::storage
