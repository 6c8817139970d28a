#include "storage/wal/wal.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "storage/wal/wal_segment.h"

namespace ao::storage {
namespace {

constexpr size_t kMaxSpares = 2;
constexpr size_t kKeptBuffer = 8 << 20;

// A block of memory for joining frames that is not cleared when it grows.
class JoinBuffer {
 public:
  char* Reserve(size_t size) {
    if (size > capacity_) {
      bytes_ = std::make_unique_for_overwrite<char[]>(size);
      capacity_ = size;
    }
    return bytes_.get();
  }
  // Gives back what an unusually large group needed.
  void Trim() {
    if (capacity_ <= kKeptBuffer) return;
    bytes_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
};

class SegmentedWal final : public Wal {
 public:
  SegmentedWal(FileSystem& fs, std::string directory, WalOptions options)
      : fs_(fs), directory_(std::move(directory)), options_(options) {}

  Status Recover(Lsn from, const FrameSink& sink);

  Result<Lsn> Append(std::span<const std::span<const std::string_view>> frames) override;
  Status Sync() override;
  Status Repair() override;
  Status TruncateBefore(Lsn lsn) override { return Free(lsn, false); }
  Status EndSegment() override;
  Status EraseBefore(Lsn lsn) override { return Free(lsn, true); }
  Lsn next() const override { return next_.load(std::memory_order_acquire); }
  uint64_t Bytes() const override;
  uint64_t torn_bytes() const override { return torn_bytes_; }

 private:
  struct Segment {
    uint64_t id = 0;
    std::string path;
    Lsn first = 0;
    uint64_t frame_bytes = 0;
    bool reusable = false;  // of the usual size
  };

  Status RecoverSegment(const SegmentFile& file, const SegmentFile* successor, Lsn from,
                        const FrameSink& sink, Lsn* next);
  Status CutTail(const SegmentFile& file, const SegmentEnd& end);
  Status Refused() const;
  Status Rotate(uint64_t group_bytes);
  Result<std::unique_ptr<File>> CreateSegment(uint64_t id, uint64_t size);
  Result<std::unique_ptr<File>> OpenSpareOrNew(const std::string& path, uint64_t size,
                                               std::string* spare);
  void Join(std::span<const std::span<const std::string_view>> frames, char* out);
  bool NextToFree(Lsn lsn, bool erase, Segment* segment);
  Status Free(Lsn lsn, bool erase);
  Status RemoveSpares();
  Status Remove(const Segment& segment, bool* recycled);

  FileSystem& fs_;
  const std::string directory_;
  const WalOptions options_;

  // Of the appending thread.
  std::unique_ptr<File> active_;  // the file of segments_.back(), or null: rotate before appending
  uint64_t active_size_ = 0;
  uint64_t offset_ = 0;         // where the next frame goes
  uint64_t synced_offset_ = 0;  // offset_ at the last sync
  Lsn synced_ = 0;              // last lsn known to be on disk
  uint64_t next_id_ = 1;
  bool needs_repair_ = false;
  Status dead_;  // a failed sync
  JoinBuffer buffer_;
  uint64_t torn_bytes_ = 0;

  std::atomic<Lsn> next_{1};
  std::mutex freeing_mutex_;  // one Free at a time; taken before mutex_
  mutable std::mutex mutex_;  // guards what follows
  std::deque<Segment> segments_;
  bool ended_ = true;                // nothing more is appended to the newest segment
  bool erasing_ = false;             // between EndSegment and EraseBefore
  std::vector<std::string> spares_;  // durable under their names, no longer part of the log
};

Status SegmentedWal::Recover(Lsn from, const FrameSink& sink) {
  AO_TRY(fs_.CreateDirectories(directory_));
  AO_ASSIGN_OR_RETURN(const auto names, fs_.List(directory_));
  for (const std::string& name : names) {
    if (IsSpareName(name)) AO_TRY(fs_.Remove(directory_ + "/" + name));
  }
  AO_ASSIGN_OR_RETURN(auto files, ListSegments(fs_, directory_));
  if (!files.empty()) next_id_ = files.back().id + 1;
  // A segment without a valid header is one whose creation was interrupted, unless it has frames.
  for (auto file = files.begin(); file != files.end();) {
    if (file->header) {
      ++file;
      continue;
    }
    AO_ASSIGN_OR_RETURN(const SegmentEnd end, ScanSegment(fs_, *file, 0, sink));
    if (end.damaged) {
      return Corruption("cannot read " + file->path + " at offset 0: its header is damaged");
    }
    AO_TRY(fs_.Remove(file->path));
    file = files.erase(file);
  }
  from = std::max<Lsn>(from, 1);
  Lsn next = from;
  if (!files.empty()) next = files.front().header->first;
  if (next > from) {
    return Corruption(fmt::format("cannot recover frames {} to {}: the log in {} begins with {}",
                                  from, next - 1, directory_, files.front().path));
  }
  for (size_t i = 0; i < files.size(); ++i) {
    const SegmentFile* successor = i + 1 < files.size() ? &files[i + 1] : nullptr;
    AO_TRY(RecoverSegment(files[i], successor, from, sink, &next));
  }
  next = std::max(next, from);
  next_ = next;
  synced_ = next - 1;
  return OkStatus();
}

Status SegmentedWal::RecoverSegment(const SegmentFile& file, const SegmentFile* successor, Lsn from,
                                    const FrameSink& sink, Lsn* next) {
  Segment segment{file.id, file.path, file.header->first, 0, file.size == options_.segment_bytes};
  if (successor != nullptr && successor->header->first <= from) {  // nothing in it is wanted
    segment.frame_bytes = file.size - sizeof(SegmentHeader);
    segments_.push_back(std::move(segment));
    *next = successor->header->first;
    return OkStatus();
  }
  const Lsn limit = successor == nullptr ? 0 : successor->header->first;
  const FrameSink wanted = [&](Lsn lsn, std::string_view payload) {
    return lsn >= from ? sink(lsn, payload) : OkStatus();
  };
  AO_ASSIGN_OR_RETURN(const SegmentEnd end, ScanSegment(fs_, file, limit, wanted));
  if (end.damaged || (limit != 0 && end.next != limit)) {
    return Corruption(fmt::format(
        "cannot read frame {} in {} at offset {}: it is damaged, but frames behind it are intact",
        end.next, file.path, end.offset));
  }
  segment.frame_bytes = end.offset - sizeof(SegmentHeader);
  *next = end.next;
  if (successor == nullptr) {
    AO_TRY(CutTail(file, end));
    segment.reusable = false;
  }
  segments_.push_back(std::move(segment));
  return OkStatus();
}

// The newest segment is closed for good at its last intact frame; appending goes on in a new one.
Status SegmentedWal::CutTail(const SegmentFile& file, const SegmentEnd& end) {
  torn_bytes_ = end.torn_bytes;
  if (torn_bytes_ > 0) {
    AO_LOG(kWarn, "wal", "cut an incomplete tail", "file", file.path, "offset", end.offset, "bytes",
           torn_bytes_);
  }
  AO_ASSIGN_OR_RETURN(auto opened, fs_.Open(file.path, FileSystem::Mode::kReadWrite));
  if (file.size != end.offset) AO_TRY(opened->Truncate(end.offset));
  return opened->Sync();  // frames that only the page cache kept are handed out as durable, too
}

Status SegmentedWal::Refused() const {
  if (!dead_.ok()) return dead_.WithContext("cannot append to the log: it failed before");
  if (needs_repair_) {
    return FailedPrecondition("cannot append to the log in " + directory_ +
                              ": an earlier append failed and was not repaired");
  }
  return OkStatus();
}

Result<Lsn> SegmentedWal::Append(std::span<const std::span<const std::string_view>> frames) {
  AO_TRY(Refused());
  const Lsn first = next();
  if (frames.empty()) return first;
  uint64_t group = 0;
  for (const auto& frame : frames) {
    uint64_t length = 0;
    for (const std::string_view part : frame) length += part.size();
    if (length > kMaxFrameBytes) {
      return InvalidArgument(fmt::format("cannot append a frame of {} bytes: the limit is {}",
                                         length, kMaxFrameBytes));
    }
    group += AlignFrame(sizeof(FrameHeader) + length);
  }
  if (active_ == nullptr || offset_ + group > active_size_) {
    if (Status status = Rotate(group); !status.ok()) {
      needs_repair_ = true;
      return status.WithContext("cannot append to the log");
    }
  }
  char* joined = buffer_.Reserve(group);
  Join(frames, joined);
  const Status written = active_->WriteAt(offset_, std::string_view(joined, group));
  buffer_.Trim();
  if (!written.ok()) {
    needs_repair_ = true;
    return written.WithContext("cannot append to the log");
  }
  offset_ += group;
  next_.store(first + frames.size(), std::memory_order_release);
  std::lock_guard lock(mutex_);
  segments_.back().frame_bytes += group;
  return first;
}

void SegmentedWal::Join(std::span<const std::span<const std::string_view>> frames, char* out) {
  FrameHeader header;
  header.segment = next_id_ - 1;
  header.lsn = next();
  header.synced = synced_;
  for (const auto& frame : frames) {
    char* payload = out + sizeof(header);
    char* end = payload;
    for (const std::string_view part : frame) {
      if (!part.empty()) std::memcpy(end, part.data(), part.size());
      end += part.size();
    }
    header.length = static_cast<uint32_t>(end - payload);
    header.checksum = ChecksumOf(header, {payload, header.length});
    std::memcpy(out, &header, sizeof(header));
    out += AlignFrame(sizeof(header) + header.length);
    std::memset(end, 0, static_cast<size_t>(out - end));
    ++header.lsn;
  }
}

Status SegmentedWal::Rotate(uint64_t group_bytes) {
  if (active_ != nullptr) {
    AO_TRY(Sync());
    active_.reset();
  }
  const uint64_t size = std::max(options_.segment_bytes, sizeof(SegmentHeader) + group_bytes);
  const uint64_t id = next_id_++;
  AO_ASSIGN_OR_RETURN(active_, CreateSegment(id, size));
  active_size_ = size;
  offset_ = synced_offset_ = sizeof(SegmentHeader);
  std::lock_guard lock(mutex_);
  ended_ = false;
  segments_.push_back({id, SegmentPath(directory_, id), next(), 0, size == options_.segment_bytes});
  return OkStatus();
}

Result<std::unique_ptr<File>> SegmentedWal::OpenSpareOrNew(const std::string& path, uint64_t size,
                                                           std::string* spare) {
  if (size == options_.segment_bytes) {
    std::lock_guard lock(mutex_);
    if (!spares_.empty()) {
      *spare = std::move(spares_.back());
      spares_.pop_back();
    }
  }
  if (!spare->empty()) return fs_.Open(*spare, FileSystem::Mode::kReadWrite);
  AO_ASSIGN_OR_RETURN(auto file, fs_.Open(path, FileSystem::Mode::kCreate));
  if (Status status = file->Allocate(size); !status.ok()) {
    (void)file->Truncate(0);
    (void)fs_.Remove(path);
    return status;
  }
  return file;
}

// The file under its name, of its full size, with a header, all of it durable.
Result<std::unique_ptr<File>> SegmentedWal::CreateSegment(uint64_t id, uint64_t size) {
  const std::string path = SegmentPath(directory_, id);
  std::string spare;
  AO_ASSIGN_OR_RETURN(auto file, OpenSpareOrNew(path, size, &spare));
  SegmentHeader header;
  header.id = id;
  header.first = next();
  header.checksum = ChecksumOf(header);
  Status status = file->WriteAt(0, {reinterpret_cast<const char*>(&header), sizeof(header)});
  if (status.ok()) status = file->Sync();
  if (status.ok() && !spare.empty()) status = fs_.Rename(spare, path);
  if (status.ok()) status = fs_.SyncDirectory(directory_);
  if (status.ok()) return file;
  if (!spare.empty()) (void)fs_.Remove(spare);
  (void)fs_.Remove(path);
  return status;
}

Status SegmentedWal::Sync() {
  if (!dead_.ok()) return dead_;
  if (active_ == nullptr || offset_ == synced_offset_) return OkStatus();
  const Lsn last = next() - 1;
  if (Status status = active_->Sync(); !status.ok()) {
    dead_ = status.WithContext("cannot make the log durable");
    return dead_;
  }
  synced_ = last;
  synced_offset_ = offset_;
  return OkStatus();
}

Status SegmentedWal::Repair() {
  if (!dead_.ok()) return dead_;
  if (active_ != nullptr) {
    // Bytes of the frames that are cut must not be found behind later ones, so the segment ends
    // here and the next append begins another.
    AO_TRY(active_->Truncate(synced_offset_));
    if (Status status = active_->Sync(); !status.ok()) {
      dead_ = status.WithContext("cannot make the log durable");
      return dead_;
    }
    active_.reset();
    std::lock_guard lock(mutex_);
    segments_.back().frame_bytes = synced_offset_ - sizeof(SegmentHeader);
    segments_.back().reusable = false;
    ended_ = true;
  }
  next_.store(synced_ + 1, std::memory_order_release);
  needs_repair_ = false;
  return OkStatus();
}

Status SegmentedWal::Remove(const Segment& segment, bool* recycled) {
  std::string spare;
  if (segment.reusable) {
    std::lock_guard lock(mutex_);
    if (spares_.size() < kMaxSpares) spare = SparePath(directory_, segment.id);
  }
  *recycled = !spare.empty();
  return spare.empty() ? fs_.Remove(segment.path) : fs_.Rename(segment.path, spare);
}

Status SegmentedWal::EndSegment() {
  AO_TRY(Refused());
  AO_TRY(Sync());
  active_.reset();
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    erasing_ = true;
  }
  return RemoveSpares();
}

Status SegmentedWal::RemoveSpares() {
  std::vector<std::string> spares;
  {
    std::lock_guard lock(mutex_);
    spares.swap(spares_);
  }
  if (spares.empty()) return OkStatus();
  for (const std::string& spare : spares) AO_TRY(fs_.Remove(spare));
  return fs_.SyncDirectory(directory_);
}

bool SegmentedWal::NextToFree(Lsn lsn, bool erase, Segment* segment) {
  std::lock_guard lock(mutex_);
  if (segments_.empty()) return false;
  // The newest segment stays, unless it is to be erased: it knows the next lsn.
  if (segments_.size() == 1 && !(erase && ended_ && next() <= lsn)) return false;
  if (segments_.size() > 1 && segments_[1].first > lsn) return false;
  *segment = segments_.front();
  if (erasing_ || erase) segment->reusable = false;
  return true;
}

Status SegmentedWal::Free(Lsn lsn, bool erase) {
  std::lock_guard freeing(freeing_mutex_);
  std::vector<std::string> recycled;
  bool changed = false;
  Segment segment;
  while (NextToFree(lsn, erase, &segment)) {
    if (recycled.size() >= kMaxSpares) segment.reusable = false;
    bool is_spare = false;
    AO_TRY(Remove(segment, &is_spare));
    changed = true;
    if (is_spare) recycled.push_back(SparePath(directory_, segment.id));
    std::lock_guard lock(mutex_);
    segments_.pop_front();
  }
  if (changed) AO_TRY(fs_.SyncDirectory(directory_));
  {
    std::lock_guard lock(mutex_);
    for (std::string& spare : recycled) spares_.push_back(std::move(spare));
    if (!erase && !erasing_) return OkStatus();
    if (erase) erasing_ = false;
  }
  return RemoveSpares();
}

uint64_t SegmentedWal::Bytes() const {
  std::lock_guard lock(mutex_);
  uint64_t bytes = 0;
  for (const Segment& segment : segments_) bytes += segment.frame_bytes;
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Wal>> Wal::Open(FileSystem& fs, const std::string& directory,
                                       WalOptions options, Lsn from, const FrameSink& sink) {
  auto wal = std::make_unique<SegmentedWal>(fs, directory, options);
  AO_TRY(wal->Recover(from, sink));
  return std::unique_ptr<Wal>(std::move(wal));
}

Status VerifyWal(FileSystem& fs, const std::string& directory,
                 const std::function<void(std::string)>& report) {
  AO_ASSIGN_OR_RETURN(const auto files, ListSegments(fs, directory));
  const Wal::FrameSink ignore = [](Lsn, std::string_view) { return OkStatus(); };
  for (size_t i = 0; i < files.size(); ++i) {
    const SegmentFile& file = files[i];
    const SegmentFile* successor = i + 1 < files.size() ? &files[i + 1] : nullptr;
    const bool bounded = successor != nullptr && successor->header.has_value();
    const Lsn limit = bounded ? successor->header->first : 0;
    auto end = ScanSegment(fs, file, limit, ignore);
    if (!end.ok()) {
      report(end.status().message());
    } else if (!file.header) {
      report(file.path + ": no valid header" + (end->damaged ? ", but frames" : ""));
    } else if (end->damaged || (bounded && end->next != limit)) {
      report(
          fmt::format("{}: frame {} at offset {} is damaged", file.path, end->next, end->offset));
    }
  }
  return OkStatus();
}

}  // namespace ao::storage
