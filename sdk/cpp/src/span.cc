#include "observatory/span.h"

#include <string>
#include <vector>

#include "core.h"
#include "observatory/traced.h"
#include "span_data.h"

namespace observatory {

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  if (owner_) end();
  context_ = std::move(other.context_);
  owner_ = other.owner_;
  return *this;
}

Span& Span::set_attribute(std::string_view key, const AttributeValue& value) noexcept {
  if (context_.recording_) context_.recording_->SetAttribute(key, value);
  return *this;
}

Span& Span::set_attributes(Attributes attributes) noexcept {
  for (const Attribute& attribute : attributes) set_attribute(attribute.key, attribute.value);
  return *this;
}

Span& Span::add_event(std::string_view name, Attributes attributes,
                      std::optional<int64_t> time_ns) noexcept {
  if (!context_.recording_) return *this;
  const detail::Core* core = context_.recording_->core();
  const int64_t now = core->SteadyNanos() + context_.clock_offset_;
  context_.recording_->AddEvent(name, {attributes.begin(), attributes.size()}, time_ns.value_or(now));
  return *this;
}

Span& Span::add_link(const SpanContext& context, Attributes attributes) noexcept {
  if (context_.recording_) context_.recording_->AddLink(context, attributes);
  return *this;
}

Span& Span::set_status(StatusCode code, std::string_view description) noexcept {
  if (context_.recording_) context_.recording_->SetStatus(code, description);
  return *this;
}

Span& Span::record_exception(const std::exception& error, Attributes attributes) noexcept {
  if (!recording()) return *this;
  return record_exception(detail::TypeName(error), error.what(), attributes);
}

Span& Span::record_exception(std::string_view type, std::string_view message,
                             Attributes attributes) noexcept {
  if (!recording()) return *this;
  std::vector<Attribute> all = {{"exception.type", type}, {"exception.message", message}};
  all.insert(all.end(), attributes.begin(), attributes.end());
  const int64_t now = context_.recording_->core()->SteadyNanos() + context_.clock_offset_;
  context_.recording_->AddEvent("exception", all, now);
  return *this;
}

Span& Span::record_error(const std::exception& error) noexcept {
  if (!recording()) return *this;
  return record_error(detail::TypeName(error), error.what());
}

Span& Span::record_error(std::string_view type, std::string_view message) noexcept {
  return record_exception(type, message)
      .set_attribute("error.type", type)
      .set_status(StatusCode::kError, message);
}

Span& Span::update_name(std::string_view name) noexcept {
  if (context_.recording_) context_.recording_->SetName(name);
  return *this;
}

void Span::end(std::optional<int64_t> time_ns) noexcept {
  if (context_.recording_) context_.recording_->End(context_.span_, time_ns);
}

bool Span::recording() const noexcept {
  return context_.recording_ && !context_.recording_->ended();
}

ActiveSpan& ActiveSpan::operator=(ActiveSpan&& other) noexcept {
  if (this == &other) return *this;
  end();
  span_ = std::move(other.span_);
  scope_ = std::move(other.scope_);
  return *this;
}

}  // namespace observatory
