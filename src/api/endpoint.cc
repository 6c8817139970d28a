#include "api/endpoint.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "api/time_text.h"
#include "base/utf8.h"

namespace ao::api {
namespace {

template <typename T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

bool IsChoice(std::string_view choices, std::string_view value) {
  while (true) {
    const size_t bar = choices.find('|');
    if (choices.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) return false;
    choices.remove_prefix(bar + 1);
  }
}

Result<Arguments::Value> ParseInteger(const Parameter& parameter, std::string_view text) {
  const auto value = ParseWhole<int64_t>(text);
  if (!value) return InvalidArgument(fmt::format("{} is not an integer", Quoted(text)));
  if (*value >= parameter.min && *value <= parameter.max) return Arguments::Value(*value);
  if (parameter.max == std::numeric_limits<int64_t>::max()) {
    return InvalidArgument(fmt::format("{} is less than {}", *value, parameter.min));
  }
  return InvalidArgument(
      fmt::format("{} is not between {} and {}", *value, parameter.min, parameter.max));
}

Result<Arguments::Value> ParseValue(const Parameter& parameter, std::string_view text, Nanos now) {
  switch (parameter.type) {
    case Type::kText: return Arguments::Value(text);
    case Type::kInteger: return ParseInteger(parameter, text);
    case Type::kNumber: {
      const auto value = ParseWhole<double>(text);
      if (value && std::isfinite(*value)) return Arguments::Value(*value);
      return InvalidArgument(fmt::format("{} is not a number", Quoted(text)));
    }
    case Type::kTime: {
      AO_ASSIGN_OR_RETURN(const Nanos time, ParseTime(text, now));
      return Arguments::Value(time);
    }
    case Type::kDuration: {
      AO_ASSIGN_OR_RETURN(const Nanos duration, ParseDuration(text));
      return Arguments::Value(duration);
    }
    case Type::kTraceId: {
      const auto id = TraceId::FromHex(text);
      if (id && !id->empty()) return Arguments::Value(*id);
      return InvalidArgument(fmt::format("{} is not a trace id", Quoted(text)),
                             "a trace id is 32 hex digits, not all zero");
    }
    case Type::kSpanId: {
      const auto id = SpanId::FromHex(text);
      if (id && !id->empty()) return Arguments::Value(*id);
      return InvalidArgument(fmt::format("{} is not a span id", Quoted(text)),
                             "a span id is 16 hex digits, not all zero");
    }
    case Type::kChoice:
      if (IsChoice(parameter.choices, text)) return Arguments::Value(text);
      return InvalidArgument(fmt::format("{} is not one of {}", Quoted(text), parameter.choices));
  }
  return Internal("unknown parameter type");
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

Status UnknownParameter(const Endpoint& endpoint, std::string_view name) {
  std::vector<std::string_view> names;
  std::string all;
  for (const Parameter& p : endpoint.parameters) {
    if (IsPathParameter(endpoint, p.name)) continue;
    names.push_back(p.name);
    all += all.empty() ? "" : ", ";
    all += p.name;
  }
  const std::string_view nearest = NearestName(name, names);
  std::string hint = !nearest.empty() ? fmt::format("did you mean \"{}\"?", nearest)
                     : all.empty()    ? std::string("this endpoint takes no query parameters")
                                      : fmt::format("known parameters: {}", all);
  return InvalidArgument(
      fmt::format("cannot read parameter {}: there is no such parameter", Quoted(name)),
      std::move(hint));
}

}  // namespace

std::optional<int64_t> Arguments::integer(std::string_view name) const {
  const Value* value = Find(name);
  return value != nullptr ? std::optional(std::get<int64_t>(*value)) : std::nullopt;
}

std::optional<double> Arguments::number(std::string_view name) const {
  const Value* value = Find(name);
  return value != nullptr ? std::optional(std::get<double>(*value)) : std::nullopt;
}

const Arguments::Value* Arguments::Find(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return &value;
  }
  return nullptr;
}

bool IsPathParameter(const Endpoint& endpoint, std::string_view name) {
  return endpoint.pattern.find(fmt::format("{{{}}}", name)) != std::string_view::npos;
}

std::string_view NearestName(std::string_view name,
                             const std::vector<std::string_view>& candidates) {
  name = name.substr(0, 64);
  std::string_view nearest;
  size_t best = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const size_t distance = EditDistance(name, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  const std::string_view shown = Utf8Prefix(text, 60);
  for (size_t at = 0; at < shown.size();) {
    const size_t length = Utf8SequenceLength(shown.substr(at));
    const auto byte = static_cast<uint8_t>(shown[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      out.push_back('?');
    } else {
      out.append(shown.substr(at, length));
    }
    at += std::max<size_t>(length, 1);
  }
  out += shown.size() < text.size() ? "...\"" : "\"";
  return out;
}

Result<Arguments> ParseArguments(const Endpoint& endpoint, const net::HttpRequest& request,
                                 Nanos now) {
  for (const auto& [name, value] : request.query) {
    const auto declared = std::find_if(endpoint.parameters.begin(), endpoint.parameters.end(),
                                       [&, &key = name](const auto& p) {
                                         return p.name == key && !IsPathParameter(endpoint, p.name);
                                       });
    if (declared == endpoint.parameters.end()) return UnknownParameter(endpoint, name);
    const auto times = std::count_if(request.query.begin(), request.query.end(),
                                     [&, &key = name](const auto& q) { return q.first == key; });
    if (times > 1) {
      return InvalidArgument(
          fmt::format("cannot read parameter \"{}\": it is given {} times", name, times));
    }
  }
  Arguments arguments;
  for (const Parameter& parameter : endpoint.parameters) {
    std::string_view text;
    if (IsPathParameter(endpoint, parameter.name)) {
      text = request.path_parameter(parameter.name);
    } else {
      text = request.parameter(parameter.name).value_or(std::string_view());
      if (text.empty()) text = parameter.fallback;
      if (text.empty()) continue;
    }
    Result<Arguments::Value> value = ParseValue(parameter, text, now);
    if (!value.ok()) {
      return value.status().WithContext(
          fmt::format("cannot read parameter \"{}\"", parameter.name));
    }
    arguments.Set(parameter.name, *value);
  }
  return arguments;
}

}  // namespace ao::api
