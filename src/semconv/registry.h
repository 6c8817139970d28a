#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "semconv/table.h"

// All dialect tables as one lookup. Internal to semconv/. Built once, then read-only.

namespace ao::semconv {

class Registry {
 public:
  static const Registry& Get();

  // The rows of `key`; empty for nearly every key of a span that is not about agents.
  std::span<const Row> Find(std::string_view key) const {
    if (key.empty() || key.size() > kMaxKey ||
        (lengths_[static_cast<uint8_t>(key[0])] >> key.size() & 1) == 0) {
      return {};
    }
    for (size_t slot = Hash(key) % kSlots;; slot = (slot + 1) % kSlots) {
      const Entry& entry = slots_[slot];
      if (entry.count == 0) return {};
      const Row& row = rows_[entry.first];
      if (row.key == key) return {&row, entry.count};
    }
  }

  // The flattened list that `key` belongs to, or null.
  const PrefixRow* FindPrefix(std::string_view key) const {
    if (key.size() < kMinPrefix || !begins_prefix_[static_cast<uint8_t>(key[0])]) return nullptr;
    for (const PrefixRow& row : prefixes_) {
      if (key.starts_with(row.prefix)) return &row;
    }
    return nullptr;
  }

 private:
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kMaxKey = 63;
  static constexpr size_t kMinPrefix = 14;
  struct Entry {
    uint16_t first = 0;
    uint16_t count = 0;
  };

  Registry();
  static size_t Hash(std::string_view key) {
    uint64_t head = 0, tail = 0;
    const size_t n = key.size() < 8 ? key.size() : 8;
    std::memcpy(&head, key.data(), n);
    std::memcpy(&tail, key.data() + key.size() - n, n);
    const uint64_t mixed =
        (head ^ (tail * 0x9E3779B97F4A7C15ULL) ^ key.size()) * 0xD6E8FEB86659FD93ULL;
    return static_cast<size_t>(mixed >> 40);
  }

  std::vector<Row> rows_;  // by key, then as registered
  std::vector<PrefixRow> prefixes_;
  std::array<uint64_t, 256> lengths_{};  // by first byte: a bit for every length of a known key
  std::array<bool, 256> begins_prefix_{};
  std::array<Entry, kSlots> slots_{};
};

}  // namespace ao::semconv
