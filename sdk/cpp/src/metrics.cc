#include "observatory/metrics.h"

#include <utility>

#include "core.h"
#include "metric_store.h"

namespace observatory {

using detail::InstrumentKind;

detail::Instrument* Meter::Find(int kind, std::string_view name,
                                const InstrumentOptions& options) const noexcept {
  detail::Core* core = scope_->core != nullptr ? scope_->core : detail::Core::Global();
  if (core == nullptr || core->disabled() || name.empty()) return nullptr;
  return core->metrics().Find(scope_, static_cast<InstrumentKind>(kind), name, options);
}

Counter Meter::counter(std::string_view name, const InstrumentOptions& options) const noexcept {
  return Counter(Find(static_cast<int>(InstrumentKind::kCounter), name, options));
}
UpDownCounter Meter::up_down_counter(std::string_view name,
                                     const InstrumentOptions& options) const noexcept {
  return UpDownCounter(Find(static_cast<int>(InstrumentKind::kUpDown), name, options));
}
Gauge Meter::gauge(std::string_view name, const InstrumentOptions& options) const noexcept {
  return Gauge(Find(static_cast<int>(InstrumentKind::kGauge), name, options));
}
Histogram Meter::histogram(std::string_view name, const InstrumentOptions& options) const noexcept {
  return Histogram(Find(static_cast<int>(InstrumentKind::kHistogram), name, options));
}
Histogram Meter::exponential_histogram(std::string_view name,
                                       const InstrumentOptions& options) const noexcept {
  return Histogram(Find(static_cast<int>(InstrumentKind::kExponential), name, options));
}
void Meter::observe(std::string_view name, std::function<double()> read,
                    const InstrumentOptions& options) const noexcept {
  auto* instrument = Find(static_cast<int>(InstrumentKind::kObserved), name, options);
  if (instrument != nullptr) instrument->SetObserver(std::move(read));
}

void Counter::add(double value, Attributes attributes) const noexcept {
  if (instrument_ != nullptr) instrument_->Record(value, attributes);
}
void UpDownCounter::add(double value, Attributes attributes) const noexcept {
  if (instrument_ != nullptr) instrument_->Record(value, attributes);
}
void Gauge::set(double value, Attributes attributes) const noexcept {
  if (instrument_ != nullptr) instrument_->Record(value, attributes);
}
void Histogram::record(double value, Attributes attributes) const noexcept {
  if (instrument_ != nullptr) instrument_->Record(value, attributes);
}

Meter meter(std::string_view name, std::string_view version) noexcept {
  return sdk().meter(name, version);
}

Meter Sdk::meter(std::string_view name, std::string_view version) const noexcept {
  return Meter(detail::Core::Intern(core_, name, version));
}

}  // namespace observatory
