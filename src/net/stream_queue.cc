#include "net/stream_queue.h"

#include <utility>

namespace ao::net {
namespace {

class StreamHandle final : public ResponseStream {
 public:
  explicit StreamHandle(std::shared_ptr<StreamQueue> queue) : queue_(std::move(queue)) {}
  ~StreamHandle() override { queue_->Finish(); }
  StreamHandle(const StreamHandle&) = delete;
  StreamHandle& operator=(const StreamHandle&) = delete;

  bool Write(std::string_view chunk) override { return queue_->Write(chunk); }
  void Finish() override { queue_->Finish(); }
  bool closed() const override { return queue_->closed(); }

 private:
  const std::shared_ptr<StreamQueue> queue_;
};

}  // namespace

bool StreamQueue::Write(std::string_view chunk) {
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return closed_ || finished_ || queued_.size() < kBound; });
    if (closed_ || finished_) return false;
    if (chunk.empty()) return true;
    queued_.append(chunk);
    if (std::exchange(notified_, true)) return true;
  }
  notify_();
  return true;
}

void StreamQueue::Finish() {
  {
    std::lock_guard lock(mutex_);
    if (closed_ || std::exchange(finished_, true)) return;
    room_.notify_all();
    if (std::exchange(notified_, true)) return;
  }
  notify_();
}

bool StreamQueue::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

std::string StreamQueue::Take(bool* finished) {
  std::lock_guard lock(mutex_);
  notified_ = false;
  *finished = finished_;
  room_.notify_all();
  return std::exchange(queued_, {});
}

void StreamQueue::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  queued_.clear();
  room_.notify_all();
}

std::shared_ptr<ResponseStream> StreamQueue::HandlerEnd(std::shared_ptr<StreamQueue> queue) {
  return std::make_shared<StreamHandle>(std::move(queue));
}

}  // namespace ao::net
