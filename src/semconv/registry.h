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

// Every table, in the order in which they are documented.
std::span<const Dialect* const> AllDialects();

// A set of dialects, a bit each.
using DialectSet = uint32_t;
constexpr DialectSet Only(model::Dialect dialect) { return 1u << static_cast<unsigned>(dialect); }
static_assert(model::kDialectCount <= 32);

// The most specific dialect of a set.
model::Dialect MostSpecific(DialectSet set);

class Registry {
 public:
  // The rows of one key, and the dialects that are known by it.
  struct Match {
    std::span<const Row> rows;
    DialectSet shown = 0;
  };
  struct Prefix {
    PrefixRow row;
    uint32_t head;  // the first four bytes of the prefix
    DialectSet shown;
  };
  struct Scope {
    ScopeRow row;
    model::Dialect dialect;
  };

  static const Registry& Get();

  // No rows for nearly every key of a span that is not about agents.
  Match Find(std::string_view key) const {
    if (key.empty() || key.size() > kMaxKey ||
        (lengths_[static_cast<uint8_t>(key[0])] >> key.size() & 1) == 0) {
      return {};
    }
    for (size_t slot = Hash(key) % kSlots;; slot = (slot + 1) % kSlots) {
      const Entry& entry = slots_[slot];
      if (entry.count == 0) return {};
      const Row& row = rows_[entry.first];
      if (row.key == key) return {{&row, entry.count}, entry.shown};
    }
  }

  // The list that `key` belongs to, or null.
  const Prefix* FindPrefix(std::string_view key) const {
    if (key.size() < 4) return nullptr;
    const auto [begin, end] = prefix_ranges_[static_cast<uint8_t>(key[0])];
    uint32_t head;
    std::memcpy(&head, key.data(), sizeof head);
    for (size_t i = begin; i < end; ++i) {
      const Prefix& prefix = prefixes_[i];
      if ((prefix.head == head || prefix.row.prefix.size() < 4) &&
          key.starts_with(prefix.row.prefix)) {
        return &prefix;
      }
    }
    return nullptr;
  }

  // The emitter that a scope's name gives away, or null.
  const Scope* FindScope(std::string_view name) const;

  // The dialect of one of the rows that Find returned.
  model::Dialect DialectOf(const Row& row) const { return dialects_[&row - rows_.data()]; }

  // What the name says a span of this dialect is; kOther when nothing.
  model::Op OpOfName(model::Dialect dialect, std::string_view name) const;

 private:
  static constexpr size_t kSlots = 2048;
  static constexpr size_t kMaxKey = 63;
  struct Entry {
    uint16_t first = 0;
    uint16_t count = 0;
    DialectSet shown = 0;
  };

  Registry();
  void AddRows();
  void AddPrefixes();
  static size_t Hash(std::string_view key) {
    uint64_t head = 0, tail = 0;
    const size_t n = key.size() < 8 ? key.size() : 8;
    std::memcpy(&head, key.data(), n);
    std::memcpy(&tail, key.data() + key.size() - n, n);
    const uint64_t mixed =
        (head ^ (tail * 0x9E3779B97F4A7C15ULL) ^ key.size()) * 0xD6E8FEB86659FD93ULL;
    return static_cast<size_t>(mixed >> 40);
  }

  std::vector<Row> rows_;                 // by key, then as registered
  std::vector<model::Dialect> dialects_;  // of each row
  std::vector<Prefix> prefixes_;          // by first byte, longer ones first
  std::vector<Scope> scopes_;             // likewise
  std::array<std::span<const NameRow>, model::kDialectCount> names_{};
  std::array<uint64_t, 256> lengths_{};  // by first byte: a bit for every length of a known key
  std::array<std::pair<uint16_t, uint16_t>, 256> prefix_ranges_{};
  std::array<std::pair<uint16_t, uint16_t>, 256> scope_ranges_{};
  std::array<Entry, kSlots> slots_{};
};

}  // namespace ao::semconv
