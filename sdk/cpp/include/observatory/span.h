#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "observatory/context.h"
#include "observatory/export.h"
#include "observatory/value.h"

namespace observatory {

class Tracer;

enum class SpanKind : uint8_t { kInternal = 1, kServer, kClient, kProducer, kConsumer };
enum class StatusCode : uint8_t { kUnset = 0, kOk = 1, kError = 2 };

// To another span, of this trace or another: fan-in, or the message that caused this work.
struct Link {
  SpanContext context;
  Attributes attributes = {};
};

struct SpanOptions {
  SpanKind kind = SpanKind::kInternal;
  std::optional<Context> parent = std::nullopt;  // absent: the current context
  bool root = false;                             // begin a new trace, whatever is current
  Attributes attributes = {};
  std::initializer_list<Link> links = {};
  std::optional<int64_t> start_time_ns = std::nullopt;  // Unix time; absent: now
};

// One operation, from when it starts until end() or destruction. Move-only.
//
// A span that is not sampled, or empty, or has ended takes every call and does nothing. Calls may
// come from several threads; moving and destroying may not. Nothing throws or waits; what exceeds
// the limits of Options is left out and counted on the span.
class OBSERVATORY_API Span {
 public:
  Span() = default;
  Span(Span&& other) noexcept = default;
  Span& operator=(Span&& other) noexcept;
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span() {
    if (context_.recording_ && owner_) end();
  }

  // Sets, or replaces. An empty key is ignored.
  Span& set_attribute(std::string_view key, const AttributeValue& value) noexcept {
    if (context_.recording_) SetRecorded(key, value);
    return *this;
  }
  Span& set_attributes(Attributes attributes) noexcept;
  Span& add_event(std::string_view name, Attributes attributes = {},
                  std::optional<int64_t> time_ns = std::nullopt) noexcept;
  Span& add_link(const SpanContext& context, Attributes attributes = {}) noexcept;
  // kOk is final. The description is kept for errors only.
  Span& set_status(StatusCode code, std::string_view description = {}) noexcept;
  // Event "exception" with type and message; does not set the status.
  Span& record_exception(const std::exception& error, Attributes attributes = {}) noexcept;
  Span& record_exception(std::string_view type, std::string_view message,
                         Attributes attributes = {}) noexcept;
  // record_exception, status ERROR with the message, and error.type.
  Span& record_error(const std::exception& error) noexcept;
  Span& record_error(std::string_view type, std::string_view message) noexcept;
  Span& update_name(std::string_view name) noexcept;

  void end(std::optional<int64_t> time_ns = std::nullopt) noexcept;

  bool recording() const noexcept;
  const SpanContext& span_context() const { return context_.span_; }
  const TraceId& trace_id() const { return context_.span_.trace_id_; }
  const SpanId& span_id() const { return context_.span_.span_id_; }
  // The current context when the span started, with this span in it: capture it, attach it.
  const Context& context() const { return context_; }

 private:
  friend class Context;
  friend class Tracer;
  void SetRecorded(std::string_view key, const AttributeValue& value) noexcept;
  Context context_;
  bool owner_ = true;  // false: a view from Context::span(), which does not end it
};

// A span together with the scope in which it is current.
class OBSERVATORY_API ActiveSpan {
 public:
  ActiveSpan() = default;
  explicit ActiveSpan(Span span) noexcept : span_(std::move(span)), scope_(span_) {}
  ActiveSpan(ActiveSpan&& other) noexcept = default;
  ActiveSpan& operator=(ActiveSpan&& other) noexcept;
  ~ActiveSpan() { end(); }

  Span* operator->() { return &span_; }
  Span& span() { return span_; }
  // No longer current, then ended.
  void end() noexcept {
    scope_.detach();
    span_.end();
  }

 private:
  friend class Tracer;
  // Begun in place, without moving.
  ActiveSpan(const Tracer& tracer, std::string_view name, const SpanOptions* options) noexcept;
  Span span_;
  Scope scope_;
};

// The span that is current in this thread, for adding to it. It does not end it.
inline Span current_span() noexcept { return Context::current().span(); }

}  // namespace observatory
