#include "base/faulty_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ao {
namespace {

constexpr std::string_view kGraveMark = ".~removed-";

}  // namespace

class FaultyFile final : public File {
 public:
  FaultyFile(FaultyFileSystem* fs, std::shared_ptr<FaultyFileSystem::Inode> inode,
             std::unique_ptr<File> base)
      : fs_(*fs),
        inode_(std::move(inode)),
        base_(std::move(base)),
        path_(inode_->path),
        generation_(fs->generation_) {}

  Status WriteAt(uint64_t offset, std::string_view data) override {
    std::lock_guard lock(fs_.mutex_);
    AO_TRY(CheckAlive());
    std::optional<size_t> keep;
    const Status fault =
        fs_.ChangeStep(FaultyFileSystem::Operation::kWrite, path_, data.size(), &keep);
    if (!fault.ok() && !keep) return fault;
    if (keep) data = data.substr(0, std::min(*keep, data.size()));
    bool full = false;
    if (offset + data.size() > inode_->size) {
      const uint64_t room = inode_->size + Free();
      full = offset + data.size() > room;
      if (full) data = data.substr(0, room > offset ? room - offset : 0);
    }
    if (!data.empty()) {
      AO_TRY(fs_.Remember(inode_.get(), *base_, offset, offset + data.size()));
      AO_TRY(base_->WriteAt(offset, data));
      inode_->size = std::max(inode_->size, offset + data.size());
    }
    if (!fault.ok()) return fault;
    return full ? ErrnoStatus("write " + path_, ENOSPC) : OkStatus();
  }

  Status ReadAt(uint64_t offset, size_t size, char* out) const override {
    std::lock_guard lock(fs_.mutex_);
    AO_TRY(CheckAlive());
    std::optional<size_t> keep;
    AO_TRY(fs_.Step(FaultyFileSystem::Operation::kRead, path_, &keep));
    return base_->ReadAt(offset, size, out);
  }

  Status Sync() override {
    std::lock_guard lock(fs_.mutex_);
    AO_TRY(CheckAlive());
    AO_TRY(fs_.ChangeStep(FaultyFileSystem::Operation::kSync, path_, 0, nullptr));
    inode_->durable.clear();
    inode_->durable_size = inode_->size;
    return OkStatus();
  }

  Status Allocate(uint64_t size) override {
    std::lock_guard lock(fs_.mutex_);
    AO_TRY(CheckAlive());
    AO_TRY(fs_.ChangeStep(FaultyFileSystem::Operation::kAllocate, path_, 0, nullptr));
    if (size <= inode_->size) return OkStatus();
    if (size - inode_->size > Free()) return ErrnoStatus("reserve space for " + path_, ENOSPC);
    AO_TRY(base_->Truncate(size));
    inode_->size = size;
    return OkStatus();
  }

  Status Truncate(uint64_t size) override {
    std::lock_guard lock(fs_.mutex_);
    AO_TRY(CheckAlive());
    AO_TRY(fs_.ChangeStep(FaultyFileSystem::Operation::kTruncate, path_, 0, nullptr));
    return TruncateLocked(size);
  }

  Status TruncateLocked(uint64_t size) {
    if (size < inode_->size) AO_TRY(fs_.Remember(inode_.get(), *base_, size, inode_->size));
    AO_TRY(base_->Truncate(size));
    inode_->size = size;
    return OkStatus();
  }

  Result<uint64_t> Size() const override {
    std::lock_guard lock(fs_.mutex_);
    AO_TRY(CheckAlive());
    return inode_->size;
  }

  const std::string& path() const override { return path_; }

 private:
  Status CheckAlive() const {
    if (fs_.power_off_ || generation_ != fs_.generation_) {
      return ErrnoStatus("use " + path_ + " after a power cut", EIO);
    }
    return OkStatus();
  }
  uint64_t Free() const {
    const uint64_t used = fs_.UsedLocked();
    return used >= fs_.capacity_ ? 0 : fs_.capacity_ - used;
  }

  FaultyFileSystem& fs_;
  const std::shared_ptr<FaultyFileSystem::Inode> inode_;
  const std::unique_ptr<File> base_;
  const std::string path_;
  const uint64_t generation_;
};

FaultyFileSystem::FaultyFileSystem(FileSystem& base, uint64_t seed) : base_(base), random_(seed) {}

void FaultyFileSystem::FailNth(Operation operation, uint64_t n, int error_number, bool lasting) {
  std::lock_guard lock(mutex_);
  faults_.push_back({operation, n, error_number, lasting, {}});
}

void FaultyFileSystem::TearNthWrite(uint64_t n, size_t keep) {
  std::lock_guard lock(mutex_);
  faults_.push_back({Operation::kWrite, n, EIO, false, keep});
}

void FaultyFileSystem::CutPowerAt(uint64_t n) {
  std::lock_guard lock(mutex_);
  power_countdown_ = n;
}

void FaultyFileSystem::ClearFaults() {
  std::lock_guard lock(mutex_);
  faults_.clear();
  power_countdown_ = 0;
  fired_ = false;
}

bool FaultyFileSystem::fired() const {
  std::lock_guard lock(mutex_);
  return fired_;
}

void FaultyFileSystem::SetCapacity(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

uint64_t FaultyFileSystem::UsedBytes() const {
  std::lock_guard lock(mutex_);
  return UsedLocked();
}

uint64_t FaultyFileSystem::UsedLocked() const {
  uint64_t used = 0;
  for (const auto& [path, inode] : inodes_) {
    if (path.find(kGraveMark) == std::string::npos) used += inode->size;
  }
  return used;
}

Status FaultyFileSystem::Step(Operation operation, const std::string& object,
                              std::optional<size_t>* keep) {
  if (power_off_) return ErrnoStatus("use " + object + " after a power cut", EIO);
  Status status;
  for (Fault& fault : faults_) {
    if (fault.operation != operation || fault.countdown == 0) continue;
    if (--fault.countdown > 0) continue;
    if (fault.lasting) fault.countdown = 1;
    fired_ = true;
    if (keep != nullptr) *keep = fault.keep;
    status = ErrnoStatus("use " + object + " (injected fault)", fault.error_number);
  }
  return status;
}

Status FaultyFileSystem::ChangeStep(Operation operation, const std::string& object,
                                    size_t write_size, std::optional<size_t>* keep) {
  AO_TRY(Step(operation, object, keep));
  if (power_countdown_ == 0 || --power_countdown_ > 0) return OkStatus();
  fired_ = true;
  power_off_ = true;
  if (keep != nullptr && write_size > 0) *keep = random_() % (write_size + 1);
  return ErrnoStatus("use " + object + " (injected power cut)", EIO);
}

std::shared_ptr<FaultyFileSystem::Inode> FaultyFileSystem::Find(const std::string& path) {
  auto it = inodes_.find(path);
  return it == inodes_.end() ? nullptr : it->second;
}

Status FaultyFileSystem::Remember(Inode* inode, const File& file, uint64_t begin, uint64_t end) {
  for (uint64_t sector = begin / kSector; sector * kSector < end; ++sector) {
    const uint64_t start = sector * kSector;
    if (start >= inode->durable_size || inode->durable.contains(sector)) continue;
    Sector& image = inode->durable[sector];
    image.fill(0);
    const uint64_t stop = std::min(start + kSector, inode->size);
    if (stop > start) AO_TRY(file.ReadAt(start, stop - start, image.data()));
  }
  return OkStatus();
}

Result<std::unique_ptr<File>> FaultyFileSystem::Open(const std::string& path, Mode mode) {
  std::lock_guard lock(mutex_);
  if (mode == Mode::kRead) {
    AO_TRY(Step(Operation::kOpen, path, nullptr));
  } else {
    AO_TRY(ChangeStep(Operation::kOpen, path, 0, nullptr));
  }
  const bool existed = base_.Exists(path);
  const Mode base_mode = mode == Mode::kCreate && existed ? Mode::kReadWrite : mode;
  AO_ASSIGN_OR_RETURN(auto base, base_.Open(path, base_mode));
  auto inode = Find(path);
  if (inode == nullptr) {
    inode = std::make_shared<Inode>();
    inode->path = path;
    AO_ASSIGN_OR_RETURN(inode->size, base->Size());
    inode->durable_size = inode->size;
    inodes_[path] = inode;
  }
  if (!existed) names_.push_back({DirectoryOf(path), "", path, ""});
  auto file = std::make_unique<FaultyFile>(this, inode, std::move(base));
  if (mode == Mode::kCreate && existed) AO_TRY(file->TruncateLocked(0));
  return std::unique_ptr<File>(std::move(file));
}

void FaultyFileSystem::Move(const std::string& from, const std::string& to) {
  auto node = inodes_.extract(from);
  if (node.empty()) return;
  node.key() = to;
  node.mapped()->path = to;
  inodes_.erase(to);
  inodes_.insert(std::move(node));
}

Status FaultyFileSystem::MoveToGrave(const std::string& path, std::string* grave) {
  if (!base_.Exists(path)) return OkStatus();
  *grave = path + std::string(kGraveMark) + std::to_string(++graves_);
  AO_TRY(base_.Rename(path, *grave));
  Move(path, *grave);
  return OkStatus();
}

Status FaultyFileSystem::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  AO_TRY(ChangeStep(Operation::kRename, from, 0, nullptr));
  if (!base_.Exists(from)) return ErrnoStatus("rename " + from + " to " + to, ENOENT);
  NameChange change{DirectoryOf(to), from, to, ""};
  AO_TRY(MoveToGrave(to, &change.grave));
  AO_TRY(base_.Rename(from, to));
  Move(from, to);
  names_.push_back(std::move(change));
  return OkStatus();
}

Status FaultyFileSystem::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  AO_TRY(ChangeStep(Operation::kRemove, path, 0, nullptr));
  NameChange change{DirectoryOf(path), path, "", ""};
  AO_TRY(MoveToGrave(path, &change.grave));
  if (!change.grave.empty()) names_.push_back(std::move(change));
  return OkStatus();
}

Status FaultyFileSystem::SyncDirectory(const std::string& directory) {
  std::lock_guard lock(mutex_);
  AO_TRY(ChangeStep(Operation::kSyncDirectory, directory, 0, nullptr));
  for (const NameChange& change : names_) {
    if (change.directory != directory || change.grave.empty()) continue;
    AO_TRY(base_.Remove(change.grave));
    inodes_.erase(change.grave);
  }
  std::erase_if(names_, [&](const NameChange& change) { return change.directory == directory; });
  return OkStatus();
}

Status FaultyFileSystem::CreateDirectories(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (power_off_) return ErrnoStatus("create directory " + path + " after a power cut", EIO);
  return base_.CreateDirectories(path);
}

Result<std::vector<std::string>> FaultyFileSystem::List(const std::string& directory) {
  std::lock_guard lock(mutex_);
  if (power_off_) return ErrnoStatus("list " + directory + " after a power cut", EIO);
  AO_ASSIGN_OR_RETURN(auto names, base_.List(directory));
  std::erase_if(names,
                [](const std::string& name) { return name.find(kGraveMark) != std::string::npos; });
  return names;
}

bool FaultyFileSystem::Exists(const std::string& path) {
  std::lock_guard lock(mutex_);
  return !power_off_ && base_.Exists(path);
}

void FaultyFileSystem::Crash(Survival survival) {
  std::lock_guard lock(mutex_);
  for (auto& [path, inode] : inodes_) LoseBytes(inode.get(), survival);
  LoseNames(survival);
  inodes_.clear();
  faults_.clear();
  power_countdown_ = 0;
  power_off_ = false;
  ++generation_;
}

void FaultyFileSystem::LoseBytes(Inode* inode, Survival survival) {
  if (survival == Survival::kEverything) return;
  auto opened = base_.Open(inode->path, Mode::kReadWrite);
  if (!opened.ok()) return;
  File& file = **opened;
  auto lost = [&] { return survival == Survival::kNothing || random_() % 2 == 0; };
  // A change of size is lost or kept as a whole.
  if (inode->size != inode->durable_size && lost()) {
    (void)file.Truncate(inode->durable_size);
    inode->size = inode->durable_size;
  }
  for (const auto& [sector, image] : inode->durable) {
    const uint64_t start = sector * kSector;
    if (start >= inode->size || !lost()) continue;
    const uint64_t length = std::min(kSector, inode->size - start);
    (void)file.WriteAt(start, std::string_view(image.data(), length));
  }
  // Sectors behind the durable size were never durable: they may read as zeros.
  const std::string zeros(kSector, '\0');
  for (uint64_t start = inode->durable_size; start < inode->size;) {
    const uint64_t end = std::min((start / kSector + 1) * kSector, inode->size);
    if (lost()) (void)file.WriteAt(start, std::string_view(zeros.data(), end - start));
    start = end;
  }
}

void FaultyFileSystem::LoseNames(Survival survival) {
  std::map<std::string, uint64_t> kept;  // by directory, how many changes survive
  for (const NameChange& change : names_) ++kept[change.directory];
  for (auto& [directory, count] : kept) {
    if (survival == Survival::kNothing) count = 0;
    if (survival == Survival::kRandom) count = random_() % (count + 1);
  }
  std::vector<NameChange> undone;
  for (const NameChange& change : names_) {
    uint64_t& left = kept[change.directory];
    if (left > 0) {
      --left;
      if (!change.grave.empty()) (void)base_.Remove(change.grave);
    } else {
      undone.push_back(change);
    }
  }
  for (auto change = undone.rbegin(); change != undone.rend(); ++change) {
    if (change->from.empty()) {
      (void)base_.Remove(change->to);
    } else if (!change->to.empty()) {
      (void)base_.Rename(change->to, change->from);
    }
    if (!change->grave.empty()) {
      (void)base_.Rename(change->grave, change->to.empty() ? change->from : change->to);
    }
  }
  names_.clear();
}

}  // namespace ao
