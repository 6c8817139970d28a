#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"
#include "ingest/otlp/encode.h"

namespace ao::api {
namespace {

model::Signal SignalOf(std::string_view name) {
  return name == "logs"      ? model::Signal::kLogs
         : name == "metrics" ? model::Signal::kMetrics
                             : model::Signal::kTraces;
}

net::HttpResponse Head() {
  net::HttpResponse head;
  head.content_type = "application/x-ndjson";
  return head;
}

// A failure before the first line is a plain error; after it, the last line is the error.
void Export(Context& context, const Call& call, net::ReplyPtr reply) {
  const Arguments& a = call.arguments;
  storage::ExportQuery query;
  query.project = call.project;
  query.signal = SignalOf(a.text("signal"));
  query.trace_id = a.trace_id("trace_id");
  const Result<storage::TimeRange> range = RangeOf(a);
  if (!range.ok()) {
    reply->Send(net::ErrorResponse(range.status()));
    return;
  }
  query.range = *range;
  std::shared_ptr<net::ResponseStream> stream;
  const Status status = context.store.Export(query, [&](const model::Batch& batch) -> Status {
    std::string line = ingest::otlp::EncodeJson(batch);
    line.push_back('\n');
    if (stream == nullptr) stream = reply->Stream(Head());
    return stream->Write(line) ? OkStatus() : Status(StatusCode::kCancelled, "the reader has gone");
  });
  if (stream == nullptr) {
    reply->Send(status.ok() ? Head() : net::ErrorResponse(status));
    return;
  }
  if (!status.ok() && !stream->closed()) {
    std::string line = net::ErrorResponse(status).body;
    line.push_back('\n');
    stream->Write(line);
  }
  stream->Finish();
}

}  // namespace

std::vector<Endpoint> ExportEndpoints() {
  return {
      {.method = "GET",
       .pattern = "/api/v1/export",
       .summary = "Everything stored, as OTLP JSON lines in time order",
       .parameters = {{"signal", Type::kChoice, "what to export", "traces|logs|metrics", "traces"},
                      kSince,
                      kUntil,
                      kTraceIdFilter},
       .response = "One OTLP/JSON request a line; it can be sent to any OTLP receiver. If the "
                   "export breaks off, the last line is {error: {code, message, hint}}.",
       .handler = &Export,
       .content_type = "application/x-ndjson"}};
}

}  // namespace ao::api
