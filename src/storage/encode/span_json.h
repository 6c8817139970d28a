#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "model/telemetry.h"
#include "storage/encode/attributes.h"
#include "storage/rows.h"

// The parts of a span other than its attributes as JSON that loses nothing, and back. Members with
// default values are left out; attributes are encoded as in attributes.h; times are numbers.
//   events    [{"time":1,"name":"x","attributes":{..},"dropped":2},..]
//   links     [{"trace_id":"<hex>","span_id":"<hex>","trace_state":"..","attributes":{..},
//               "dropped":2,"flags":1},..]
//   resource  {"attributes":{..},"dropped":1,"schema_url":"..","entity_refs":[{"schema_url":"..",
//               "type":"..","id_keys":[..],"description_keys":[..]},..]}
//   scope     {"name":"..","version":"..","attributes":{..},"dropped":1,"schema_url":".."}
// Decoded values live in `arena`. Decoding reports corruption for anything else. Thread-safe.

namespace ao::storage {

// What encoding adds to besides its text; see AttributeEncoder::EncodeMap.
struct EncodeTarget {
  Nanos partition_time = 0;
  std::string* json = nullptr;
  std::vector<ContentPiece>* pieces = nullptr;
  std::vector<ContentAddress>* refs = nullptr;
};

// Nothing is written for an empty list.
void EncodeEvents(std::span<const model::Event> events, const AttributeEncoder& encoder,
                  const EncodeTarget& target);
void EncodeLinks(std::span<const model::Link> links, const AttributeEncoder& encoder,
                 const EncodeTarget& target);
Result<std::span<const model::Event>> DecodeEvents(std::string_view json,
                                                   const ContentReader& content, Arena* arena);
Result<std::span<const model::Link>> DecodeLinks(std::string_view json,
                                                 const ContentReader& content, Arena* arena);

// Self-contained: long strings stay inside.
std::string EncodeResource(const model::Resource& resource);
std::string EncodeScope(const model::Scope& scope);
Result<const model::Resource*> DecodeResource(std::string_view json, Arena* arena);
Result<const model::Scope*> DecodeScope(std::string_view json, Arena* arena);

// The span of a row. `events`, `links` and the attributes are decoded; names and other plain
// columns stay views into the row.
Result<model::Span> DecodeSpan(const SpanRow& row, const ContentReader& content, Arena* arena);
Result<model::LogRecord> DecodeLog(const LogRow& row, const ContentReader& content, Arena* arena);

}  // namespace ao::storage
