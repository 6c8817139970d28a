#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/canonical.h"
#include "model/telemetry.h"

// Rows ready to be stored: decoded telemetry with its canonical columns, attributes encoded as
// JSON (storage/encode/attributes.h) and long texts taken out into content pieces. Everything is
// a view into the PreparedBatch that holds the rows.

namespace ao::storage {

// Content taken out of rows, by the addresses that the rows refer to. A chain is a sequence of
// pieces whose concatenation is the text: node = hash(parent node, piece), so two texts with a
// common prefix share its nodes (storage/content/content_store.h).
struct ContentPiece {
  ContentAddress address;        // of the whole text up to and including this piece
  ContentAddress parent;         // empty for the first (or only) piece of a text
  ContentAddress piece_address;  // of `bytes` alone
  std::string_view bytes;
  Nanos partition_time = 0;  // start (or time) of the row that refers to it; selects the partition
};

struct SpanRow {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;
  Nanos start = 0;
  Nanos duration = 0;
  std::string_view name;
  model::SpanKind kind = model::SpanKind::kUnspecified;
  model::StatusCode status = model::StatusCode::kUnset;
  std::string_view status_message;
  std::string_view service;
  std::string_view environment;
  std::string_view service_version;
  model::Canonical canonical;
  // Content that the canonical texts refer to; empty when absent or kept inline in `attributes`.
  ContentAddress input_ref, output_ref, tool_arguments_ref, tool_result_ref;
  std::string_view attributes;  // JSON object
  std::string_view events;      // JSON array, or empty
  std::string_view links;       // JSON array, or empty
  std::string_view trace_state;
  uint32_t flags = 0;
  uint32_t dropped_attributes = 0, dropped_events = 0, dropped_links = 0;
  ContentAddress resource_ref;  // JSON text of the resource in the content store
  ContentAddress scope_ref;     // likewise
  // As the client sent them, where `start` and `duration` were clamped (end before start, no
  // start); 0 duration_adjusted means nothing was changed.
  uint64_t raw_start = 0, raw_end = 0;
  bool times_adjusted = false;
  // Every content address the row needs (the ones above and those inside attributes, events and
  // links); for deletion and verification.
  std::span<const ContentAddress> content_refs;
};

struct LogRow {
  Nanos time = 0;  // time, else observed time, else arrival
  uint64_t raw_time = 0;
  uint64_t observed_time = 0;
  int32_t severity_number = 0;
  std::string_view severity_text;
  std::string_view service;
  std::string_view environment;
  std::string_view event_name;
  std::string_view body;  // JSON value in the attribute encoding
  std::string_view attributes;
  uint32_t dropped_attributes = 0;
  uint32_t flags = 0;
  TraceId trace_id;
  SpanId span_id;
  ContentAddress resource_ref;
  ContentAddress scope_ref;
  std::span<const ContentAddress> content_refs;
};

// What all points of a series share. The id is the hash of what identifies it (resource and scope
// attributes, scope name and version, name, unit, type, temporality, monotonicity, attributes),
// whatever the order of the attributes; description, metadata and schema URLs do not count.
struct SeriesRow {
  uint64_t series_id = 0;
  std::string_view name;
  std::string_view description;
  std::string_view unit;
  model::MetricType type = model::MetricType::kGauge;
  model::Temporality temporality = model::Temporality::kUnspecified;
  bool is_monotonic = false;
  std::string_view service;
  std::string_view environment;
  std::string_view attributes;  // JSON object of the points' attributes
  std::string_view metadata;    // JSON object, or empty
  ContentAddress resource_ref;
  ContentAddress scope_ref;
  Nanos partition_time = 0;
  std::span<const ContentAddress> content_refs;
};

struct PointRow {
  uint64_t series_id = 0;
  Nanos time = 0;
  Nanos start_time = 0;
  uint32_t flags = 0;
  bool has_value = false, is_int = false;
  double value = 0;       // gauge and sum; of an int too, rounded
  int64_t int_value = 0;  // exact, when is_int
  uint64_t count = 0;     // histograms and summaries
  bool has_sum = false, has_min = false, has_max = false;
  double sum = 0, min = 0, max = 0;
  // JSON object with bounds, bucket counts, scale, quantiles, exemplars; empty when there are none.
  std::string_view detail;
};

// One request, decoded and encoded for storage. Owns what its rows view.
struct PreparedBatch {
  std::string project;
  Nanos received = 0;
  model::Batch batch;
  Arena arena;
  std::vector<SpanRow> spans;
  std::vector<LogRow> logs;
  std::vector<SeriesRow> series;
  std::vector<PointRow> points;
  std::vector<ContentPiece> contents;
  // What the write-ahead log keeps so that the batch can be made again after a crash: the format
  // ("otlp/traces/protobuf") and the request body that a ReplayDecoder understands.
  std::string wal_format;
};

}  // namespace ao::storage
