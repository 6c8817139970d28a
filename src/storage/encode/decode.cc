#include <cmath>
#include <limits>

#include "base/encoding.h"
#include "storage/encode/json_dom.h"

namespace ao::storage {
namespace json {
namespace {

using simdjson::dom::element_type;

Result<model::Value> Dereference(simdjson::dom::object object, const ContentReader& content,
                                 Arena* arena) {
  Element member;
  if (object["$ref"].get(member) != simdjson::SUCCESS) return Malformed("content reference");
  AO_ASSIGN_OR_RETURN(const std::string_view hex, ToText(member, "content reference"));
  const auto address = ContentAddress::FromHex(hex);
  if (!address || object["$size"].get(member) != simdjson::SUCCESS) {
    return Malformed("content reference");
  }
  AO_ASSIGN_OR_RETURN(const uint64_t size, ToUint(member, "content size"));
  const bool is_bytes = object["$type"].get(member) == simdjson::SUCCESS;
  std::string_view bytes;
  if (content) {
    auto text = content(*address);
    if (!text.ok()) {
      return Corruption("cannot read content " + address->ToHex() + ": " + text.status().message());
    }
    if (text->size() != size) {
      return Corruption("cannot read content " + address->ToHex() + ": it has " +
                        std::to_string(text->size()) + " bytes, expected " + std::to_string(size));
    }
    bytes = arena->Copy(*text);
  }
  return is_bytes ? model::Value::Bytes(bytes) : model::Value::String(bytes);
}

Result<std::string_view> FromBase64(Element element, Arena* arena) {
  AO_ASSIGN_OR_RETURN(const std::string_view text, ToText(element, "base64 text"));
  const auto raw = DecodeBase64(text);
  if (!raw) return Malformed("base64 text");
  return arena->Copy(*raw);
}

Result<model::Attributes> FromPairs(Element element, const ContentReader& content, Arena* arena) {
  AO_ASSIGN_OR_RETURN(const auto pairs, ToArray(element, "map"));
  std::vector<model::KeyValue> result;
  for (const Element pair : pairs) {
    AO_ASSIGN_OR_RETURN(const auto members, ToArray(pair, "map entry"));
    if (members.size() != 2) return Malformed("map entry");
    model::KeyValue kv;
    AO_ASSIGN_OR_RETURN(kv.key, ToString(members.at(0).value_unsafe(), content, arena));
    AO_ASSIGN_OR_RETURN(kv.value, ToValue(members.at(1).value_unsafe(), content, arena));
    result.push_back(kv);
  }
  return arena->Copy(result);
}

Result<model::Attributes> FromMembers(simdjson::dom::object object, const ContentReader& content,
                                      Arena* arena) {
  std::vector<model::KeyValue> result;
  for (const auto member : object) {
    model::KeyValue kv;
    kv.key = arena->Copy(member.key);
    AO_ASSIGN_OR_RETURN(kv.value, ToValue(member.value, content, arena));
    result.push_back(kv);
  }
  return arena->Copy(result);
}

Result<model::Value> FromArray(simdjson::dom::array array, const ContentReader& content,
                               Arena* arena) {
  std::vector<model::Value> values;
  for (const Element item : array) {
    AO_ASSIGN_OR_RETURN(const model::Value value, ToValue(item, content, arena));
    values.push_back(value);
  }
  return model::Value::Array(arena->Copy(values));
}

// An object is a map, unless its first key begins with '$'.
Result<model::Value> FromObject(simdjson::dom::object object, const ContentReader& content,
                                Arena* arena) {
  const auto first = object.begin();
  if (first == object.end() || first.key().empty() || first.key().front() != '$') {
    AO_ASSIGN_OR_RETURN(const auto map, FromMembers(object, content, arena));
    return model::Value::Map(map);
  }
  const std::string_view tag = first.key();
  if (tag == "$ref") return Dereference(object, content, arena);
  if (tag == "$map") {
    AO_ASSIGN_OR_RETURN(const auto map, FromPairs(first.value(), content, arena));
    return model::Value::Map(map);
  }
  if (tag == "$double") {
    AO_ASSIGN_OR_RETURN(const double value, ToDouble(first.value(), "double"));
    return model::Value::Double(value);
  }
  if (tag == "$bytes" || tag == "$string") {
    AO_ASSIGN_OR_RETURN(const std::string_view raw, FromBase64(first.value(), arena));
    return tag == "$bytes" ? model::Value::Bytes(raw) : model::Value::String(raw);
  }
  return Malformed("value with tag " + std::string(tag));
}

}  // namespace

Status Malformed(std::string_view what) {
  return Corruption("cannot decode " + std::string(what) + ": not in the stored format");
}

Result<Element> ParseJson(std::string_view json) {
  static thread_local simdjson::dom::parser parser;
  Element element;
  if (const auto error = parser.parse(json.data(), json.size()).get(element);
      error != simdjson::SUCCESS) {
    return Corruption(std::string("cannot decode JSON: ") + simdjson::error_message(error));
  }
  return element;
}

Result<simdjson::dom::array> ToArray(Element element, std::string_view what) {
  simdjson::dom::array result;
  if (element.get(result) != simdjson::SUCCESS) return Malformed(what);
  return result;
}

Result<simdjson::dom::object> ToObject(Element element, std::string_view what) {
  simdjson::dom::object result;
  if (element.get(result) != simdjson::SUCCESS) return Malformed(what);
  return result;
}

Result<std::string_view> ToText(Element element, std::string_view what) {
  std::string_view result;
  if (element.get(result) != simdjson::SUCCESS) return Malformed(what);
  return result;
}

Result<uint64_t> ToUint(Element element, std::string_view what) {
  uint64_t result = 0;
  if (element.get(result) != simdjson::SUCCESS) return Malformed(what);
  return result;
}

Result<int64_t> ToInt(Element element, std::string_view what) {
  int64_t result = 0;
  if (element.get(result) != simdjson::SUCCESS) return Malformed(what);
  return result;
}

Result<double> ToDouble(Element element, std::string_view what) {
  double result = 0;
  if (element.get(result) == simdjson::SUCCESS) return result;
  std::string_view name;
  if (element.get(name) != simdjson::SUCCESS) return Malformed(what);
  if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (name == "Infinity") return std::numeric_limits<double>::infinity();
  if (name == "-Infinity") return -std::numeric_limits<double>::infinity();
  return Malformed(what);
}

Result<model::Value> ToValue(Element element, const ContentReader& content, Arena* arena) {
  switch (element.type()) {
    case element_type::NULL_VALUE: return model::Value();
    case element_type::BOOL: return model::Value::Bool(element.get_bool().value_unsafe());
    case element_type::INT64: return model::Value::Int(element.get_int64().value_unsafe());
    case element_type::UINT64: return Malformed("integer");
    case element_type::DOUBLE: return model::Value::Double(element.get_double().value_unsafe());
    case element_type::STRING:
      return model::Value::String(arena->Copy(element.get_string().value_unsafe()));
    case element_type::ARRAY: return FromArray(element.get_array().value_unsafe(), content, arena);
    case element_type::OBJECT:
      return FromObject(element.get_object().value_unsafe(), content, arena);
  }
  return Malformed("value");
}

Result<model::Attributes> ToMap(Element element, const ContentReader& content, Arena* arena) {
  AO_ASSIGN_OR_RETURN(const model::Value value, ToValue(element, content, arena));
  if (value.kind() != model::ValueKind::kMap) return Malformed("map");
  return value.as_map();
}

Result<std::string_view> ToString(Element element, const ContentReader& content, Arena* arena) {
  AO_ASSIGN_OR_RETURN(const model::Value value, ToValue(element, content, arena));
  if (!value.is_string()) return Malformed("string");
  return value.as_string();
}

}  // namespace json

Result<model::Value> DecodeValue(std::string_view text, const ContentReader& content,
                                 Arena* arena) {
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(text));
  return json::ToValue(element, content, arena);
}

Result<model::Attributes> DecodeMap(std::string_view text, const ContentReader& content,
                                    Arena* arena) {
  if (text.empty()) return model::Attributes();
  AO_ASSIGN_OR_RETURN(const auto element, json::ParseJson(text));
  return json::ToMap(element, content, arena);
}

}  // namespace ao::storage
