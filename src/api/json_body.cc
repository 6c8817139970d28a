#include "api/json_body.h"

#include <algorithm>

#include <fmt/core.h>
#include <simdjson.h>

#include "api/endpoint.h"

namespace ao::api {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kMaxBodyBytes = 1 << 20;

Status ReadScalar(std::string_view name, dom::element element, JsonScalar* out) {
  switch (element.type()) {
    case dom::element_type::NULL_VALUE: break;
    case dom::element_type::BOOL: *out = bool{element}; break;
    case dom::element_type::INT64: *out = int64_t{element}; break;
    case dom::element_type::UINT64: *out = static_cast<double>(uint64_t{element}); break;
    case dom::element_type::DOUBLE: *out = double{element}; break;
    case dom::element_type::STRING: *out = std::string(std::string_view(element)); break;
    default:
      return InvalidArgument(
          fmt::format("cannot read member {}: it is not a plain value", Quoted(name)));
  }
  return OkStatus();
}

std::string_view TrimBlanks(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

Result<JsonBody> JsonBody::Parse(std::string_view text,
                                 const std::vector<std::string_view>& known) {
  if (text.size() > kMaxBodyBytes) {
    return InvalidArgument(
        fmt::format("cannot read the body: {} bytes are more than {}", text.size(), kMaxBodyBytes));
  }
  dom::parser parser;
  dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root)) {
    return InvalidArgument(
        fmt::format("cannot read the body as JSON: {}", simdjson::error_message(error)));
  }
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return InvalidArgument("cannot read the body: it is not a JSON object");
  }
  JsonBody body;
  for (const auto& [key, value] : object) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      const std::string_view nearest = NearestName(key, known);
      return InvalidArgument(
          fmt::format("cannot read member {}: there is no such member", Quoted(key)),
          nearest.empty() ? std::string() : fmt::format("did you mean \"{}\"?", nearest));
    }
    for (const auto& member : body.members_) {
      if (member.first == key) {
        return InvalidArgument(fmt::format("cannot read member \"{}\": it is given twice", key));
      }
    }
    auto& member = body.members_.emplace_back(std::string(key), JsonScalar());
    AO_TRY(ReadScalar(key, value, &member.second));
  }
  return body;
}

const JsonScalar* JsonBody::Find(std::string_view name) const {
  for (const auto& [key, value] : members_) {
    if (key == name) return std::holds_alternative<std::monostate>(value) ? nullptr : &value;
  }
  return nullptr;
}

Result<std::string> JsonBody::Text(std::string_view name) const {
  const JsonScalar* value = Find(name);
  if (value == nullptr) return std::string();
  if (const auto* text = std::get_if<std::string>(value)) return *text;
  return InvalidArgument(fmt::format("cannot read member \"{}\": it is not a string", name));
}

Result<std::vector<std::string_view>> SplitJsonArray(std::string_view array) {
  array = TrimBlanks(array);
  if (array.size() < 2 || array.front() != '[' || array.back() != ']') {
    return Internal("cannot split a row: it is not a JSON array");
  }
  array = array.substr(1, array.size() - 2);
  std::vector<std::string_view> elements;
  if (TrimBlanks(array).empty()) return elements;
  size_t start = 0;
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      elements.push_back(TrimBlanks(array.substr(start, i - start)));
      start = i + 1;
    }
  }
  elements.push_back(TrimBlanks(array.substr(start)));
  return elements;
}

Result<std::string> UnquoteJson(std::string_view text) {
  dom::parser parser;
  std::string_view value;
  if (text.empty() || parser.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    return Internal("cannot unquote a value: it is not a JSON string");
  }
  return std::string(value);
}

}  // namespace ao::api
