#include "semconv/registry.h"

#include <algorithm>
#include <cassert>

namespace ao::semconv {

const Registry& Registry::Get() {
  static const Registry registry;
  return registry;
}

Registry::Registry() {
  for (const Dialect* dialect :
       {&kOtel, &kOpenInference, &kTraceloop, &kVercel, &kLangfuse, &kPlain}) {
    rows_.insert(rows_.end(), dialect->rows.begin(), dialect->rows.end());
    prefixes_.insert(prefixes_.end(), dialect->prefixes.begin(), dialect->prefixes.end());
  }
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const Row& a, const Row& b) { return a.key < b.key; });
  assert(rows_.size() < kSlots / 2);
  for (size_t i = 0; i < rows_.size();) {
    size_t end = i + 1;
    while (end < rows_.size() && rows_[end].key == rows_[i].key) ++end;
    const std::string_view key = rows_[i].key;
    assert(!key.empty() && key.size() <= kMaxKey);
    lengths_[static_cast<uint8_t>(key[0])] |= 1ULL << key.size();
    size_t slot = Hash(key) % kSlots;
    while (slots_[slot].count != 0) slot = (slot + 1) % kSlots;
    slots_[slot] = {static_cast<uint16_t>(i), static_cast<uint16_t>(end - i)};
    i = end;
  }
  for (const PrefixRow& row : prefixes_) {
    assert(row.prefix.size() >= kMinPrefix);
    begins_prefix_[static_cast<uint8_t>(row.prefix[0])] = true;
  }
}

}  // namespace ao::semconv
