#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "storage/content/content_format.h"
#include "storage/content/epoch.h"
#include "storage/content/word_index.h"

namespace ao::storage {

// Writes one content file: pieces in the order they should lie, then nodes, then Finish. Nothing
// is visible under the final name before Finish, and everything is durable after it. Abandoned or
// failed, it removes what it wrote. Internal to content/; single-thread.
class ContentFileWriter {
 public:
  // `path` is relative to `directory`.
  static Result<std::unique_ptr<ContentFileWriter>> Create(FileSystem& fs,
                                                           const std::string& directory,
                                                           const PartitionKey& partition,
                                                           const std::string& path,
                                                           const ContentStore::Options& options);
  ~ContentFileWriter();

  Status AddPiece(const ContentAddress& address, std::string_view bytes);
  void AddNode(const Node& node) { nodes_.push_back(node); }
  Result<ContentFile> Finish();

 private:
  struct Compressor;

  ContentFileWriter(FileSystem& fs, std::string directory, const ContentStore::Options& options);
  Status FlushBlock();
  Status WriteBlock(std::string_view raw);
  Status WriteWords();
  Status Write(std::string_view bytes);
  Status FlushOutput();
  Status WriteIndex(ContentFooter* footer);
  std::vector<NodeRecord> ResolveNodes(std::vector<ContentAddress>* externals);

  FileSystem& fs_;
  const std::string directory_;
  const ContentStore::Options options_;
  ContentFile result_;
  std::unique_ptr<File> file_;
  std::unique_ptr<Compressor> compressor_;
  std::string raw_;       // the block being filled
  std::string output_;    // not yet written
  uint64_t written_ = 0;  // bytes in the file
  std::vector<BlockRecord> blocks_;
  WordIndexBuilder words_;
  std::vector<WordSectionRecord> sections_;
  std::vector<PieceRecord> pieces_;
  std::vector<Node> nodes_;
};

}  // namespace ao::storage
