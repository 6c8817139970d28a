#include "lane.h"

#include <signal.h>

#include <algorithm>
#include <new>
#include <vector>

#include "core.h"
#include "random.h"
#include "wire.h"

namespace observatory::detail {

using std::chrono::milliseconds;

milliseconds NextBackoff(const BatchOptions& options, int attempt, double random,
                         std::optional<milliseconds> retry_after) {
  if (retry_after && retry_after->count() > 0) {
    return std::min(*retry_after, options.max_retry_time);
  }
  const double doubled = static_cast<double>(options.initial_backoff.count()) *
                         static_cast<double>(uint64_t{1} << std::min(attempt, 30));
  const double range = std::min(doubled, static_cast<double>(options.max_backoff.count()));
  // Never at once: at least a tenth of the range.
  return milliseconds(static_cast<int64_t>(range * (0.1 + 0.9 * random)));
}

std::string EncodeRequest(std::string_view resource, const Record* first) {
  struct Group {
    const Instrumentation* scope;
    size_t size = 0;
    std::vector<const Record*> records;
  };
  std::vector<Group> groups;
  const auto field_size = [](size_t size) { return 1 + VarintSize(size) + size; };
  for (const Record* record = first; record != nullptr; record = record->next) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group& g) { return g.scope == record->scope; });
    if (group == groups.end()) {
      groups.push_back({record->scope, field_size(record->scope->encoded.size()), {}});
      group = std::prev(groups.end());
    }
    group->records.push_back(record);
    group->size += field_size(record->data.size());
  }
  size_t size = field_size(resource.size());
  for (const Group& group : groups) size += field_size(group.size);

  std::string out(size + 16, '\0');
  char* at = out.data();
  at = PutVarint(PutVarint(at, Tag(1, kBytes)), size);  // ResourceSpans, ResourceLogs, ...
  at = PutBytes(at, Tag(1, kBytes), resource);
  for (const Group& group : groups) {
    at = PutVarint(PutVarint(at, Tag(2, kBytes)), group.size);
    at = PutBytes(at, Tag(1, kBytes), group.scope->encoded);
    for (const Record* record : group.records) {
      at = PutBytes(at, Tag(2, kBytes), record->data.view());
    }
  }
  out.resize(static_cast<size_t>(at - out.data()));
  return out;
}

Lane::Lane(Config config)
    : config_(std::move(config)),
      mutex_(std::make_unique<std::mutex>()),
      wake_(std::make_unique<std::condition_variable>()),
      done_(std::make_unique<std::condition_variable>()) {}

bool Lane::QueueIsFull(size_t bytes) const noexcept {
  const BatchOptions& batch = config_.batch;
  return bytes_ + bytes > batch.max_queue_bytes ||
         (batch.max_queue_records > 0 && records_ >= batch.max_queue_records);
}

void Lane::Add(Record* first) noexcept {
  Record* dropped = nullptr;
  {
    std::lock_guard lock(*mutex_);
    while (first != nullptr) {
      Record* record = first;
      first = record->next;
      ++stats_.recorded;
      const bool closed = stopping_ && !collecting_;
      if (closed || record->data.failed() || QueueIsFull(record->bytes())) {
        ++(closed ? stats_.dropped_expired : stats_.dropped_full);
        record->next = dropped;
        dropped = record;
        continue;
      }
      record->next = nullptr;
      (last_ != nullptr ? last_->next : first_) = record;
      last_ = record;
      ++records_;
      bytes_ += record->bytes();
      queued_encoded_ += record->data.size();
    }
    if (life_ == 0 && !stopping_) StartThread();
    const bool full = queued_encoded_ >= config_.batch.max_batch_bytes / 2 ||
                      records_ >= config_.batch.max_batch_records;
    if (full && records_ > 0) wake_->notify_one();
  }
  if (dropped != nullptr) ReturnRecords(dropped);
}

void Lane::Begin() noexcept {
  std::lock_guard lock(*mutex_);
  if (life_ == 0 && !stopping_) StartThread();
}

void Lane::StartThread() noexcept {
  life_ = ++lives_;
  next_tick_ = Clock::now() + config_.batch.schedule_delay;
  try {
    thread_ = std::make_unique<std::thread>([this, life = life_] { Run(life); });
  } catch (const std::system_error&) {  // no thread to be had now; the next record tries again
    life_ = 0;
  }
}

bool Lane::WaitForWork(std::unique_lock<std::mutex>* lock) noexcept {
  const BatchOptions& batch = config_.batch;
  wake_->wait_until(*lock, next_tick_, [&] {
    return stopping_ || flushes_wanted_ > flushes_done_ ||
           queued_encoded_ >= batch.max_batch_bytes / 2 || records_ >= batch.max_batch_records;
  });
  return !stopping_;
}

void Lane::Run(uint64_t life) noexcept {
  // Signals are for the program's own threads.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "observatory");
  std::unique_lock lock(*mutex_);
  while (life == life_) {
    const bool running = WaitForWork(&lock);
    const uint64_t flush = flushes_wanted_;
    const bool flushing = flush > flushes_done_;
    if (config_.collect && (flushing || Clock::now() >= next_tick_)) {
      collecting_ = true;
      lock.unlock();
      config_.collect();
      lock.lock();
      collecting_ = false;
    }
    if (Clock::now() >= next_tick_) next_tick_ = Clock::now() + config_.batch.schedule_delay;
    RunBatches(&lock);
    if (flushing) {
      flushes_done_ = flush;
      done_->notify_all();
    }
    if (!running && flushes_done_ >= flushes_wanted_) break;
  }
  DropQueue();
  stopped_ = true;
  life_ = 0;
  done_->notify_all();
}

// Sends what waits. New records are left for later unless a full batch of them has come.
void Lane::RunBatches(std::unique_lock<std::mutex>* lock) noexcept {
  size_t left = records_;
  while (left > 0 && records_ > 0) {
    Batch batch = TakeBatch();
    left -= std::min(left, batch.records);
    Send(lock, batch);
  }
}

Lane::Batch Lane::TakeBatch() noexcept {
  const BatchOptions& limits = config_.batch;
  Batch batch;
  batch.first = first_;
  Record* last = nullptr;
  while (first_ != nullptr && batch.records < limits.max_batch_records) {
    const size_t encoded = first_->data.size() + 8;
    if (batch.records > 0 && batch.encoded + encoded > limits.max_batch_bytes) break;
    batch.encoded += encoded;
    batch.bytes += first_->bytes();
    ++batch.records;
    queued_encoded_ -= first_->data.size();
    last = first_;
    first_ = first_->next;
  }
  records_ -= batch.records;
  if (first_ == nullptr) last_ = nullptr;
  if (last != nullptr) last->next = nullptr;
  return batch;
}

void Lane::Send(std::unique_lock<std::mutex>* lock, Batch batch) noexcept {
  const Clock::time_point give_up = Clock::now() + config_.batch.max_retry_time;
  lock->unlock();
  std::string body;
  try {
    body = EncodeRequest(config_.resource(), batch.first);
  } catch (const std::bad_alloc&) {
    ReturnRecords(batch.first);
    lock->lock();
    Settle(batch, nullptr, true);
    return;
  }
  // The request has it all; the records may be used again. They stay counted until it is settled.
  ReturnRecords(batch.first);
  for (int attempt = 0;; ++attempt) {
    ExportRequest request{config_.signal, body, config_.timeout, &cancelled_};
    const ExportResponse response = config_.transport->send(request);
    if (response.outcome != ExportResponse::Outcome::kRetry) {
      if (config_.problem && !response.message.empty()) config_.problem(response.message);
      lock->lock();
      return Settle(batch, &response, false);
    }
    if (attempt == 0 && config_.problem) config_.problem(response.message);
    const double random = static_cast<double>(RandomBits() >> 11) * 0x1p-53;
    const auto wait = NextBackoff(config_.batch, attempt, random, response.retry_after);
    lock->lock();
    if (Clock::now() + wait > give_up || !WaitToRetry(lock, wait)) {
      return Settle(batch, nullptr, true);
    }
    ++stats_.retries;
    lock->unlock();
  }
}

// False: there is no time left.
bool Lane::WaitToRetry(std::unique_lock<std::mutex>* lock, milliseconds wait) noexcept {
  const Clock::time_point until = Clock::now() + wait;
  if (stopping_ && until >= stop_by_) return false;
  const bool was_stopping = stopping_;
  const uint64_t flushes = flushes_wanted_;  // who flushes wants it tried now
  wake_->wait_until(*lock, until, [&] {
    return stopping_ != was_stopping || flushes_wanted_ != flushes || cancelled_;
  });
  return !cancelled_ && !(stopping_ && Clock::now() >= stop_by_);
}

void Lane::Settle(const Batch& batch, const ExportResponse* response, bool expired) noexcept {
  bytes_ -= batch.bytes;
  if (expired) {
    stats_.dropped_expired += batch.records;
  } else if (response->outcome == ExportResponse::Outcome::kRefused) {
    stats_.dropped_refused += batch.records;
  } else {
    const uint64_t rejected = std::min<uint64_t>(response->rejected, batch.records);
    stats_.dropped_refused += rejected;
    stats_.exported += batch.records - rejected;
  }
}

void Lane::DropQueue() noexcept {
  stats_.dropped_expired += records_;
  Record* first = std::exchange(first_, nullptr);
  for (const Record* record = first; record != nullptr; record = record->next) {
    bytes_ -= record->bytes();
  }
  last_ = nullptr;
  records_ = queued_encoded_ = 0;
  ReturnRecords(first);
}

Lane::Ticket Lane::RequestFlush() noexcept {
  std::lock_guard lock(*mutex_);
  Ticket ticket{flushes_done_, stats_.dropped_expired + stats_.dropped_refused};
  if (stopped_ || life_ == 0) return ticket;  // nothing is here
  ticket.flush = ++flushes_wanted_;
  wake_->notify_one();
  return ticket;
}

bool Lane::AwaitFlush(Ticket ticket, Clock::time_point deadline) noexcept {
  std::unique_lock lock(*mutex_);
  const bool done =
      done_->wait_until(lock, deadline, [&] { return flushes_done_ >= ticket.flush || stopped_; });
  return done && ticket.lost == stats_.dropped_expired + stats_.dropped_refused;
}

Lane::Ticket Lane::Stop(Clock::time_point deadline) noexcept {
  std::lock_guard lock(*mutex_);
  const Ticket ticket{0, stats_.dropped_expired + stats_.dropped_refused};
  if (stopping_) return ticket;
  stopping_ = true;
  stop_by_ = deadline;
  if (life_ == 0) {
    DropQueue();
    stopped_ = true;
    return ticket;
  }
  if (config_.collect) ++flushes_wanted_;  // the last figures
  wake_->notify_one();
  return ticket;
}

bool Lane::AwaitStop(Ticket ticket) noexcept {
  std::unique_lock lock(*mutex_);
  if (!done_->wait_until(lock, stop_by_, [&] { return stopped_; })) {
    cancelled_ = true;
    wake_->notify_one();
    // The transport has been told; a moment to count what is lost.
    done_->wait_for(lock, milliseconds(200), [&] { return stopped_; });
  }
  const bool all = stopped_ && ticket.lost == stats_.dropped_expired + stats_.dropped_refused;
  // A thread that has stopped is about to end; one that has not is left to itself.
  const auto thread = stopped_ ? std::move(thread_) : nullptr;
  lock.unlock();
  if (thread != nullptr) thread->join();
  return all;
}

ExportStats Lane::stats() noexcept {
  std::lock_guard lock(*mutex_);
  ExportStats stats = stats_;
  stats.sampled_out = sampled_out_;
  stats.queued_bytes = bytes_;
  return stats;
}

void Lane::ResetInChild() noexcept {
  // The condition variables may have had waiters, who do not exist here: they are left alone.
  (void)wake_.release();
  (void)done_.release();
  (void)thread_.release();
  wake_ = std::make_unique<std::condition_variable>();
  done_ = std::make_unique<std::condition_variable>();
  Record* first = std::exchange(first_, nullptr);
  last_ = nullptr;
  records_ = bytes_ = queued_encoded_ = 0;
  const bool was_running = life_ != 0;
  life_ = 0;
  flushes_done_ = flushes_wanted_;
  stats_ = {};
  mutex_->unlock();
  ReturnRecords(first);
  if (config_.collect && was_running) Begin();
}

}  // namespace observatory::detail
