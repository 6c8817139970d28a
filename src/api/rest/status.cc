#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

void WriteStore(const storage::StoreStats& stats, JsonWriter& json) {
  json.Key("store").BeginObject();
  json.Field("spans", stats.spans).Field("logs", stats.logs).Field("points", stats.points);
  json.Field("runs", stats.runs).Field("hot_rows", stats.hot_rows);
  json.Field("hot_bytes", stats.hot_bytes).Field("segments", stats.segments);
  json.Field("disk_bytes", stats.disk_bytes).Field("wal_bytes", stats.wal_bytes);
  json.Field("content_bytes", stats.content_bytes).Field("segment_bytes", stats.segment_bytes);
  json.Field("content_raw_bytes", stats.content_raw_bytes).Field("seals", stats.seals);
  json.Field("wal_syncs", stats.wal_syncs).Field("replayed_batches", stats.replayed_batches);
  json.Field("last_seal_ms", static_cast<double>(stats.last_seal_duration) / 1e6);
  json.Field("replay_ms", static_cast<double>(stats.replay_duration) / 1e6);
  json.Field("write_error", stats.write_error).EndObject();
}

Result<net::HttpResponse> GetStatus(Context& context, const Call&) {
  const VersionInfo& version = context.dependencies.version;
  const Nanos uptime = context.clock.Monotonic() - context.started_monotonic;
  JsonWriter json;
  json.BeginObject().Field("version", version.version).Field("commit", version.commit);
  json.Field("build_date", version.build_date);
  WriteTime("started", context.started, json);
  json.Field("uptime_seconds", static_cast<double>(uptime) / 1e9);
  json.Field("ready", !context.dependencies.ready || context.dependencies.ready());
  json.Field("live_followers", context.dependencies.live.stats().subscribers);
  WriteStore(context.store.Stats(), json);
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> StatusEndpoints() {
  return {{.method = "GET",
           .pattern = "/api/v1/status",
           .summary = "Version, uptime and what is stored",
           .parameters = {},
           .response = "{version, commit, started, uptime_seconds, ready, live_followers, store}",
           .handler = &GetStatus}};
}

}  // namespace ao::api
