#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "model/telemetry.h"
#include "storage/rows.h"

// PointRow::detail, the members of a metric point that have no column, as JSON and back. Members
// with default values are left out:
//   {"raw_time":1,"raw_start":1,"counts":[..],"bounds":[..],"scale":1,"zero_count":1,
//    "zero_threshold":1.0,"positive":{"offset":1,"counts":[..]},"negative":{..},
//    "quantiles":[[q,value],..],"exemplars":[{"time":1,"value":1,"trace_id":"<hex>",
//    "span_id":"<hex>","attributes":{..}},..]}
// raw_time and raw_start are the client's values where the columns hold others. Thread-safe.

namespace ao::storage {

struct RawTimes {
  bool time_changed = false, start_changed = false;
};

// Appends nothing when every member has its default.
void EncodePointDetail(const model::MetricPoint& point, RawTimes raw, std::string* json);

// The point of a row; `attributes` are those of its series. Lists live in `arena`. Corruption when
// `row.detail` is not what EncodePointDetail writes.
Result<model::MetricPoint> DecodePoint(const PointRow& row, model::Attributes attributes,
                                       Arena* arena);

}  // namespace ao::storage
