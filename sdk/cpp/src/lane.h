#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "observatory/sdk.h"
#include "observatory/transport.h"
#include "record.h"

namespace observatory::detail {

// How long to wait before sending again: what the server asked for, else full jitter over a range
// that doubles with each attempt (0 is the first). `random` is uniform in [0, 1).
std::chrono::milliseconds NextBackoff(const BatchOptions& options, int attempt, double random,
                                      std::optional<std::chrono::milliseconds> retry_after);

// Carries the records of one signal from the threads that make them to the transport: a bounded
// queue and one thread, which begins with the first record. Thread-safe; Add never waits for more
// than the queue's lock, which is never held while anything is encoded or sent.
//
// A lane is never destroyed: its thread may outlive a shutdown() that ran into its deadline.
class Lane {
 public:
  struct Config {
    Signal signal = Signal::kTraces;
    BatchOptions batch;
    std::chrono::milliseconds timeout{10000};
    std::shared_ptr<Transport> transport;
    std::function<std::string()> resource;         // an encoded Resource message
    std::function<void()> collect;                 // adds records before a batch is taken; may be null
    std::function<void(std::string_view)> problem;  // in the lane's thread
  };

  explicit Lane(Config config);
  Lane(const Lane&) = delete;

  // Takes a list linked by `next`.
  void Add(Record* first) noexcept;
  void AddSampledOut(uint64_t records) noexcept { sampled_out_ += records; }
  // Makes sure that collect() is called from now on.
  void Begin() noexcept;
  bool Flush(std::chrono::steady_clock::time_point deadline) noexcept;
  bool Shutdown(std::chrono::steady_clock::time_point deadline) noexcept;
  ExportStats stats() noexcept;

  void LockForFork() noexcept { mutex_->lock(); }
  void UnlockAfterFork() noexcept { mutex_->unlock(); }
  // What waits belongs to the parent. The thread begins again with the next record.
  void ResetInChild() noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  struct Batch {
    Record* first = nullptr;
    size_t records = 0, bytes = 0, encoded = 0;
  };

  void StartThread() noexcept;  // under the lock
  void Run(uint64_t life) noexcept;
  void RunBatches(std::unique_lock<std::mutex>* lock) noexcept;
  bool WaitForWork(std::unique_lock<std::mutex>* lock) noexcept;
  Batch TakeBatch() noexcept;  // under the lock
  void Send(std::unique_lock<std::mutex>* lock, Batch batch) noexcept;
  bool WaitToRetry(std::unique_lock<std::mutex>* lock, std::chrono::milliseconds wait) noexcept;
  void Settle(const Batch& batch, const ExportResponse* response, bool expired) noexcept;
  void DropQueue() noexcept;
  bool QueueIsFull(size_t bytes) const noexcept;

  const Config config_;
  std::unique_ptr<std::mutex> mutex_;
  std::unique_ptr<std::condition_variable> wake_;  // replaced in the child of a fork
  std::unique_ptr<std::condition_variable> done_;
  // Guarded by mutex_:
  Record* first_ = nullptr;
  Record* last_ = nullptr;
  size_t records_ = 0, bytes_ = 0;  // bytes_ includes the batch being sent
  size_t queued_encoded_ = 0;
  uint64_t life_ = 0;  // of the thread; 0: none
  uint64_t lives_ = 0;
  uint64_t flushes_wanted_ = 0, flushes_done_ = 0;
  bool stopping_ = false, stopped_ = false, collecting_ = false;
  Clock::time_point stop_by_;
  Clock::time_point next_tick_;
  ExportStats stats_;
  std::atomic<uint64_t> sampled_out_{0};
  std::atomic<bool> cancelled_{false};
};

// An Export...ServiceRequest with the records of a list, grouped by scope. They stay with the
// caller.
std::string EncodeRequest(std::string_view resource, const Record* first);

}  // namespace observatory::detail
