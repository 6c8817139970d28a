#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "net/http.h"

// The bytes of a streamed response between the handler that writes them and the connection that
// sends them. Thread-safe.

namespace ao::net {

class StreamQueue {
 public:
  // `notify` is called (from any thread, without a lock held) when there is something to take
  // after there was not.
  explicit StreamQueue(std::function<void()> notify) : notify_(std::move(notify)) {}

  // For the handler: see ResponseStream.
  bool Write(std::string_view chunk);
  void Finish();
  bool closed() const;

  // For the connection. Takes what is queued; `finished` says that nothing will follow.
  std::string Take(bool* finished);
  // Nothing can be sent any more: writers wake up and give up.
  void Close();

  // The handler's end of `queue`; finishes it when it dies.
  static std::shared_ptr<ResponseStream> HandlerEnd(std::shared_ptr<StreamQueue> queue);

 private:
  static constexpr size_t kBound = 256 * 1024;

  const std::function<void()> notify_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  // All guarded by mutex_.
  std::string queued_;
  bool notified_ = false;
  bool finished_ = false;
  bool closed_ = false;
};

}  // namespace ao::net
