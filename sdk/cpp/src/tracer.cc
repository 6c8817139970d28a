#include "observatory/tracer.h"

#include <new>

#include "core.h"
#include "random.h"
#include "span_data.h"

namespace observatory {

using detail::Core;

namespace {

constinit const SpanContext kNoParent;

}  // namespace

// Inlined into both forms of start_span: an unsampled span costs little else.
[[gnu::always_inline]] inline Span Tracer::Begin(std::string_view name,
                                                 const SpanOptions* options) const noexcept {
  Core* core = scope_->core != nullptr ? scope_->core : Core::Global();
  const Context& current =
      options != nullptr && options->parent ? *options->parent : Context::current();
  const SpanContext& parent = options != nullptr && options->root ? kNoParent : current.span_;
  Span span;
  if (current.extras_) span.context_.extras_ = current.extras_;
  if (core == nullptr || core->disabled()) {
    span.context_.span_ = parent;
    return span;
  }
  const bool begins = !parent.valid();
  SpanContext& own = span.context_.span_;
  if (begins) {
    detail::NewIds(&own.trace_id_, &own.span_id_);
  } else {
    own.trace_id_ = parent.trace_id_;
    own.span_id_ = detail::NewSpanId();
  }
  if (parent.trace_state_) own.trace_state_ = parent.trace_state_;
  const auto random =
      static_cast<uint8_t>(begins ? SpanContext::kRandom : parent.flags_ & SpanContext::kRandom);
  bool record = false;
  switch (core->sampling()) {
    case Core::Sampling::kAlways: record = true; break;
    case Core::Sampling::kNever: break;
    case Core::Sampling::kParent: record = begins || parent.sampled(); break;
    case Core::Sampling::kAsk: record = Sampled(*core, &span, name, options, parent, random); break;
  }
  own.flags_ = static_cast<uint8_t>(random | (record ? SpanContext::kSampled : 0));
  if (record) Record(core, &span, name, options, parent, current);
  return span;
}

// What the sampler decides; its tracestate becomes the span's.
bool Tracer::Sampled(const Core& core, Span* span, std::string_view name,
                     const SpanOptions* options, const SpanContext& parent,
                     uint8_t random) const noexcept {
  SpanContext& own = span->context_.span_;
  const SpanKind kind = options != nullptr ? options->kind : SpanKind::kInternal;
  const Attributes attributes = options != nullptr ? options->attributes : Attributes();
  SamplingDecision decision =
      core.sampler().should_sample({parent, own.trace_id_, random, name, kind, attributes});
  if (decision.trace_state) {
    own = SpanContext(own.trace_id_, own.span_id_, 0, false, *decision.trace_state);
  }
  return decision.record;
}

Span Tracer::start_span(std::string_view name) const noexcept { return Begin(name, nullptr); }
Span Tracer::start_span(std::string_view name, const SpanOptions& options) const noexcept {
  return Begin(name, &options);
}

// Begins the recording of a span whose identity is known.
void Tracer::Record(Core* core, Span* span, std::string_view name, const SpanOptions* options,
                    const SpanContext& parent, const Context& current) const noexcept {
  detail::Record* record = detail::TakeRecord();
  auto* data =
      record != nullptr ? new (std::nothrow) detail::SpanData(core, scope_, record) : nullptr;
  if (data == nullptr) {
    detail::ReturnRecords(record);
    return;
  }
  const int64_t steady = core->SteadyNanos();
  int64_t& offset = span->context_.clock_offset_;
  offset = options != nullptr && options->root ? 0 : current.clock_offset_;
  // The spans of a local trace share one reading of the wall clock, so that they fit together.
  if (offset == 0) offset = core->UnixNanos() - steady;
  const int64_t now = steady + offset;
  const int64_t start = options != nullptr ? options->start_time_ns.value_or(now) : now;
  const SpanKind kind = options != nullptr ? options->kind : SpanKind::kInternal;
  data->Start(name, kind, span->context_.span_, parent, start, steady);
  span->context_.recording_ = detail::Ref<detail::SpanData>::Adopt(data);
  if (options != nullptr) {
    for (const Attribute& attribute : options->attributes) {
      data->SetAttribute(attribute.key, attribute.value);
    }
    for (const Link& link : options->links) data->AddLink(link.context, link.attributes);
  }
  if (core->watches_spans()) core->OnStart(*span, current);
}

ActiveSpan::ActiveSpan(const Tracer& tracer, std::string_view name,
                       const SpanOptions* options) noexcept
    : span_(tracer.Begin(name, options)), scope_(span_) {}

ActiveSpan Tracer::start_active_span(std::string_view name) const noexcept {
  return {*this, name, nullptr};
}
ActiveSpan Tracer::start_active_span(std::string_view name,
                                     const SpanOptions& options) const noexcept {
  return {*this, name, &options};
}

}  // namespace observatory
