#include "observatory/context.h"

#include <new>

#include "context_state.h"
#include "observatory/span.h"
#include "span_data.h"

namespace observatory {
namespace detail {

Shared::~Shared() = default;

}  // namespace detail

namespace {

// The current context of a thread, in storage that needs neither construction nor destruction, so
// that reading it costs nothing: a Context of zero bytes is an empty one.
alignas(Context) constinit thread_local unsigned char current_storage[sizeof(Context)] = {};

Context& Current() noexcept { return *std::launder(reinterpret_cast<Context*>(current_storage)); }

const Baggage kNoBaggage;

detail::Ref<detail::Extras> CopyOf(const detail::Ref<detail::Extras>& extras) {
  auto copy = detail::Ref<detail::Extras>::Adopt(new detail::Extras);
  if (extras) {
    copy->baggage = extras->baggage;
    copy->values = extras->values;
  }
  return copy;
}

}  // namespace

SpanContext::SpanContext(TraceId trace_id, SpanId span_id, uint8_t flags, bool remote,
                         std::string_view trace_state)
    : SpanContext(trace_id, span_id, flags, remote) {
  if (trace_state.empty()) return;
  try {
    trace_state_ = detail::Ref<detail::SharedText>::Adopt(new detail::SharedText(trace_state));
  } catch (const std::bad_alloc&) {  // then without it
  }
}

std::string_view SpanContext::trace_state() const {
  return trace_state_ ? std::string_view(trace_state_->text) : std::string_view();
}

const Context& Context::current() noexcept { return Current(); }

Context Context::exchange(Context context) noexcept {
  std::swap(context, Current());
  return context;
}

Span Context::span() const noexcept {
  Span span;
  span.context_ = *this;
  span.owner_ = false;
  return span;
}

const Baggage& Context::baggage() const noexcept {
  return extras_ && extras_->baggage ? *extras_->baggage : kNoBaggage;
}

std::string_view Context::baggage_value(std::string_view key) const noexcept {
  for (const BaggageEntry& entry : baggage()) {
    if (entry.key == key) return entry.value;
  }
  return {};
}

Context Context::with_baggage(std::string_view key, std::string_view value) const {
  Baggage changed = baggage();
  for (BaggageEntry& entry : changed) {
    if (entry.key == key) {
      entry.value = value;
      return with_baggage(std::move(changed));
    }
  }
  changed.push_back({std::string(key), std::string(value), {}});
  return with_baggage(std::move(changed));
}

Context Context::with_baggage(Baggage baggage) const {
  Context context = *this;
  context.extras_ = CopyOf(extras_);
  context.extras_->baggage = std::make_shared<const Baggage>(std::move(baggage));
  return context;
}

Context Context::with_span(SpanContext span) const {
  Context context(std::move(span));
  context.extras_ = extras_;
  return context;
}

Context Context::with_value(const void* key, std::shared_ptr<void> value) const {
  Context context = *this;
  context.extras_ = CopyOf(extras_);
  for (auto& [known, held] : context.extras_->values) {
    if (known == key) {
      held = std::move(value);
      return context;
    }
  }
  context.extras_->values.emplace_back(key, std::move(value));
  return context;
}

std::shared_ptr<void> Context::value(const void* key) const noexcept {
  if (!extras_) return nullptr;
  for (const auto& [known, held] : extras_->values) {
    if (known == key) return held;
  }
  return nullptr;
}

Scope::Scope(Context context) noexcept
    : previous_(std::exchange(Current(), std::move(context))), attached_(true) {}

Scope::Scope(const Span& span) noexcept : previous_(std::move(Current())), attached_(true) {
  Current() = span.context();
}

Scope::Scope(Scope&& other) noexcept
    : previous_(std::move(other.previous_)), attached_(std::exchange(other.attached_, false)) {}

Scope& Scope::operator=(Scope&& other) noexcept {
  if (this == &other) return *this;
  detach();
  previous_ = std::move(other.previous_);
  attached_ = std::exchange(other.attached_, false);
  return *this;
}

void Scope::detach() noexcept {
  if (!attached_) return;
  attached_ = false;
  Current() = std::move(previous_);
}

}  // namespace observatory
