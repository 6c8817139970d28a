#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "observatory/context.h"
#include "observatory/export.h"
#include "observatory/value.h"

// Carries the trace, and baggage, from one process to the next: W3C traceparent, tracestate and
// baggage. inject_* takes from a context (the current one unless given) and extract_* makes a
// context whose span is remote; what is malformed is ignored, as the W3C recommendations say.
//
//   client: for (auto& [name, value] : Propagator().headers()) request.set(name, value);
//   server: auto span = execute("researcher", {.parent = Propagator().extract_headers(headers)});
//
// Thread-safe. Nothing here throws but std::bad_alloc.

namespace observatory {

class OBSERVATORY_API Propagator {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  // Gets the value of a name, absent when there is none.
  using Getter = std::function<std::optional<std::string>(std::string_view name)>;
  using Setter = std::function<void(std::string_view name, std::string_view value)>;

  // OTEL_PROPAGATORS, else trace context and baggage.
  Propagator();
  Propagator(bool trace_context, bool baggage) : trace_context_(trace_context), baggage_(baggage) {}

  // Any carrier of names and values.
  void inject(const Setter& set, const Context& context = Context::current()) const;
  Context extract(const Getter& get, const Context& base = Context::current()) const;

  // HTTP headers, Redis stream fields, Kafka record headers (values as UTF-8 bytes) and AMQP
  // headers (long strings) are all pairs. Names are compared without case; of several tracestate
  // or baggage headers all count, of several traceparent none does for HTTP and the last for Kafka.
  Pairs headers(const Context& context = Context::current()) const;
  Context extract_headers(const Pairs& headers, const Context& base = Context::current()) const;
  Pairs kafka_headers(const Context& context = Context::current()) const;
  Context extract_kafka_headers(const Pairs& headers,
                                const Context& base = Context::current()) const;
  Pairs amqp_headers(const Context& context = Context::current()) const;
  Context extract_amqp_headers(const Pairs& headers,
                               const Context& base = Context::current()) const;
  Pairs redis_fields(const Context& context = Context::current()) const;
  Context extract_redis_fields(const Pairs& fields, const Context& base = Context::current()) const;

  // A message payload: the member `trace_context` of a map, a map of names and values itself.
  void inject_message(Value::Map* message, const Context& context = Context::current()) const;
  Context extract_message(const Value& message, const Context& base = Context::current()) const;
  // The same as text, for a payload that you build as JSON: {"traceparent": "...", ...}.
  std::string trace_context_json(const Context& context = Context::current()) const;
  // The `trace_context` member of a JSON payload, or the object of trace_context_json itself.
  Context extract_json(std::string_view json, const Context& base = Context::current()) const;

  // MCP: the params of a request; writes to, and reads from, their member `_meta`.
  void inject_mcp(Value::Map* params, const Context& context = Context::current()) const;
  Context extract_mcp(const Value& params, const Context& base = Context::current()) const;

  // TRACEPARENT, TRACESTATE and BAGGAGE: for the environment of a child process, and from one's
  // own.
  Pairs environment(const Context& context = Context::current()) const;
  Context extract_environment(const Context& base = Context::current()) const;

 private:
  bool trace_context_ = true, baggage_ = true;
};

// "00-<trace id>-<span id>-<flags>"; empty for an invalid context.
OBSERVATORY_API std::string format_traceparent(const SpanContext& context);
// Remote; invalid when `text` is malformed.
OBSERVATORY_API SpanContext parse_traceparent(std::string_view text,
                                              std::string_view tracestate = {});
OBSERVATORY_API std::string format_baggage(const Baggage& baggage);
OBSERVATORY_API Baggage parse_baggage(std::string_view text);

}  // namespace observatory
