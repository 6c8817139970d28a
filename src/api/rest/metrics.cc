#include "api/process_stats.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "base/prometheus_text.h"
#include "ingest/ledger.h"

namespace ao::api {
namespace {

template <typename T>
void Single(PrometheusText& text, std::string_view name, std::string_view type,
            std::string_view help, T value) {
  text.Family(name, type, help);
  text.Sample(name, {}, static_cast<double>(value));
}

void WriteProcess(const Context& context, PrometheusText& text) {
  const ProcessStats stats = ReadProcessStats();
  const VersionInfo& version = context.dependencies.version;
  text.Family("ao_build_info", "gauge", "What runs here; always 1");
  text.Sample("ao_build_info", {{"version", version.version}, {"commit", version.commit}}, 1);
  Single(text, "process_start_time_seconds", "gauge", "Start, Unix time",
         static_cast<double>(context.started) / 1e9);
  Single(text, "process_resident_memory_bytes", "gauge", "Resident memory", stats.resident_bytes);
  Single(text, "process_cpu_seconds_total", "counter", "User and system CPU time",
         stats.cpu_seconds);
  Single(text, "process_open_fds", "gauge", "Open file descriptors", stats.open_files);
  Single(text, "process_max_fds", "gauge", "Limit of open file descriptors", stats.max_files);
  Single(text, "process_threads", "gauge", "Threads", stats.threads);
}

void WriteStore(const storage::StoreStats& stats, PrometheusText& text) {
  text.Family("ao_storage_rows", "gauge", "Records readable now");
  text.Sample("ao_storage_rows", {{"kind", "spans"}}, static_cast<double>(stats.spans));
  text.Sample("ao_storage_rows", {{"kind", "logs"}}, static_cast<double>(stats.logs));
  text.Sample("ao_storage_rows", {{"kind", "points"}}, static_cast<double>(stats.points));
  text.Sample("ao_storage_rows", {{"kind", "runs"}}, static_cast<double>(stats.runs));
  Single(text, "ao_storage_hot_rows", "gauge", "Rows in memory, not yet sealed", stats.hot_rows);
  Single(text, "ao_storage_hot_bytes", "gauge", "Bytes of those rows", stats.hot_bytes);
  Single(text, "ao_storage_segments", "gauge", "Sealed segments", stats.segments);
  Single(text, "ao_storage_disk_bytes", "gauge", "Bytes on disk", stats.disk_bytes);
  text.Family("ao_storage_part_bytes", "gauge", "Bytes on disk by part of the store");
  text.Sample("ao_storage_part_bytes", {{"part", "wal"}}, static_cast<double>(stats.wal_bytes));
  text.Sample("ao_storage_part_bytes", {{"part", "content"}},
              static_cast<double>(stats.content_bytes));
  text.Sample("ao_storage_part_bytes", {{"part", "segments"}},
              static_cast<double>(stats.segment_bytes));
  Single(text, "ao_storage_content_raw_bytes_total", "counter",
         "Text stored, before deduplication and compression", stats.content_raw_bytes);
  Single(text, "ao_storage_seals_total", "counter", "Segments sealed", stats.seals);
  Single(text, "ao_storage_wal_syncs_total", "counter", "Group commits", stats.wal_syncs);
  Single(text, "ao_storage_replayed_batches", "gauge", "Batches recovered at the last start",
         stats.replayed_batches);
  Single(text, "ao_storage_last_seal_seconds", "gauge", "Duration of the last seal",
         static_cast<double>(stats.last_seal_duration) / 1e9);
  Single(text, "ao_storage_writable", "gauge", "0 while batches are refused",
         stats.write_error.empty() ? 1 : 0);
}

void WriteRequests(const Context& context, PrometheusText& text) {
  const auto rows = context.requests.Snapshot();
  text.Family("ao_api_requests_total", "counter", "API requests answered");
  for (const auto& [key, row] : rows) {
    const auto& [method, route, status] = key;
    text.Sample("ao_api_requests_total",
                {{"method", method}, {"route", route}, {"code", std::to_string(status)}},
                static_cast<double>(row.requests));
  }
  text.Family("ao_api_request_seconds_total", "counter", "Time until those were answered");
  for (const auto& [key, row] : rows) {
    const auto& [method, route, status] = key;
    text.Sample("ao_api_request_seconds_total",
                {{"method", method}, {"route", route}, {"code", std::to_string(status)}},
                static_cast<double>(row.duration) / 1e9);
  }
}

void WriteLive(const LiveRuns::Stats& stats, PrometheusText& text) {
  Single(text, "ao_live_subscribers", "gauge", "Live views open now", stats.subscribers);
  Single(text, "ao_live_published_total", "counter", "Run changes published", stats.published);
  Single(text, "ao_live_dropped_subscribers_total", "counter",
         "Live views dropped because they read too slowly", stats.dropped_subscribers);
  Single(text, "ao_live_refused_subscribers_total", "counter",
         "Live views refused because there were too many", stats.refused_subscribers);
}

Result<net::HttpResponse> Metrics(Context& context, const Call&) {
  PrometheusText text;
  WriteProcess(context, text);
  WriteStore(context.store.Stats(), text);
  WriteRequests(context, text);
  context.dependencies.ledger.AppendMetrics(&text);
  WriteLive(context.dependencies.live.stats(), text);
  if (context.dependencies.extra_metrics) context.dependencies.extra_metrics(text);
  net::HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = text.Take();
  return response;
}

}  // namespace

std::vector<Endpoint> MetricsEndpoints() {
  return {{.method = "GET",
           .pattern = "/metrics",
           .summary = "The server's own metrics, for Prometheus",
           .parameters = {},
           .response = "Prometheus text exposition format.",
           .handler = &Metrics,
           .content_type = "text/plain"}};
}

}  // namespace ao::api
