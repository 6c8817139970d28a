#include "storage/local/inline_text.h"

#include <algorithm>

#include <simdjson.h>

#include "semconv/texts.h"

namespace ao::storage::local {
namespace {

using simdjson::dom::element;

constexpr size_t kAround = 80;  // bytes of a snippet on each side of the match

simdjson::error_code Parse(std::string_view json, element* root) {
  thread_local simdjson::dom::parser parser;
  return parser.parse(json.data(), json.size()).get(*root);
}

std::optional<std::string> FindIn(const TextPattern& pattern, element value) {
  std::string_view text;
  std::string written;
  if (value.get(text) != simdjson::SUCCESS) {
    written = simdjson::minify(value);
    text = written;
  }
  const auto match = pattern.Find(text);
  return match ? std::optional(Snippet(text, *match)) : std::nullopt;
}

}  // namespace

std::string Snippet(std::string_view text, const TextPattern::Match& match) {
  const auto inside = [&](size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  size_t begin = match.begin > kAround ? match.begin - kAround : 0;
  while (inside(begin)) ++begin;
  size_t end = std::min(text.size(), match.end + kAround);
  while (end > match.end && inside(end)) --end;
  return (begin > 0 ? "..." : "") + std::string(text.substr(begin, end - begin)) +
         (end < text.size() ? "..." : "");
}

std::optional<std::string> FindInAttributes(const TextPattern& pattern, std::string_view json) {
  if (!pattern.Matches(json)) return std::nullopt;
  element root;
  simdjson::dom::object members;
  if (Parse(json, &root) != simdjson::SUCCESS || root.get(members) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (const auto& [key, value] : members) {
    // "$pairs" and the like: attributes whose names no JSON object can have.
    if (!key.starts_with('$') && !semconv::HoldsText(key)) continue;
    if (auto snippet = FindIn(pattern, value)) return snippet;
  }
  return std::nullopt;
}

std::optional<std::string> FindInEvents(const TextPattern& pattern, std::string_view json) {
  if (json.empty() || !pattern.Matches(json)) return std::nullopt;
  element root;
  simdjson::dom::array events;
  if (Parse(json, &root) != simdjson::SUCCESS || root.get(events) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (const element event : events) {
    simdjson::dom::object attributes;
    if (event["attributes"].get(attributes) != simdjson::SUCCESS) continue;
    for (const auto& [key, value] : attributes) {
      if (auto snippet = FindIn(pattern, value)) return snippet;
    }
  }
  return std::nullopt;
}

}  // namespace ao::storage::local
