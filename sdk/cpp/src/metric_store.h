#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exponential.h"
#include "observatory/ids.h"
#include "observatory/metrics.h"
#include "observatory/sdk.h"
#include "record.h"

namespace observatory::detail {

class Core;
struct Instrumentation;

enum class InstrumentKind : int { kCounter, kUpDown, kGauge, kHistogram, kExponential, kObserved };

// The measurement that explains a number: its trace.
struct Exemplar {
  double value = 0;
  int64_t time_ns = 0;
  TraceId trace_id;  // all zeros: none
  SpanId span_id;
};

// One attribute set of an instrument.
struct Series {
  std::string attributes;  // encoded KeyValue fields, as field 7 of a data point
  std::string plain;       // the same as field 1, as exponential histograms want them
  int64_t start_ns = 0;
  double sum = 0;
  uint64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  std::vector<uint64_t> buckets;
  ExponentialHistogram exponential;
  std::vector<Exemplar> exemplars;  // by bucket; one for what has none
};

// Thread-safe.
class Instrument {
 public:
  static constexpr size_t kMaxSeries = 2000;

  Instrument(Core* core, const Instrumentation* scope, InstrumentKind kind, std::string_view name,
             const InstrumentOptions& options);

  void Record(double value, Attributes attributes) noexcept;
  // A Metric message; null when nothing was recorded.
  detail::Record* Encode(int64_t now, bool delta);
  bool Is(const Instrumentation* scope, std::string_view name) const {
    return scope_ == scope && name_ == name;
  }
  void SetObserver(std::function<double()> read) { observer_ = std::move(read); }

  void LockForFork() noexcept { mutex_.lock(); }
  void UnlockAfterFork() noexcept { mutex_.unlock(); }
  void ResetInChild(int64_t now) noexcept;

 private:
  Series* Find(Attributes attributes);  // under the lock
  void Add(Series* series, double value);
  void KeepExemplar(Series* series, size_t bucket, double value);
  void EncodePoint(const Series& series, int64_t now, Buffer* out) const;
  void EncodeNumber(const Series& series, int64_t now, Buffer* out) const;
  void EncodeHistogram(const Series& series, int64_t now, Buffer* out) const;
  void EncodeExponential(const Series& series, int64_t now, Buffer* out) const;
  void EncodeExemplars(const Series& series, uint32_t field, Buffer* out) const;

  Core* const core_;
  const Instrumentation* const scope_;
  const InstrumentKind kind_;
  const std::string name_, description_, unit_;
  std::vector<double> boundaries_;
  std::function<double()> observer_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<std::string, Series> series_;
  bool whole_ = true;  // only whole numbers so far
  int64_t began_ns_;   // of the next delta
};

// All instruments of a core. Thread-safe; instruments live for ever.
class MetricStore {
 public:
  explicit MetricStore(Core* core) : core_(core) {}

  Instrument* Find(const Instrumentation* scope, InstrumentKind kind, std::string_view name,
                   const InstrumentOptions& options);
  // Hands every instrument's figures to the metrics lane; in its thread.
  void Collect();

  void LockForFork() noexcept;
  void UnlockAfterFork() noexcept;
  void ResetInChild() noexcept;

 private:
  void CollectOwn();

  Core* const core_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Instrument>> instruments_;  // guarded by mutex_
  ExportStats reported_[3];                               // only Collect uses it
};

}  // namespace observatory::detail
