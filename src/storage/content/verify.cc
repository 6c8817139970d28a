#include <algorithm>
#include <utility>

#include "storage/content/rewrite.h"
#include "storage/content/word_index.h"

namespace ao::storage {
namespace {

using Report = std::function<void(std::string)>;

void ReportFailure(const Status& status, const Report& report) {
  if (!status.ok()) report(status.message());
}

// Reads every block and hashes every piece.
Status CheckPieces(ContentFileReader& file, uint64_t seed, const Report& report) {
  AO_ASSIGN_OR_RETURN(auto pieces, file.AllPieces());
  std::sort(pieces.begin(), pieces.end(), [](const PieceRecord& a, const PieceRecord& b) {
    return std::pair(a.block, a.offset) < std::pair(b.block, b.offset);
  });
  AO_ASSIGN_OR_RETURN(const uint32_t blocks, file.BlockCount());
  auto piece = pieces.begin();
  for (uint32_t index = 0; index < blocks; ++index) {
    auto block = file.Block(index, false);
    ReportFailure(block.status(), report);
    for (; piece != pieces.end() && piece->block == index; ++piece) {
      if (!block.ok()) continue;
      const bool inside = uint64_t{piece->offset} + piece->length <= (*block)->size();
      const std::string_view bytes =
          inside ? std::string_view(**block).substr(piece->offset, piece->length) : "";
      if (!inside || PieceAddress(bytes, seed) != piece->address) {
        report(file.path() + ": piece " + piece->address.ToHex() + " has other bytes");
      }
    }
  }
  if (piece != pieces.end()) report(file.path() + ": a piece lies in a block that is not there");
  return OkStatus();
}

// Makes the words of every block once more.
Status CheckWords(ContentFileReader& file, const Report& report) {
  AO_ASSIGN_OR_RETURN(const uint32_t sections, file.WordSectionCount());
  if (sections == 0) return OkStatus();
  AO_ASSIGN_OR_RETURN(auto pieces, file.AllPieces());
  std::sort(pieces.begin(), pieces.end(), [](const PieceRecord& a, const PieceRecord& b) {
    return std::pair(a.block, a.offset) < std::pair(b.block, b.offset);
  });
  auto piece = pieces.begin();
  uint32_t block_index = 0;
  for (uint32_t s = 0; s < sections; ++s) {
    AO_ASSIGN_OR_RETURN(const std::string section, file.WordSection(s));
    auto index = WordIndex::Parse(section);
    if (!index.ok()) return file.Damaged(index.status().message());
    if (!index->has_value()) return OkStatus();  // by the rules of another version
    WordIndexBuilder words;
    for (const uint32_t end = block_index + (*index)->blocks(); block_index < end; ++block_index) {
      AO_ASSIGN_OR_RETURN(const auto block, file.Block(block_index, false));
      for (; piece != pieces.end() && piece->block == block_index; ++piece) {
        if (uint64_t{piece->offset} + piece->length > block->size()) continue;
        words.Add(std::string_view(*block).substr(piece->offset, piece->length));
      }
      words.EndBlock();
    }
    if (words.Take() != section) report(file.path() + ": its word index has other words");
  }
  return OkStatus();
}

// Is there a record with the address in any of the files?
bool HasPiece(const Readers& files, const ContentAddress& address) {
  return std::any_of(files.begin(), files.end(), [&](const auto& file) {
    auto found = file->FindPiece(address);
    return found.ok() && found->has_value();
  });
}
bool HasNode(const Readers& files, const ContentAddress& address) {
  return std::any_of(files.begin(), files.end(), [&](const auto& file) {
    auto found = file->FindNode(address);
    return found.ok() && found->has_value();
  });
}

Status CheckNodes(ContentFileReader& file, const Readers& files, uint64_t seed,
                  const Report& report) {
  AO_ASSIGN_OR_RETURN(const auto nodes, file.AllNodes());
  AO_ASSIGN_OR_RETURN(const auto pieces, file.AllPieces());
  auto address_of = [&](uint32_t ref) -> Result<ContentAddress> {
    const uint32_t index = IndexOf(ref);
    if (KindOf(ref) == RefKind::kNode && index < nodes.size()) return nodes[index].address;
    if (KindOf(ref) == RefKind::kPiece && index < pieces.size()) return pieces[index].address;
    return file.AddressOf(ref);
  };
  for (const NodeRecord& node : nodes) {
    AO_ASSIGN_OR_RETURN(const ContentAddress parent, address_of(node.parent));
    AO_ASSIGN_OR_RETURN(const ContentAddress piece, address_of(node.piece));
    const std::string name = file.path() + ": node " + node.address.ToHex();
    if (NodeAddress(parent, piece, seed) != node.address) {
      report(name + " has another parent or piece");
    }
    if (KindOf(node.parent) == RefKind::kExternal && !HasNode(files, parent) &&
        !HasPiece(files, parent)) {
      report(name + " has a parent that is nowhere");
    }
    if (KindOf(node.piece) == RefKind::kExternal && !HasPiece(files, piece)) {
      report(name + " has a piece that is nowhere");
    }
  }
  return OkStatus();
}

}  // namespace

void VerifyFiles(const Readers& files, uint64_t seed, const Report& report) {
  for (const auto& file : files) {
    const auto checksum = file->Checksum();
    ReportFailure(checksum.status(), report);
    if (checksum.ok() && *checksum != file->description().checksum) {
      report(file->path() + ": its bytes are not those that were written");
    }
    ReportFailure(CheckPieces(*file, seed, report), report);
    ReportFailure(CheckWords(*file, report), report);
    ReportFailure(CheckNodes(*file, files, seed, report), report);
  }
}

}  // namespace ao::storage
