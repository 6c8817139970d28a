#include "storage/content/content_store.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <utility>

#include "base/log.h"
#include "storage/content/content_format.h"
#include "storage/content/epoch.h"
#include "storage/content/file_reader.h"
#include "storage/content/file_writer.h"
#include "storage/content/partition_path.h"
#include "storage/content/rewrite.h"
#include "storage/content/text_finder.h"
#include "storage/project_name.h"

namespace ao::storage {
namespace {

using FileSet = std::map<PartitionKey, Readers>;

// A piece on the way to a reader: in memory, or in a file.
struct PiecePlace {
  ContentAddress address;
  std::string_view memory;
  bool in_memory = false;
  ContentFileReader* file = nullptr;
  PieceRecord record;
};

// What a reader works on: it cannot change or vanish under it.
struct Snapshot {
  std::shared_ptr<const Epoch> pending, frozen;
  std::shared_ptr<const FileSet> files;
  uint64_t version = 0;  // of `files`

  const Readers& FilesOf(const PartitionKey& key) const {
    static const Readers none;
    auto it = files->find(key);
    return it == files->end() ? none : it->second;
  }
};

class LocalContentStore final : public ContentStore {
 public:
  LocalContentStore(FileSystem& fs, std::string directory, Options options)
      : fs_(fs),
        directory_(std::move(directory)),
        options_(options),
        context_(std::make_shared<ReadContext>(fs, directory_, options)) {}

  Status Load(std::vector<ContentFile> files);

  void Put(std::string_view project, std::span<const ContentPiece> pieces) override;
  Result<std::string> Read(std::string_view project, Day day, ContentAddress address) override;
  Result<uint64_t> Length(std::string_view project, Day day, ContentAddress address) override;
  std::unique_ptr<TextFinder> FindTexts(std::string_view project,
                                        const TextPattern& pattern) override;
  void Freeze() override;
  Result<std::vector<ContentFile>> WriteFrozen() override;
  void Publish(std::span<const ContentFile> added) override;
  void Thaw() override;
  Result<std::vector<ContentFile>> Rewrite(std::string_view project, Day day,
                                           std::span<const ContentAddress> live) override;
  Status Replace(std::string_view project, Day day,
                 std::span<const ContentFile> replacement) override;
  Status Drop(std::span<const ContentFile> files) override;
  std::vector<ContentFile> Files() const override;
  ContentStats Stats() const override;
  Status Verify(const std::function<void(std::string)>& report) override;

 private:
  // Where Put looks and writes for one partition.
  struct Target {
    PartitionEpoch* pending = nullptr;
    const PartitionEpoch* frozen = nullptr;
    const Readers* files = nullptr;  // null: may not be relied on (they are being rewritten)
  };

  Target TargetOf(const PartitionKey& key);
  bool FindElsewhere(const Target& target, const ContentAddress& address, bool is_node);
  bool IsKnownPiece(const Target& target, const ContentAddress& address);
  bool IsKnownNode(const Target& target, const ContentAddress& address);
  uint64_t TotalOf(const Target& target, const ContentAddress& address) const;
  void Add(const Target& target, const ContentPiece& piece);

  Snapshot TakeSnapshot() const;
  PartitionContent ContentOf(const PartitionKey& key) const;
  Status Collect(const PartitionKey& key, const ContentAddress& address, const Snapshot& snapshot,
                 std::vector<PiecePlace>* places) const;
  bool CollectFromMemory(const PartitionKey& key, const Snapshot& snapshot, ContentAddress* next,
                         uint64_t* limit, std::vector<PiecePlace>* places) const;
  Status CollectFromFiles(const Readers& files, ContentAddress next, uint64_t limit,
                          std::vector<PiecePlace>* places) const;
  Status ResolvePiece(const Readers& files, PiecePlace* place) const;
  Result<std::string> ReadOnce(const PartitionKey& key, const ContentAddress& address,
                               const Snapshot& snapshot) const;
  // Runs `read` again when files were replaced under it.
  template <typename T, typename F>
  Result<T> WithSnapshot(F read) const;

  std::shared_ptr<ContentFileReader> NewReader(const ContentFile& file) {
    return std::make_shared<ContentFileReader>(context_, next_reader_++, file);
  }
  void SetFiles(std::shared_ptr<const FileSet> files);
  Status Unlink(const std::vector<std::string>& paths);
  Status RemoveUnlisted(const std::set<std::string>& listed);
  void NoteSequence(const std::string& path);

  FileSystem& fs_;
  const std::string directory_;
  const Options options_;
  const std::shared_ptr<ReadContext> context_;
  std::atomic<uint64_t> next_sequence_{1};
  std::atomic<uint64_t> next_reader_{1};
  std::atomic<uint64_t> offered_bytes_{0};
  std::atomic<uint64_t> unique_bytes_{0};

  // Taken by everything that changes the store, before mutex_. Under it alone the members below
  // may be read, and `hits` of the epochs used.
  mutable std::mutex change_mutex_;
  // The readers' lock: held exclusively to change the members below and what they point to.
  mutable std::shared_mutex mutex_;
  std::shared_ptr<Epoch> pending_ = std::make_shared<Epoch>();
  std::shared_ptr<Epoch> frozen_;  // null between seals
  std::shared_ptr<const FileSet> files_ = std::make_shared<FileSet>();
  uint64_t files_version_ = 0;

  std::mutex seal_mutex_;                      // guards written_; taken first
  std::vector<ContentFile> written_;           // of the frozen epoch, when it was written
  std::map<PartitionKey, Readers> rewriting_;  // guarded by change_mutex_: inputs of Rewrite
};

void LocalContentStore::NoteSequence(const std::string& path) {
  const size_t slash = path.rfind('/');
  const char* begin = path.data() + (slash == std::string::npos ? 0 : slash + 1);
  uint64_t sequence = 0;
  std::from_chars(begin, path.data() + path.size(), sequence);
  if (sequence >= next_sequence_) next_sequence_ = sequence + 1;
}

Status LocalContentStore::Load(std::vector<ContentFile> files) {
  if (!options_.read_only) AO_TRY(fs_.CreateDirectories(directory_));
  auto set = std::make_shared<FileSet>();
  std::set<std::string> listed;
  for (const ContentFile& file : files) {
    AO_TRY(CheckProject(file.project));
    auto reader = NewReader(file);
    AO_TRY(reader->CheckLength());
    NoteSequence(file.path);
    listed.insert(file.path);
    (*set)[{file.project, file.day}].push_back(std::move(reader));
  }
  files_ = std::move(set);
  return options_.read_only ? OkStatus() : RemoveUnlisted(listed);
}

Status LocalContentStore::RemoveUnlisted(const std::set<std::string>& listed) {
  AO_ASSIGN_OR_RETURN(const auto projects, fs_.List(directory_));
  for (const std::string& project : projects) {
    if (!IsValidProject(project)) continue;
    const auto days = fs_.List(directory_ + "/" + project);
    if (!days.ok()) continue;  // not a directory: not ours
    for (const std::string& day : *days) {
      const std::string folder = project + "/" + day;
      const auto names = fs_.List(directory_ + "/" + folder);
      if (!names.ok()) continue;
      for (const std::string& name : *names) {
        const std::string path = folder + "/" + name;
        if (!name.ends_with(kContentSuffix) && !name.ends_with(kTemporarySuffix)) continue;
        if (listed.contains(path)) continue;
        NoteSequence(path);
        AO_TRY(fs_.Remove(directory_ + "/" + path));
        AO_LOG(kInfo, "content", "removed a file that is not listed", "file", path);
      }
    }
  }
  return OkStatus();
}

// --- Writing -----------------------------------------------------------------------------------

LocalContentStore::Target LocalContentStore::TargetOf(const PartitionKey& key) {
  Target target;
  auto it = pending_->partitions.find(key);
  if (it == pending_->partitions.end()) {
    std::lock_guard lock(mutex_);
    it = pending_->partitions.try_emplace(key).first;
  }
  target.pending = &it->second;
  if (frozen_ != nullptr) target.frozen = frozen_->Find(key);
  if (auto files = files_->find(key); files != files_->end() && !rewriting_.contains(key)) {
    target.files = &files->second;
  }
  return target;
}

// Looks where content may be but for the pending epoch; what is found is noted as a hit. A file
// that cannot be read does not count: the content is kept once more.
bool LocalContentStore::FindElsewhere(const Target& target, const ContentAddress& address,
                                      bool is_node) {
  if (target.pending->hits.contains(address)) return true;
  std::optional<uint64_t> total;
  if (target.frozen != nullptr && (is_node ? target.frozen->FindNode(address) != nullptr
                                           : target.frozen->FindPiece(address) != nullptr)) {
    total = target.frozen->TotalOf(address);
  }
  for (size_t i = target.files != nullptr ? target.files->size() : 0; i > 0 && !total; --i) {
    ContentFileReader& file = *(*target.files)[i - 1];
    const auto index = is_node ? file.FindNode(address) : file.FindPiece(address);
    if (!index.ok() || !index->has_value()) continue;
    if (is_node) {
      if (const auto record = file.NodeAt(**index); record.ok()) total = record->total;
    } else {
      if (const auto record = file.PieceAt(**index); record.ok()) total = record->length;
    }
  }
  if (total) target.pending->hits.emplace(address, *total);
  return total.has_value();
}

bool LocalContentStore::IsKnownPiece(const Target& target, const ContentAddress& address) {
  return target.pending->FindPiece(address) != nullptr || FindElsewhere(target, address, false);
}

bool LocalContentStore::IsKnownNode(const Target& target, const ContentAddress& address) {
  return target.pending->FindNode(address) != nullptr || FindElsewhere(target, address, true);
}

// Length of the text at a parent, which was put before its child.
uint64_t LocalContentStore::TotalOf(const Target& target, const ContentAddress& address) const {
  if (const auto total = target.pending->TotalOf(address)) return *total;
  const auto hit = target.pending->hits.find(address);
  return hit == target.pending->hits.end() ? 0 : hit->second;
}

void LocalContentStore::Add(const Target& target, const ContentPiece& piece) {
  PartitionEpoch& epoch = *target.pending;
  const bool new_bytes = !IsKnownPiece(target, piece.piece_address);
  std::string_view kept;
  if (new_bytes) {
    kept = epoch.Keep(piece.bytes);
    unique_bytes_.fetch_add(kept.size(), std::memory_order_relaxed);
  }
  Node node{piece.address, piece.parent, piece.piece_address, piece.bytes.size()};
  if (!piece.parent.empty()) node.total += TotalOf(target, piece.parent);
  std::lock_guard lock(mutex_);
  if (new_bytes) epoch.AddPiece(piece.piece_address, kept);
  if (!piece.parent.empty()) epoch.AddNode(node);
}

void LocalContentStore::Put(std::string_view project, std::span<const ContentPiece> pieces) {
  if (!IsValidProject(project)) {
    AO_LOG(kError, "content", "refused content of an invalid project", "project",
           project.substr(0, 64), "pieces", pieces.size());
    return;
  }
  std::lock_guard lock(change_mutex_);
  PartitionKey key{std::string(project), 0};
  Target target;
  uint64_t offered = 0;
  for (const ContentPiece& piece : pieces) {
    offered += piece.bytes.size();
    const Day day = DayOf(piece.partition_time);
    if (target.pending == nullptr || day != key.second) {
      key.second = day;
      target = TargetOf(key);
    }
    const bool known = piece.parent.empty() ? IsKnownPiece(target, piece.piece_address)
                                            : IsKnownNode(target, piece.address);
    if (!known) Add(target, piece);
  }
  offered_bytes_.fetch_add(offered, std::memory_order_relaxed);
}

// --- Reading -----------------------------------------------------------------------------------

Snapshot LocalContentStore::TakeSnapshot() const {
  std::shared_lock lock(mutex_);
  return {pending_, frozen_, files_, files_version_};
}

template <typename T, typename F>
Result<T> LocalContentStore::WithSnapshot(F read) const {
  for (int attempt = 0;; ++attempt) {
    const Snapshot snapshot = TakeSnapshot();
    Result<T> result = read(snapshot);
    if (result.ok() || attempt == 3) return result;
    if (TakeSnapshot().version == snapshot.version) return result;
  }
}

// Walks from `*next` towards the first piece as far as memory goes. True when that was the whole
// chain; otherwise `*next` is the first address that is not in memory.
bool LocalContentStore::CollectFromMemory(const PartitionKey& key, const Snapshot& snapshot,
                                          ContentAddress* next, uint64_t* limit,
                                          std::vector<PiecePlace>* places) const {
  std::shared_lock lock(mutex_);
  const PartitionEpoch* const epochs[] = {
      snapshot.pending->Find(key),
      snapshot.frozen != nullptr ? snapshot.frozen->Find(key) : nullptr};
  auto find_piece = [&](const ContentAddress& address) {
    PiecePlace place{address, {}, false, nullptr, {}};
    for (const PartitionEpoch* epoch : epochs) {
      if (epoch == nullptr || place.in_memory) continue;
      if (const std::string_view* bytes = epoch->FindPiece(address)) {
        place.memory = *bytes;
        place.in_memory = true;
      }
    }
    return place;
  };
  while (true) {
    const Node* node = nullptr;
    for (const PartitionEpoch* epoch : epochs) {
      if (epoch != nullptr && node == nullptr) node = epoch->FindNode(*next);
    }
    if (node == nullptr || node->total >= *limit) break;
    places->push_back(find_piece(node->piece));
    *limit = node->total;
    *next = node->parent;
  }
  PiecePlace first = find_piece(*next);
  if (!first.in_memory) return false;
  places->push_back(first);
  return true;
}

Status LocalContentStore::ResolvePiece(const Readers& files, PiecePlace* place) const {
  for (const auto& file : files) {
    AO_ASSIGN_OR_RETURN(const auto index, file->FindPiece(place->address));
    if (!index) continue;
    AO_ASSIGN_OR_RETURN(place->record, file->PieceAt(*index));
    place->file = file.get();
    return OkStatus();
  }
  return NotFound("cannot read content " + place->address.ToHex() + ": it is not stored");
}

Status LocalContentStore::CollectFromFiles(const Readers& files, ContentAddress next,
                                           uint64_t limit, std::vector<PiecePlace>* places) const {
  while (true) {
    ContentFileReader* file = nullptr;
    uint32_t index = 0;
    for (const auto& candidate : files) {
      AO_ASSIGN_OR_RETURN(const auto found, candidate->FindNode(next));
      if (!found) continue;
      file = candidate.get();
      index = *found;
      break;
    }
    PiecePlace place{next, {}, false, nullptr, {}};
    if (file == nullptr) {
      AO_TRY(ResolvePiece(files, &place));
      places->push_back(place);
      return OkStatus();
    }
    // Parents in the same file are followed without a search.
    for (bool inside = true; inside;) {
      AO_ASSIGN_OR_RETURN(const NodeRecord node, file->NodeAt(index));
      if (node.total >= limit) {
        return file->Damaged("node " + node.address.ToHex() + " is longer than its child");
      }
      limit = node.total;
      AO_ASSIGN_OR_RETURN(place.address, file->AddressOf(node.piece));
      place.file = nullptr;
      if (KindOf(node.piece) == RefKind::kPiece) {
        AO_ASSIGN_OR_RETURN(place.record, file->PieceAt(IndexOf(node.piece)));
        place.file = file;
      } else {
        AO_TRY(ResolvePiece(files, &place));
      }
      places->push_back(place);
      inside = KindOf(node.parent) == RefKind::kNode;
      index = IndexOf(node.parent);
      if (inside) continue;
      AO_ASSIGN_OR_RETURN(next, file->AddressOf(node.parent));
    }
  }
}

Status LocalContentStore::Collect(const PartitionKey& key, const ContentAddress& address,
                                  const Snapshot& snapshot, std::vector<PiecePlace>* places) const {
  ContentAddress next = address;
  uint64_t limit = UINT64_MAX;
  const Readers& files = snapshot.FilesOf(key);
  if (!CollectFromMemory(key, snapshot, &next, &limit, places)) {
    AO_TRY(CollectFromFiles(files, next, limit, places));
  }
  for (PiecePlace& place : *places) {
    if (!place.in_memory && place.file == nullptr) AO_TRY(ResolvePiece(files, &place));
  }
  std::reverse(places->begin(), places->end());
  return OkStatus();
}

Result<std::string> LocalContentStore::ReadOnce(const PartitionKey& key,
                                                const ContentAddress& address,
                                                const Snapshot& snapshot) const {
  std::vector<PiecePlace> places;
  AO_TRY(Collect(key, address, snapshot, &places));
  size_t size = 0;
  for (const PiecePlace& place : places) {
    size += place.in_memory ? place.memory.size() : place.record.length;
  }
  std::string text;
  text.reserve(size);
  ContentAddress node;
  for (const PiecePlace& place : places) {
    const size_t begin = text.size();
    if (place.in_memory) {
      text.append(place.memory);
    } else {
      AO_TRY(place.file->AppendPiece(place.record, &text));
    }
    const std::string_view bytes = std::string_view(text).substr(begin);
    if (PieceAddress(bytes, options_.hash_seed) != place.address) {
      const std::string what = "piece " + place.address.ToHex() + " has other bytes";
      return place.file != nullptr ? place.file->Damaged(what)
                                   : Corruption("cannot read content in memory: " + what);
    }
    node = NodeAddress(node, place.address, options_.hash_seed);
  }
  if (node == address) return text;
  const ContentFileReader* file = places.back().file;
  return Corruption("cannot read content " + address.ToHex() +
                    (file != nullptr ? " from " + file->path() : std::string()) +
                    ": its pieces add up to " + node.ToHex());
}

Result<std::string> LocalContentStore::Read(std::string_view project, Day day,
                                            ContentAddress address) {
  AO_TRY(CheckProject(project));
  const PartitionKey key{std::string(project), day};
  return WithSnapshot<std::string>(
      [&](const Snapshot& snapshot) { return ReadOnce(key, address, snapshot); });
}

Result<uint64_t> LocalContentStore::Length(std::string_view project, Day day,
                                           ContentAddress address) {
  AO_TRY(CheckProject(project));
  const PartitionKey key{std::string(project), day};
  return WithSnapshot<uint64_t>([&](const Snapshot& snapshot) -> Result<uint64_t> {
    {
      std::shared_lock lock(mutex_);
      for (const Epoch* epoch : {snapshot.pending.get(), snapshot.frozen.get()}) {
        const PartitionEpoch* partition = epoch != nullptr ? epoch->Find(key) : nullptr;
        if (partition == nullptr) continue;
        if (const Node* node = partition->FindNode(address)) return node->total;
        if (const auto* bytes = partition->FindPiece(address)) return uint64_t{bytes->size()};
      }
    }
    for (const auto& file : snapshot.FilesOf(key)) {
      AO_ASSIGN_OR_RETURN(const auto index, file->FindNode(address));
      if (!index) continue;
      AO_ASSIGN_OR_RETURN(const NodeRecord node, file->NodeAt(*index));
      return node.total;
    }
    PiecePlace place{address, {}, false, nullptr, {}};
    AO_TRY(ResolvePiece(snapshot.FilesOf(key), &place));
    return uint64_t{place.record.length};
  });
}

PartitionContent LocalContentStore::ContentOf(const PartitionKey& key) const {
  const Snapshot snapshot = TakeSnapshot();
  PartitionContent content;
  content.files = snapshot.FilesOf(key);
  content.pending = snapshot.pending;
  content.frozen = snapshot.frozen;
  std::shared_lock lock(mutex_);
  for (const Epoch* epoch : {snapshot.pending.get(), snapshot.frozen.get()}) {
    const PartitionEpoch* partition = epoch != nullptr ? epoch->Find(key) : nullptr;
    if (partition == nullptr) continue;
    content.pieces.insert(content.pieces.end(), partition->pieces().begin(),
                          partition->pieces().end());
    content.nodes.insert(content.nodes.end(), partition->nodes().begin(), partition->nodes().end());
  }
  return content;
}

std::unique_ptr<TextFinder> LocalContentStore::FindTexts(std::string_view project,
                                                         const TextPattern& pattern) {
  TextSource source;
  source.open = [this, name = std::string(project)](Day day) { return ContentOf({name, day}); };
  source.read = [this, name = std::string(project)](Day day, const ContentAddress& address) {
    return Read(name, day, address);
  };
  source.version = [this] { return TakeSnapshot().version; };
  return MakeTextFinder(std::move(source), pattern);
}

// --- Sealing -----------------------------------------------------------------------------------

void LocalContentStore::Freeze() {
  std::lock_guard seal(seal_mutex_);
  std::lock_guard change(change_mutex_);
  std::lock_guard lock(mutex_);
  written_.clear();
  if (frozen_ == nullptr) {
    frozen_ = std::move(pending_);
  } else {
    frozen_->Merge(*pending_);
  }
  pending_ = std::make_shared<Epoch>();
}

Result<std::vector<ContentFile>> LocalContentStore::WriteFrozen() {
  std::lock_guard seal(seal_mutex_);
  if (!written_.empty()) return written_;
  const std::shared_ptr<const Epoch> frozen = TakeSnapshot().frozen;
  if (frozen == nullptr) return written_;
  auto write = [&](const PartitionKey& key, const PartitionEpoch& partition) -> Status {
    AO_ASSIGN_OR_RETURN(
        auto writer,
        ContentFileWriter::Create(fs_, directory_, key, PathOf(key, next_sequence_++), options_));
    for (const auto& [address, bytes] : partition.pieces()) {
      AO_TRY(writer->AddPiece(address, bytes));
    }
    for (const Node& node : partition.nodes()) writer->AddNode(node);
    AO_ASSIGN_OR_RETURN(ContentFile file, writer->Finish());
    written_.push_back(std::move(file));
    return OkStatus();
  };
  for (const auto& [key, partition] : frozen->partitions) {
    if (partition.empty()) continue;
    if (Status status = write(key, partition); !status.ok()) {
      for (const ContentFile& file : written_) (void)fs_.Remove(directory_ + "/" + file.path);
      written_.clear();
      return status.WithContext("cannot seal content");
    }
  }
  return written_;
}

void LocalContentStore::SetFiles(std::shared_ptr<const FileSet> files) {
  std::lock_guard lock(mutex_);
  files_ = std::move(files);
  ++files_version_;
}

void LocalContentStore::Publish(std::span<const ContentFile> added) {
  std::lock_guard seal(seal_mutex_);
  std::lock_guard change(change_mutex_);
  auto files = std::make_shared<FileSet>(*files_);
  for (const ContentFile& file : added) {
    (*files)[{file.project, file.day}].push_back(NewReader(file));
  }
  written_.clear();
  std::shared_ptr<Epoch> freed;  // after the lock
  std::lock_guard lock(mutex_);
  files_ = std::move(files);
  ++files_version_;
  freed.swap(frozen_);
}

void LocalContentStore::Thaw() {
  std::lock_guard seal(seal_mutex_);
  std::lock_guard change(change_mutex_);
  std::lock_guard lock(mutex_);
  // Files that were written stay until the next Open: a manifest may name them after all.
  written_.clear();
  if (frozen_ == nullptr) return;
  frozen_->Merge(*pending_);
  pending_ = std::move(frozen_);
  frozen_ = nullptr;
}

// --- Files -------------------------------------------------------------------------------------

Result<std::vector<ContentFile>> LocalContentStore::Rewrite(std::string_view project, Day day,
                                                            std::span<const ContentAddress> live) {
  AO_TRY(CheckProject(project));
  const PartitionKey key{std::string(project), day};
  std::vector<ContentAddress> roots(live.begin(), live.end());
  Readers inputs;
  {
    std::lock_guard change(change_mutex_);
    // From here to Replace, Put relies on no file of the partition; what it relied on before is
    // kept.
    for (const Epoch* epoch : {pending_.get(), frozen_.get()}) {
      const PartitionEpoch* partition = epoch != nullptr ? epoch->Find(key) : nullptr;
      if (partition == nullptr) continue;
      for (const auto& [address, total] : partition->hits) roots.push_back(address);
    }
    if (auto it = files_->find(key); it != files_->end()) inputs = it->second;
    rewriting_[key] = inputs;
  }
  auto result =
      RewriteFiles(fs_, directory_, key, inputs, roots, PathOf(key, next_sequence_++), options_);
  if (!result.ok()) {
    std::lock_guard change(change_mutex_);
    rewriting_.erase(key);
  }
  return result;
}

Status LocalContentStore::Replace(std::string_view project, Day day,
                                  std::span<const ContentFile> replacement) {
  AO_TRY(CheckProject(project));
  const PartitionKey key{std::string(project), day};
  std::vector<std::string> paths;
  {
    std::lock_guard change(change_mutex_);
    auto inputs = rewriting_.find(key);
    if (inputs == rewriting_.end()) {
      return FailedPrecondition("cannot replace the files of " + key.first + "/" +
                                std::to_string(day) + ": they were not rewritten");
    }
    auto files = std::make_shared<FileSet>(*files_);
    Readers& readers = (*files)[key];
    for (const auto& input : inputs->second) {
      paths.push_back(input->description().path);
      std::erase(readers, input);
    }
    for (const ContentFile& file : replacement) {
      readers.insert(readers.begin(), NewReader(file));
      std::erase(paths, file.path);
    }
    if (readers.empty()) files->erase(key);
    SetFiles(std::move(files));
    rewriting_.erase(inputs);
  }
  return Unlink(paths);
}

Status LocalContentStore::Drop(std::span<const ContentFile> dropped) {
  std::vector<std::string> paths;
  {
    std::lock_guard change(change_mutex_);
    auto files = std::make_shared<FileSet>(*files_);
    for (const ContentFile& file : dropped) {
      auto it = files->find({file.project, file.day});
      if (it == files->end()) continue;
      const size_t removed = std::erase_if(
          it->second, [&](const auto& reader) { return reader->description().path == file.path; });
      if (removed > 0) paths.push_back(file.path);
      if (it->second.empty()) files->erase(it);
    }
    SetFiles(std::move(files));
  }
  return Unlink(paths);
}

Status LocalContentStore::Unlink(const std::vector<std::string>& paths) {
  std::set<std::string> folders;
  for (const std::string& path : paths) {
    AO_TRY(fs_.Remove(directory_ + "/" + path));
    folders.insert(DirectoryOf(directory_ + "/" + path));
  }
  for (const std::string& folder : folders) AO_TRY(fs_.SyncDirectory(folder));
  return OkStatus();
}

std::vector<ContentFile> LocalContentStore::Files() const {
  const auto snapshot = TakeSnapshot();
  std::vector<ContentFile> files;
  for (const auto& [key, readers] : *snapshot.files) {
    for (const auto& reader : readers) files.push_back(reader->description());
  }
  return files;
}

ContentStats LocalContentStore::Stats() const {
  ContentStats stats;
  stats.offered_bytes = offered_bytes_.load(std::memory_order_relaxed);
  stats.unique_bytes = unique_bytes_.load(std::memory_order_relaxed);
  {
    std::lock_guard change(change_mutex_);
    stats.pending_bytes = pending_->bytes() + (frozen_ != nullptr ? frozen_->bytes() : 0);
  }
  for (const ContentFile& file : Files()) stats.file_bytes += file.bytes;
  return stats;
}

Status LocalContentStore::Verify(const std::function<void(std::string)>& report) {
  const auto snapshot = TakeSnapshot();
  for (const auto& [key, readers] : *snapshot.files) {
    VerifyFiles(readers, options_.hash_seed, report);
  }
  return OkStatus();
}

}  // namespace

Result<std::unique_ptr<ContentStore>> ContentStore::Open(FileSystem& fs, std::string directory,
                                                         Options options,
                                                         std::vector<ContentFile> files) {
  auto store = std::make_unique<LocalContentStore>(fs, std::move(directory), options);
  AO_TRY(store->Load(std::move(files)));
  return std::unique_ptr<ContentStore>(std::move(store));
}

}  // namespace ao::storage
