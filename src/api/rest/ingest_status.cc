#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "ingest/ledger.h"

namespace ao::api {
namespace {

using ingest::Ledger;

void WriteReasons(std::string_view name, const Ledger::ReasonCounts& reasons, JsonWriter& json) {
  json.Key(name).BeginObject();
  for (const auto& [reason, count] : reasons) json.Field(reason, count);
  json.EndObject();
}

void WriteCounts(const Ledger::Counts& counts, JsonWriter& json) {
  json.Field("requests", counts.requests).Field("failed_requests", counts.failed_requests);
  json.Field("bytes", counts.bytes).Field("duplicates", counts.duplicates);
  json.Key("accepted").BeginObject();
  for (size_t i = 0; i < std::size(counts.accepted); ++i) {
    json.Field(model::SignalName(static_cast<model::Signal>(i)), counts.accepted[i]);
  }
  json.EndObject().Key("rejected").BeginObject();
  for (size_t i = 0; i < std::size(counts.rejected); ++i) {
    WriteReasons(model::SignalName(static_cast<model::Signal>(i)), counts.rejected[i], json);
  }
  json.EndObject();
}

void Add(const Ledger::Counts& from, Ledger::Counts* to) {
  to->requests += from.requests;
  to->failed_requests += from.failed_requests;
  to->bytes += from.bytes;
  to->duplicates += from.duplicates;
  for (size_t i = 0; i < std::size(from.accepted); ++i) {
    to->accepted[i] += from.accepted[i];
    for (const auto& [reason, count] : from.rejected[i]) to->rejected[i][reason] += count;
  }
}

void WriteSource(const Ledger::Source& source, JsonWriter& json) {
  json.BeginObject().Field("service", source.service).Field("protocol", source.protocol);
  WriteTime("last_seen", source.last_seen, json);
  json.Field("lag_ms", static_cast<double>(source.lag) / 1e6);
  WriteCounts(source.counts, json);
  WriteReasons("unmapped_attributes", source.unmapped, json);
  json.Field("last_error", source.last_error);
  WriteTime("last_error_time", source.last_error_time, json);
  json.EndObject();
}

// What other projects send is not shown; what was refused before its project was known is for
// administrators.
Result<net::HttpResponse> IngestStatus(Context& context, const Call& call) {
  const Ledger::State state = context.dependencies.ledger.Snapshot();
  Ledger::Counts totals;
  JsonWriter json;
  json.BeginObject().Key("sources").BeginArray();
  for (const Ledger::Source& source : state.sources) {
    if (source.project != call.project) continue;
    WriteSource(source, json);
    Add(source.counts, &totals);
  }
  json.EndArray().Key("totals").BeginObject();
  WriteCounts(totals, json);
  json.EndObject();
  if (call.request.principal.may_admin) {
    WriteReasons("refused", state.refused, json);
    json.Field("overflowed_requests", state.overflowed_requests);
  }
  json.EndObject();
  return JsonResponse(std::move(json));
}

}  // namespace

std::vector<Endpoint> IngestEndpoints() {
  return {{.method = "GET",
           .pattern = "/api/v1/ingest/status",
           .summary = "Who sends what, and what was rejected and why",
           .parameters = {},
           .response = "{sources: [{service, protocol, last_seen, lag_ms, requests, accepted, "
                       "rejected, duplicates, unmapped_attributes, last_error}], totals}. "
                       "unmapped_attributes counts keys that look as if they were about agents "
                       "and that no dialect knows. Administrators also see "
                       "refused: requests turned away unread, by reason.",
           .handler = &IngestStatus}};
}

}  // namespace ao::api
