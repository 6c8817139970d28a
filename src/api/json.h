#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model/run.h"
#include "model/telemetry.h"
#include "net/http.h"

// How the API writes the model as JSON. Thread-safe, no state.

namespace ao::api {

// One member of a run's JSON; the same table writes runs and describes them in OpenAPI.
struct RunField {
  std::string_view name;
  std::string_view type;  // JSON schema: "string", "integer", "number", "array", "object"
  std::string_view doc;
  void (*write)(const model::Run& run, JsonWriter& json);
};
std::span<const RunField> RunFields();
void WriteRun(const model::Run& run, JsonWriter& json);
// What one run alone has in addition: usage and edges.
std::span<const RunField> RunDetails();
void WriteRunWithDetails(const model::Run& run, JsonWriter& json);
// "error" as soon as there is one, else "live" until it is settled, else "ok".
std::string_view RunStatus(const model::Run& run);

// Attribute values as plain JSON in which types stay visible: 5 is an int, 5.0 a double; bytes are
// {"$bytes": base64}, strings that are not UTF-8 {"$string": base64}, NaN and infinities
// {"$double": "NaN"}, maps with duplicate keys or a key in '$' {"$map": [[key, value], ...]}.
void WriteValue(const model::Value& value, JsonWriter& json);
void WriteAttributes(model::Attributes attributes, JsonWriter& json);

// Two members: "<name>" in RFC 3339 and "<name>_unix_nano" as a number; both null for 0.
void WriteTime(std::string_view name, int64_t unix_nanos, JsonWriter& json);
// The id, or null when it is empty.
template <typename Id>
void WriteId(std::string_view name, const Id& id, JsonWriter& json) {
  json.Key(name);
  if (id.empty()) {
    json.Null();
  } else {
    json.Value(id.ToHex());
  }
}
// "next_cursor", null on the last page.
void WriteCursor(std::string_view next_cursor, JsonWriter& json);

// "ok", "error" or "unset".
std::string_view StatusName(model::StatusCode status);
// "internal", "server", ..., "unspecified".
std::string_view KindName(model::SpanKind kind);

net::HttpResponse JsonResponse(JsonWriter json, int status = 200);

}  // namespace ao::api
