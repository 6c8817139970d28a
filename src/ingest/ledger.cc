#include "ingest/ledger.h"

#include <algorithm>

#include "base/utf8.h"
#include "semconv/canonicalize.h"

namespace ao::ingest {
namespace {

using model::Signal;

constexpr size_t kMaxServiceName = 128;  // code points
constexpr size_t kMaxReasons = 64;
constexpr size_t kMaxErrorText = 512;

uint64_t TimeOf(const model::Span& span) { return std::max(span.start, span.end); }
uint64_t TimeOf(const model::LogRecord& record) {
  return record.time != 0 ? record.time : record.observed_time;
}
uint64_t TimeOf(const model::Metric& metric) {
  uint64_t newest = 0;
  for (const auto& point : metric.points) newest = std::max(newest, point.time);
  return newest;
}

template <typename Record>
uint64_t RecordsOf(const Record&) {
  return 1;
}
uint64_t RecordsOf(const model::Metric& metric) { return metric.points.size(); }

// Names become label values, so they are short and valid UTF-8.
std::string ServiceName(const model::Resource* resource) {
  if (resource == nullptr) return {};
  const std::string_view name = model::FindString(resource->attributes, "service.name");
  const std::string_view prefix = Utf8Prefix(name, kMaxServiceName);
  return IsValidUtf8(prefix) ? std::string(prefix) : "(invalid UTF-8)";
}

// Reasons are chosen by the code, but a bug there must not grow memory without end.
void AddReason(std::string_view reason, uint64_t count, Ledger::ReasonCounts* counts) {
  if (counts->size() >= kMaxReasons && !counts->contains(reason)) reason = "other";
  const auto at = counts->find(reason);
  if (at != counts->end()) {
    at->second += count;
  } else {
    counts->emplace(reason, count);
  }
}

constexpr size_t kMaxKeyName = 100;  // code points

void NoteUnmapped(const model::Span& span, Receipt::Share* share) {
  for (const model::KeyValue& kv : span.attributes) {
    if (!semconv::IsUnmapped(kv.key)) continue;
    const std::string_view key = Utf8Prefix(kv.key, kMaxKeyName);
    AddReason(IsValidUtf8(key) ? key : std::string_view("(invalid UTF-8)"), 1, &share->unmapped);
  }
}
void NoteUnmapped(const model::LogRecord&, Receipt::Share*) {}
void NoteUnmapped(const model::Metric&, Receipt::Share*) {}

template <typename Record>
void AddGroups(const std::vector<model::ScopeGroup<Record>>& groups, Receipt* receipt) {
  const model::Resource* resource = nullptr;
  Receipt::Share* share = nullptr;
  uint64_t newest = 0;
  for (const auto& group : groups) {
    if (share == nullptr || group.resource != resource) {
      resource = group.resource;
      std::string name = ServiceName(resource);
      const auto at = std::find_if(receipt->shares.begin(), receipt->shares.end(),
                                   [&](const auto& s) { return s.service == name; });
      if (at != receipt->shares.end()) {
        share = &*at;
      } else {
        share = &receipt->shares.emplace_back(Receipt::Share{std::move(name), 0});
      }
    }
    for (const Record& record : group.records) {
      share->records += RecordsOf(record);
      newest = std::max(newest, TimeOf(record));
      NoteUnmapped(record, share);
    }
  }
  receipt->newest = static_cast<Nanos>(std::min<uint64_t>(newest, INT64_MAX));
}

void NoteError(const Status& error, Nanos time, Ledger::Source* source) {
  source->last_error = Utf8Prefix(error.message(), kMaxErrorText);
  source->last_error_time = time;
}

void AddRejections(const Receipt& receipt, Ledger::Counts* counts) {
  for (const auto& [reason, count] : receipt.rejected) {
    AddReason(reason, count, &counts->rejected[static_cast<size_t>(receipt.signal)]);
  }
}

std::string RejectionText(const Receipt& receipt) {
  std::string text = "rejected:";
  for (const auto& [reason, count] : receipt.rejected) {
    text.append(" ").append(std::to_string(count)).append(" ").append(reason);
  }
  return text;
}

}  // namespace

Receipt MakeReceipt(std::string project, std::string protocol, Nanos received,
                    const model::Batch& batch) {
  Receipt receipt{
      std::move(project), std::move(protocol), batch.signal, received, 0, batch.body.size(), {},
      batch.rejected};
  if (batch.signal == Signal::kTraces) AddGroups(batch.spans, &receipt);
  if (batch.signal == Signal::kLogs) AddGroups(batch.logs, &receipt);
  if (batch.signal == Signal::kMetrics) AddGroups(batch.metrics, &receipt);
  return receipt;
}

Ledger::Source& Ledger::SourceOf(std::string_view project, std::string_view service,
                                 std::string_view protocol) {
  Key key{project, service, protocol};
  auto at = sources_.find(key);
  if (at == sources_.end() && sources_.size() >= max_sources_) {
    ++overflowed_requests_;
    key = {"", "other", ""};
    at = sources_.find(key);
  }
  if (at == sources_.end()) {
    at = sources_.emplace(key, Source{}).first;
    std::tie(at->second.project, at->second.service, at->second.protocol) = key;
  }
  return at->second;
}

void Ledger::BookStored(const Receipt& receipt, uint64_t duplicates) {
  const auto signal = static_cast<size_t>(receipt.signal);
  uint64_t records = 0;
  for (const auto& share : receipt.shares) records += share.records;

  const std::lock_guard lock(mutex_);
  ++totals_.requests;
  totals_.bytes += receipt.bytes;
  totals_.duplicates += duplicates;
  totals_.accepted[signal] += records;
  AddRejections(receipt, &totals_);

  const Receipt::Share nobody;
  const auto book = [&](const Receipt::Share& share, bool first) {
    Source& source = SourceOf(receipt.project, share.service, receipt.protocol);
    ++source.counts.requests;
    source.last_seen = std::max(source.last_seen, receipt.received);
    if (receipt.newest != 0) source.lag = receipt.received - receipt.newest;
    source.counts.accepted[signal] += share.records;
    for (const auto& [key, count] : share.unmapped) AddReason(key, count, &source.unmapped);
    // A request of several services is split by records.
    source.counts.bytes += records == 0 ? receipt.bytes
                                        : static_cast<uint64_t>(static_cast<double>(receipt.bytes) *
                                                                static_cast<double>(share.records) /
                                                                static_cast<double>(records));
    if (!first) return;
    source.counts.duplicates += duplicates;
    AddRejections(receipt, &source.counts);
    if (!receipt.rejected.empty()) {
      NoteError(InvalidArgument(RejectionText(receipt)), receipt.received, &source);
    }
  };
  if (receipt.shares.empty()) {
    if (!receipt.rejected.empty()) book(nobody, true);
    return;
  }
  for (size_t i = 0; i < receipt.shares.size(); ++i) book(receipt.shares[i], i == 0);
}

void Ledger::BookFailed(const Receipt& receipt, const Status& error) {
  const std::lock_guard lock(mutex_);
  ++totals_.requests;
  ++totals_.failed_requests;
  AddReason(StatusCodeName(error.code()), 1, &refused_);
  for (const auto& share : receipt.shares) {
    Source& source = SourceOf(receipt.project, share.service, receipt.protocol);
    ++source.counts.requests;
    ++source.counts.failed_requests;
    source.last_seen = std::max(source.last_seen, receipt.received);
    NoteError(error, receipt.received, &source);
  }
}

void Ledger::BookUndecodable(std::string_view project, std::string_view protocol, Nanos received,
                             const Status& error) {
  const std::lock_guard lock(mutex_);
  ++totals_.requests;
  ++totals_.failed_requests;
  AddReason(StatusCodeName(error.code()), 1, &refused_);
  Source& source = SourceOf(project, "", protocol);
  ++source.counts.requests;
  ++source.counts.failed_requests;
  source.last_seen = std::max(source.last_seen, received);
  NoteError(error, received, &source);
}

void Ledger::BookRefused(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  ++totals_.requests;
  ++totals_.failed_requests;
  AddReason(reason, 1, &refused_);
}

Ledger::State Ledger::Snapshot() const {
  const std::lock_guard lock(mutex_);
  State state;
  state.sources.reserve(sources_.size());
  for (const auto& [key, source] : sources_) state.sources.push_back(source);
  state.totals = totals_;
  state.refused = refused_;
  state.overflowed_requests = overflowed_requests_;
  return state;
}

void Ledger::AppendMetrics(PrometheusText* text) const {
  const State state = Snapshot();
  const auto number = [](auto value) { return static_cast<double>(value); };
  const Counts& totals = state.totals;

  text->Family("ao_ingest_requests_total", "counter", "Requests by outcome");
  text->Sample("ao_ingest_requests_total", {{"outcome", "ok"}},
               number(totals.requests - totals.failed_requests));
  text->Sample("ao_ingest_requests_total", {{"outcome", "failed"}}, number(totals.failed_requests));
  text->Family("ao_ingest_refused_requests_total", "counter", "Failed requests by reason");
  for (const auto& [reason, count] : state.refused) {
    text->Sample("ao_ingest_refused_requests_total", {{"reason", reason}}, number(count));
  }
  text->Family("ao_ingest_bytes_total", "counter", "Bytes of stored requests, decompressed");
  text->Sample("ao_ingest_bytes_total", {}, number(totals.bytes));
  text->Family("ao_ingest_duplicates_total", "counter", "Records that were stored already");
  text->Sample("ao_ingest_duplicates_total", {}, number(totals.duplicates));

  text->Family("ao_ingest_records_total", "counter", "Spans, log records and points accepted");
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    text->Sample("ao_ingest_records_total", {{"signal", SignalName(signal)}},
                 number(totals.accepted[static_cast<size_t>(signal)]));
  }
  text->Family("ao_ingest_rejected_total", "counter", "Records rejected, by reason");
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    for (const auto& [reason, count] : totals.rejected[static_cast<size_t>(signal)]) {
      text->Sample("ao_ingest_rejected_total", {{"signal", SignalName(signal)}, {"reason", reason}},
                   number(count));
    }
  }

  text->Family("ao_ingest_sources", "gauge", "Known sources: project, service and protocol");
  text->Sample("ao_ingest_sources", {}, number(state.sources.size()));
  text->Family("ao_ingest_overflowed_requests_total", "counter",
               "Requests of sources beyond the limit, booked under the service other");
  text->Sample("ao_ingest_overflowed_requests_total", {}, number(state.overflowed_requests));
  text->Family("ao_ingest_source_last_seen_timestamp_seconds", "gauge",
               "When a source last sent something");
  for (const Source& s : state.sources) {
    text->Sample("ao_ingest_source_last_seen_timestamp_seconds",
                 {{"project", s.project}, {"service", s.service}, {"protocol", s.protocol}},
                 number(s.last_seen) / 1e9);
  }
  text->Family("ao_ingest_source_lag_seconds", "gauge",
               "Arrival of the last request minus its newest event time");
  for (const Source& s : state.sources) {
    text->Sample("ao_ingest_source_lag_seconds",
                 {{"project", s.project}, {"service", s.service}, {"protocol", s.protocol}},
                 number(s.lag) / 1e9);
  }
}

}  // namespace ao::ingest
