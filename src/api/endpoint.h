#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "net/http.h"

// How an endpoint is declared: the table entry is at once the route, the check of its parameters
// and its description in /api/v1/openapi.json. Handlers see only parameters that were declared and
// are well-formed.

namespace ao::api {

struct Context;

enum class Type : uint8_t {
  kText,
  kInteger,
  kNumber,
  kTime,      // as time_text.h reads it
  kDuration,  // likewise
  kTraceId,
  kSpanId,
  kChoice,  // one of `choices`
};

struct Parameter {
  std::string_view name;
  Type type = Type::kText;
  std::string_view doc;
  std::string_view choices = {};                               // kChoice: "asc|desc"
  std::string_view fallback = {};                              // taken when the parameter is absent
  int64_t min = 0, max = std::numeric_limits<int64_t>::max();  // kInteger, both inclusive
};

// The checked values of the declared parameters. Views live as long as the request.
class Arguments {
 public:
  using Value = std::variant<std::string_view, int64_t, double, TraceId, SpanId>;

  bool has(std::string_view name) const { return Find(name) != nullptr; }
  // Each accessor asks for the declared type; absent: empty, nullopt, 0 or the empty id.
  std::string_view text(std::string_view name) const { return Get<std::string_view>(name); }
  std::string string(std::string_view name) const { return std::string(text(name)); }
  std::optional<int64_t> integer(std::string_view name) const;  // kInteger, kDuration
  std::optional<double> number(std::string_view name) const;
  Nanos time(std::string_view name) const { return Get<int64_t>(name); }
  TraceId trace_id(std::string_view name) const { return Get<TraceId>(name); }
  SpanId span_id(std::string_view name) const { return Get<SpanId>(name); }

  void Set(std::string_view name, Value value) { values_.emplace_back(name, value); }

 private:
  const Value* Find(std::string_view name) const;
  template <typename T>
  T Get(std::string_view name) const {
    const Value* value = Find(name);
    return value != nullptr ? std::get<T>(*value) : T{};
  }

  std::vector<std::pair<std::string_view, Value>> values_;
};

struct Call {
  const net::HttpRequest& request;
  const Arguments& arguments;
  const std::string& project;
};

// Answers at once, or takes the reply along to stream.
using Answer = Result<net::HttpResponse> (*)(Context& context, const Call& call);
using StreamAnswer = void (*)(Context& context, const Call& call, net::ReplyPtr reply);

struct Endpoint {
  std::string_view method;
  std::string_view pattern;  // "/api/v1/traces/{id}": {names} are parameters too
  net::Access access = net::Access::kRead;
  std::string_view summary;
  std::vector<Parameter> parameters = {};
  std::string_view response;  // what a 200 holds, in a sentence or two
  std::variant<Answer, StreamAnswer> handler;
  std::string_view content_type = "application/json";  // of the 200
  std::string_view body = {};                          // what the request's body holds
};

// Checks the request against the declaration; `now` is what relative times are relative to. A
// query parameter that is unknown, given twice or malformed is invalid_argument; an empty one
// counts as absent.
Result<Arguments> ParseArguments(const Endpoint& endpoint, const net::HttpRequest& request,
                                 Nanos now);

bool IsPathParameter(const Endpoint& endpoint, std::string_view name);

// The candidate that `name` is most likely a misspelling of; empty when none is near.
std::string_view NearestName(std::string_view name,
                             const std::vector<std::string_view>& candidates);

// `text` as it may stand in an error message: printable, at most 60 code points.
std::string Quoted(std::string_view text);

}  // namespace ao::api
