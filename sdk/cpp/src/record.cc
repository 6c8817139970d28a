#include "record.h"

#include <mutex>
#include <new>

namespace observatory::detail {
namespace {

constexpr size_t kMaxFree = 8192;   // records kept for use again
constexpr size_t kRefill = 64;      // moved to a thread at a time
constexpr size_t kKeepHeap = 4096;  // bytes of heap that a free record keeps

struct Pool {
  std::mutex mutex;
  Record* free = nullptr;
  size_t count = 0;
};
Pool& ThePool() {
  static Pool* pool = new Pool;  // records may come back while the program ends
  return *pool;
}

void Delete(Record* first) noexcept {
  while (first != nullptr) {
    Record* next = first->next;
    delete first;
    first = next;
  }
}

// What one thread took in advance.
struct Cache {
  Record* free = nullptr;
  ~Cache() {
    Delete(free);
    free = nullptr;
  }
};
thread_local Cache cache;

void Refill() noexcept {
  Pool& pool = ThePool();
  std::lock_guard lock(pool.mutex);
  for (size_t i = 0; i < kRefill && pool.free != nullptr; ++i) {
    Record* record = pool.free;
    pool.free = record->next;
    --pool.count;
    record->next = cache.free;
    cache.free = record;
  }
}

}  // namespace

Record* TakeRecord() noexcept {
  if (cache.free == nullptr) {
    Refill();
    if (cache.free == nullptr) return new (std::nothrow) Record;
  }
  Record* record = cache.free;
  cache.free = record->next;
  record->next = nullptr;
  return record;
}

void ReturnRecords(Record* first) noexcept {
  Record* last = nullptr;
  size_t count = 0;
  for (Record* record = first; record != nullptr; record = record->next, ++count) {
    record->data.Clear(kKeepHeap);
    record->error = record->call = false;
    record->steps = 0;
    last = record;
  }
  if (last == nullptr) return;
  Pool& pool = ThePool();
  {
    std::lock_guard lock(pool.mutex);
    if (pool.count + count <= kMaxFree) {
      last->next = pool.free;
      pool.free = first;
      pool.count += count;
      return;
    }
  }
  Delete(first);
}

void LockRecords() noexcept { ThePool().mutex.lock(); }
void UnlockRecords() noexcept { ThePool().mutex.unlock(); }

}  // namespace observatory::detail
