#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

// Shared values by 64-bit key, the least recently used ones dropped when their costs together
// exceed the capacity. A value lives on while someone holds it. Thread-safe.

namespace ao::storage {

template <typename V>
class LruCache {
 public:
  explicit LruCache(size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<V> Get(uint64_t key) {
    std::lock_guard lock(mutex_);
    auto it = entries_.find(key);
    if (it == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, it->second);
    return it->second->value;
  }

  // Values that would take more than a quarter of the cache are not kept.
  void Put(uint64_t key, std::shared_ptr<V> value, size_t cost) {
    if (cost > capacity_ / 4) return;
    std::lock_guard lock(mutex_);
    if (auto it = entries_.find(key); it != entries_.end()) Erase(it->second);
    order_.push_front({key, std::move(value), cost});
    entries_[key] = order_.begin();
    used_ += cost;
    while (used_ > capacity_) Erase(std::prev(order_.end()));
  }

 private:
  struct Entry {
    uint64_t key;
    std::shared_ptr<V> value;
    size_t cost;
  };
  void Erase(typename std::list<Entry>::iterator entry) {
    used_ -= entry->cost;
    entries_.erase(entry->key);
    order_.erase(entry);
  }

  const size_t capacity_;
  std::mutex mutex_;  // guards what follows
  size_t used_ = 0;
  std::list<Entry> order_;  // most recently used first
  std::unordered_map<uint64_t, typename std::list<Entry>::iterator> entries_;
};

}  // namespace ao::storage
