#pragma once

#include <string_view>

#include "observatory/export.h"
#include "observatory/span.h"

namespace observatory {
namespace detail {
struct Instrumentation;
class Core;
}  // namespace detail

// Starts spans. Thread-safe, trivially copyable, valid for the rest of the program. One that was
// taken before configure() works from then on; without configure() its spans record nothing but
// still pass on the trace of their parent.
class OBSERVATORY_API Tracer {
 public:
  [[nodiscard]] Span start_span(std::string_view name) const noexcept;
  [[nodiscard]] Span start_span(std::string_view name, const SpanOptions& options) const noexcept;
  // The same, and current in this thread until the returned object goes out of scope.
  [[nodiscard]] ActiveSpan start_active_span(std::string_view name) const noexcept;
  [[nodiscard]] ActiveSpan start_active_span(std::string_view name,
                                             const SpanOptions& options) const noexcept;

 private:
  friend class Sdk;
  friend class ActiveSpan;
  explicit Tracer(const detail::Instrumentation* scope) : scope_(scope) {}
  // `options` may be null: a span without any is begun without making them first.
  Span Begin(std::string_view name, const SpanOptions* options) const noexcept;
  bool Sampled(const detail::Core& core, Span* span, std::string_view name,
               const SpanOptions* options, const SpanContext& parent,
               uint8_t random) const noexcept;
  void Record(detail::Core* core, Span* span, std::string_view name, const SpanOptions* options,
              const SpanContext& parent, const Context& current) const noexcept;
  const detail::Instrumentation* scope_;
};

}  // namespace observatory
