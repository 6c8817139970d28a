#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "observatory/export.h"
#include "observatory/ids.h"
#include "observatory/ref.h"

// What is current: the span that new spans become children of, baggage, and values of the program.
//
// A Context is a value of 64 bytes; copying one is cheap and allocates nothing. Each thread has a
// current one. To carry it elsewhere, capture a copy and attach it there:
//
//   std::thread worker([context = Context::current()] { Scope scope(context); ... });
//   pool.post(bind_context([] { ... }));
//
// Coroutines: observatory/coroutine.h. Every type here is thread-compatible; nothing throws.

namespace observatory {

class Span;

// Who a span is, across processes. Immutable.
class SpanContext {
 public:
  static constexpr uint8_t kSampled = 1, kRandom = 2;

  SpanContext() = default;
  SpanContext(TraceId trace_id, SpanId span_id, uint8_t flags, bool remote)
      : trace_id_(trace_id), span_id_(span_id), flags_(flags), remote_(remote) {}
  OBSERVATORY_API SpanContext(TraceId trace_id, SpanId span_id, uint8_t flags, bool remote,
                              std::string_view trace_state);

  bool valid() const { return trace_id_.valid() && span_id_.valid(); }
  const TraceId& trace_id() const { return trace_id_; }
  const SpanId& span_id() const { return span_id_; }
  uint8_t flags() const { return flags_; }
  bool sampled() const { return (flags_ & kSampled) != 0; }
  bool remote() const { return remote_; }                // came from another process
  OBSERVATORY_API std::string_view trace_state() const;  // W3C tracestate, or empty

 private:
  friend class Context;
  friend class Span;
  friend class Tracer;
  TraceId trace_id_;
  SpanId span_id_;
  uint8_t flags_ = 0;
  bool remote_ = false;
  detail::Ref<detail::SharedText> trace_state_;
};

// Small facts that travel with the trace to every service (W3C baggage). Never put secrets here.
struct BaggageEntry {
  std::string key, value;
  std::string metadata;  // properties, as sent
  friend bool operator==(const BaggageEntry&, const BaggageEntry&) = default;
};
using Baggage = std::vector<BaggageEntry>;

class OBSERVATORY_API Context {
 public:
  Context() = default;  // nothing current
  // With this span as the parent of what starts under it.
  explicit Context(SpanContext span) : span_(std::move(span)) {}

  // The one of this thread.
  static const Context& current() noexcept;

  const SpanContext& span_context() const { return span_; }
  // The span itself, for adding to it; does nothing when it is remote, unsampled or has ended.
  Span span() const noexcept;

  const Baggage& baggage() const noexcept;
  std::string_view baggage_value(std::string_view key) const noexcept;  // empty: not there
  Context with_baggage(std::string_view key, std::string_view value) const;
  Context with_baggage(Baggage baggage) const;
  Context with_span(SpanContext span) const;

  // Values of the program: keys are compared by address.
  Context with_value(const void* key, std::shared_ptr<void> value) const;
  std::shared_ptr<void> value(const void* key) const noexcept;  // null: not there

  // Makes `context` current in this thread and returns what was. Scope does this in pairs.
  static Context exchange(Context context) noexcept;

 private:
  friend class Span;
  friend class Tracer;
  friend class detail::SpanData;
  SpanContext span_;
  int64_t clock_offset_ = 0;  // system minus steady clock in its local trace; 0: unknown
  detail::Ref<detail::SpanData> recording_;
  detail::Ref<detail::Extras> extras_;
};

// Makes a context, or a span, current in this thread until it goes out of scope. Scopes end in
// reverse order, in the thread that began them.
class OBSERVATORY_API Scope {
 public:
  Scope() = default;  // changes nothing
  [[nodiscard]] explicit Scope(Context context) noexcept;
  [[nodiscard]] explicit Scope(const Span& span) noexcept;
  Scope(Scope&& other) noexcept;
  Scope& operator=(Scope&& other) noexcept;
  ~Scope() { detach(); }
  void detach() noexcept;  // ends it now; twice is fine

 private:
  Context previous_;
  bool attached_ = false;
};

// A callable that runs `function` under the context that is current now, wherever it is called.
template <typename F>
auto bind_context(F&& function) {
  return [context = Context::current(),
          function = std::forward<F>(function)](auto&&... arguments) mutable -> decltype(auto) {
    Scope scope(context);
    return function(std::forward<decltype(arguments)>(arguments)...);
  };
}

}  // namespace observatory
