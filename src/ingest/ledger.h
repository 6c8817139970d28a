#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/prometheus_text.h"
#include "base/status.h"
#include "model/telemetry.h"

// Who sends what: counts per source (project, service, protocol) and in total, for the sources
// page and the server's own metrics. Receivers make a Receipt per request and book it once, under
// one lock, when the request is answered. The number of sources is bounded: later ones share the
// source whose service is "other". Thread-safe.

namespace ao::ingest {

// What is booked of one decoded request.
struct Receipt {
  struct Share {  // of one service in the request
    std::string service;
    uint64_t records = 0;
    // Attributes of spans that look as if they were about agents and that no dialect knows.
    std::map<std::string, uint64_t, std::less<>> unmapped = {};
  };
  std::string project;
  std::string protocol;  // "otlp/http/protobuf"
  model::Signal signal = model::Signal::kTraces;
  Nanos received = 0;
  Nanos newest = 0;  // event time in the request; 0: none
  uint64_t bytes = 0;
  std::vector<Share> shares;  // the first one answers for rejections and duplicates
  std::vector<model::Rejection> rejected;
};

// Takes from the batch what a receipt needs.
Receipt MakeReceipt(std::string project, std::string protocol, Nanos received,
                    const model::Batch& batch);

class Ledger {
 public:
  using ReasonCounts = std::map<std::string, uint64_t, std::less<>>;

  struct Counts {
    uint64_t requests = 0, failed_requests = 0, bytes = 0, duplicates = 0;
    uint64_t accepted[3] = {};  // by model::Signal
    ReasonCounts rejected[3];   // by model::Signal, then reason
  };
  struct Source {
    std::string project, service, protocol;
    Nanos last_seen = 0;
    Nanos lag = 0;  // arrival of the last request minus its newest event time
    Counts counts;
    ReasonCounts unmapped;  // agent-like attribute keys that no dialect knows; the rest is "other"
    std::string last_error;
    Nanos last_error_time = 0;
  };
  struct State {
    std::vector<Source> sources;  // by project, service, protocol
    Counts totals;
    // Requests turned away before there was a source to name, by reason ("too_large", ...).
    ReasonCounts refused;
    uint64_t overflowed_requests = 0;  // booked under "other"
  };

  explicit Ledger(size_t max_sources = 1000) : max_sources_(max_sources) {}

  // The request is durable; `duplicates` of its records were there already.
  void BookStored(const Receipt& receipt, uint64_t duplicates);
  // The request was decoded but could not be stored.
  void BookFailed(const Receipt& receipt, const Status& error);
  // The request could not be decoded. Its service is not known.
  void BookUndecodable(std::string_view project, std::string_view protocol, Nanos received,
                       const Status& error);
  // Refused without a look inside: too large, not authenticated, overloaded ...
  void BookRefused(std::string_view reason);

  State Snapshot() const;
  // The families ao_ingest_*.
  void AppendMetrics(PrometheusText* text) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;

  Source& SourceOf(std::string_view project, std::string_view service, std::string_view protocol);

  const size_t max_sources_;
  mutable std::mutex mutex_;
  std::map<Key, Source> sources_;  // guarded by mutex_, as are all below
  Counts totals_;
  ReasonCounts refused_;
  uint64_t overflowed_requests_ = 0;
};

}  // namespace ao::ingest
