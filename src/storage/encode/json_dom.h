#pragma once

#include <string_view>

#include <simdjson.h>

#include "base/arena.h"
#include "base/status.h"
#include "model/value.h"
#include "storage/encode/attributes.h"

// Internal to storage/encode: reading JSON that this module wrote. Every accessor returns
// corruption, never throws. An element lives until the calling thread's next ParseJson.

namespace ao::storage::json {

using Element = simdjson::dom::element;

Result<Element> ParseJson(std::string_view json);
Status Malformed(std::string_view what);

Result<simdjson::dom::array> ToArray(Element element, std::string_view what);
Result<simdjson::dom::object> ToObject(Element element, std::string_view what);
Result<std::string_view> ToText(Element element, std::string_view what);
Result<uint64_t> ToUint(Element element, std::string_view what);
Result<int64_t> ToInt(Element element, std::string_view what);
// A number, or one of "NaN", "Infinity", "-Infinity".
Result<double> ToDouble(Element element, std::string_view what);

Result<model::Value> ToValue(Element element, const ContentReader& content, Arena* arena);
Result<model::Attributes> ToMap(Element element, const ContentReader& content, Arena* arena);
// What the encoder writes for a string.
Result<std::string_view> ToString(Element element, const ContentReader& content, Arena* arena);

}  // namespace ao::storage::json
