#pragma once

#include <cstdint>
#include <functional>

#include "base/hash_map.h"
#include "base/ids.h"
#include "storage/content/content_store.h"

// What the hot tables hold, by identity. Internal to storage/local.

namespace ao::storage::local {

struct SpanKey {
  TraceId trace_id;
  uint64_t span_id = 0;
  uint32_t project = 0;
  friend bool operator==(const SpanKey&, const SpanKey&) = default;
};
struct SeriesKey {
  uint64_t series_id = 0;
  uint32_t project = 0;
  Day day = 0;
  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
};

}  // namespace ao::storage::local

template <>
struct std::hash<ao::storage::local::SpanKey> {
  size_t operator()(const ao::storage::local::SpanKey& k) const noexcept {
    return ao::Fold(k.trace_id) ^ ((k.span_id + k.project) * 0x9E3779B97F4A7C15ULL);
  }
};
template <>
struct std::hash<ao::storage::local::SeriesKey> {
  size_t operator()(const ao::storage::local::SeriesKey& k) const noexcept {
    return k.series_id ^ (k.project * 0x9E3779B97F4A7C15ULL) ^ (static_cast<uint32_t>(k.day) << 7);
  }
};

namespace ao::storage::local {

// What a generation of hot tables holds, exactly; used under apply_mutex_.
struct HotIndex {
  HashSet<SpanKey> spans;
  // By (trace, project); true: `spans` has every span that older generations have of the trace.
  HashMap<SpanKey, bool> traces;
  HashSet<SeriesKey> series;
};

}  // namespace ao::storage::local
