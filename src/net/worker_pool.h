#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

// Threads behind a bounded queue of jobs; a job that does not fit is given back. Thread-safe.

namespace ao::net {

template <typename Job>
class WorkerPool {
 public:
  using Run = std::function<void(Job)>;

  WorkerPool(size_t max_queued, Run run) : max_queued_(max_queued), run_(std::move(run)) {}
  ~WorkerPool() { Stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Start(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
  }

  // False, and `job` untouched, when the queue is full or the pool has stopped.
  bool TryPost(Job& job) {
    {
      std::lock_guard lock(mutex_);
      if (stopped_ || queue_.size() >= max_queued_) return false;
      queue_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
  }

  // Lets running jobs finish; queued ones are destroyed.
  void Stop() {
    std::deque<Job> dropped;
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
      dropped.swap(queue_);
    }
    dropped.clear();
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void Loop() {
    while (true) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      if (stopped_) return;
      Job job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      run_(std::move(job));
    }
  }

  const size_t max_queued_;
  const Run run_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;  // guarded by mutex_
  bool stopped_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace ao::net
