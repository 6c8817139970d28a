#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "observatory/export.h"
#include "observatory/value.h"

// Counters, gauges and histograms, exported every 10 s. An instrument of one name in one meter is
// one, however often it is asked for. Instruments are thread-safe, trivially copyable and valid for
// the rest of the program; recording does not throw, and waits for nothing but a short lock.
// Histograms and counters keep an exemplar, with the trace that was current, per export.
//
// More than 2000 attribute sets of one instrument are added up in one with otel.metric.overflow.

namespace observatory {
namespace detail {
class Instrument;
struct Instrumentation;
}  // namespace detail

class OBSERVATORY_API Counter {
 public:
  // Below 0 is ignored, and so is NaN.
  void add(double value, Attributes attributes = {}) const noexcept;

 private:
  friend class Meter;
  explicit Counter(detail::Instrument* instrument) : instrument_(instrument) {}
  detail::Instrument* instrument_;
};

class OBSERVATORY_API UpDownCounter {
 public:
  void add(double value, Attributes attributes = {}) const noexcept;

 private:
  friend class Meter;
  explicit UpDownCounter(detail::Instrument* instrument) : instrument_(instrument) {}
  detail::Instrument* instrument_;
};

class OBSERVATORY_API Gauge {
 public:
  void set(double value, Attributes attributes = {}) const noexcept;

 private:
  friend class Meter;
  explicit Gauge(detail::Instrument* instrument) : instrument_(instrument) {}
  detail::Instrument* instrument_;
};

class OBSERVATORY_API Histogram {
 public:
  void record(double value, Attributes attributes = {}) const noexcept;

 private:
  friend class Meter;
  explicit Histogram(detail::Instrument* instrument) : instrument_(instrument) {}
  detail::Instrument* instrument_;
};

struct InstrumentOptions {
  std::string_view description = {}, unit = {};
  std::vector<double> boundaries = {};  // of histograms, rising; empty: those of OpenTelemetry
};

class OBSERVATORY_API Meter {
 public:
  Counter counter(std::string_view name, const InstrumentOptions& options = {}) const noexcept;
  UpDownCounter up_down_counter(std::string_view name,
                                const InstrumentOptions& options = {}) const noexcept;
  Gauge gauge(std::string_view name, const InstrumentOptions& options = {}) const noexcept;
  Histogram histogram(std::string_view name, const InstrumentOptions& options = {}) const noexcept;
  // Buckets that adapt to what is recorded: at most 160, a few percent wide while values stay within
  // two or three decades.
  Histogram exponential_histogram(std::string_view name,
                                  const InstrumentOptions& options = {}) const noexcept;
  // `read` is asked at each export, in the exporting thread; it must not throw.
  void observe(std::string_view name, std::function<double()> read,
               const InstrumentOptions& options = {}) const noexcept;

 private:
  friend class Sdk;
  explicit Meter(const detail::Instrumentation* scope) : scope_(scope) {}
  detail::Instrument* Find(int kind, std::string_view name,
                           const InstrumentOptions& options) const noexcept;
  const detail::Instrumentation* scope_;
};

// Of the global configuration. Unlike a tracer, an instrument belongs to the configuration that was
// there when it was made; before configure() it records nothing.
OBSERVATORY_API Meter meter(std::string_view name = {}, std::string_view version = {}) noexcept;

}  // namespace observatory
