#include "ingest/otlp/receiver.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "ingest/otlp/replay.h"
#include "ingest/otlp/response.h"
#include "net/ascii.h"

namespace ao::ingest::otlp {
namespace {

using model::Signal;

constexpr std::string_view kEndpoints = "/v1/traces, /v1/logs or /v1/metrics";

// By media type alone, case-insensitive: parameters such as charset do not matter.
std::optional<Encoding> EncodingOf(const net::HttpRequest& request) {
  const std::string_view type_and_parameters = request.header("content-type");
  const std::string_view type =
      net::Trim(type_and_parameters.substr(0, type_and_parameters.find(';')));
  for (Encoding encoding : {Encoding::kProtobuf, Encoding::kJson}) {
    if (net::EqualsIgnoreCase(type, ContentType(encoding))) return encoding;
  }
  return std::nullopt;
}

net::HttpResponse StatusResponse(Encoding encoding, int http_status, const Status& status,
                                 std::optional<Nanos> retry_after = {}) {
  net::HttpResponse response;
  response.status = http_status;
  response.content_type = ContentType(encoding);
  response.body = EncodeStatus(encoding, status);
  if (retry_after) {
    const Nanos seconds = std::max<Nanos>(1, *retry_after / kSecond);
    response.headers.emplace_back("retry-after", std::to_string(seconds));
  }
  return response;
}

struct Failure {
  Status status;
  std::optional<Nanos> retry_after;
};

// How a client should take it that the sink failed; see the class comment.
Failure StoreFailure(const Status& status) {
  switch (status.code()) {
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kCancelled: return {Unavailable(status.message(), status.hint()), kSecond};
    case StatusCode::kResourceExhausted:
      return {Unavailable(status.message(), status.hint()), 30 * kSecond};
    case StatusCode::kCorruption:
      // DATA_LOSS would be retried over gRPC.
      return {Internal(status.message(), status.hint()), std::nullopt};
    default: return {status, std::nullopt};
  }
}

std::string_view ReasonOf(int http_status) {
  switch (http_status) {
    case 400: return "bad_request";
    case 401: return "unauthenticated";
    case 403: return "permission_denied";
    case 404: return "not_found";
    case 405: return "method_not_allowed";
    case 408: return "timeout";
    case 413: return "too_large";
    case 415: return "unsupported_media_type";
    case 429:
    case 503: return "overloaded";
    default: return http_status >= 500 ? "internal" : "other";
  }
}

Status MayIngest(const net::Principal& principal) {
  if (principal.may_ingest) return OkStatus();
  return PermissionDenied(
      fmt::format("cannot ingest into project '{}': the API key may only read", principal.project),
      "use a key with the ingest permission");
}

}  // namespace

// One request on its way, whatever carried it.
struct Receiver::Call {
  Signal signal = Signal::kTraces;
  Encoding encoding = Encoding::kProtobuf;
  std::string protocol;
  std::string project;
  std::string body;
  MemoryBudget::Lease memory;
  std::function<void(const ExportResult&)> succeed;
  std::function<void(const Status&, std::optional<Nanos> retry_after)> fail;
};

Receiver::Receiver(Sink sink, Ledger& ledger, const Clock& clock, DecodeLimits limits)
    : sink_(std::move(sink)), ledger_(ledger), clock_(clock), limits_(limits) {}

void Receiver::Export(Call call) {
  const Nanos received = clock_.Now();
  const bool json = call.encoding == Encoding::kJson;
  auto decoded = json ? DecodeJson(call.signal, std::move(call.body), limits_)
                      : DecodeProtobuf(call.signal, std::move(call.body), limits_);
  if (!decoded.ok()) {
    ledger_.BookUndecodable(call.project, call.protocol, received, decoded.status());
    return call.fail(decoded.status(), std::nullopt);
  }
  Delivery delivery;
  delivery.batch = std::move(*decoded);
  Receipt receipt = MakeReceipt(call.project, call.protocol, received, delivery.batch);
  ExportResult result = ExportResultOf(delivery.batch);
  if (delivery.batch.accepted == 0) {
    ledger_.BookStored(receipt, 0);
    return call.succeed(result);
  }
  // A request without a lease came from a server without a budget.
  if (call.memory.bytes() != 0 && !call.memory.Grow(delivery.batch.arena.footprint())) {
    const Status status = Unavailable(fmt::format(
        "cannot accept {}: the memory for requests is used up", SignalName(call.signal)));
    ledger_.BookFailed(receipt, status);
    return call.fail(status, kSecond);
  }
  delivery.project = std::move(call.project);
  delivery.format = FormatName(call.signal, json);
  delivery.received = received;
  delivery.memory = std::move(call.memory);
  sink_(std::move(delivery),
        [this, receipt = std::move(receipt), result = std::move(result),
         succeed = std::move(call.succeed), fail = std::move(call.fail)](Result<storage::Ack> ack) {
          if (ack.ok()) {
            ledger_.BookStored(receipt, ack->duplicates);
            return succeed(result);
          }
          ledger_.BookFailed(receipt, ack.status());
          const Failure failure = StoreFailure(ack.status());
          fail(failure.status, failure.retry_after);
        });
}

void Receiver::HandleHttp(Signal signal, net::HttpRequest request, const net::ReplyPtr& reply) {
  const auto encoding = EncodingOf(request);
  if (request.method != "POST") {
    auto response =
        TransportError(request, 405,
                       Unimplemented(fmt::format("cannot answer {} {}: only POST is allowed",
                                                 request.method, request.path)));
    response.headers.emplace_back("allow", "POST");
    return reply->Send(std::move(response));
  }
  if (!encoding) {
    const std::string_view type = request.header("content-type");
    const auto problem = type.empty()
                             ? std::string("the content type is missing")
                             : fmt::format("unknown content type '{}'", type.substr(0, 128));
    return reply->Send(TransportError(
        request, 415,
        InvalidArgument(fmt::format("cannot decode {}: {}", SignalName(signal), problem),
                        "send application/x-protobuf or application/json")));
  }
  if (const Status allowed = MayIngest(request.principal); !allowed.ok()) {
    return reply->Send(TransportError(request, 403, allowed));
  }
  Call call;
  call.signal = signal;
  call.encoding = *encoding;
  call.protocol = *encoding == Encoding::kJson ? "otlp/http/json" : "otlp/http/protobuf";
  call.project = std::move(request.principal.project);
  call.body = std::move(request.body);
  call.memory = std::move(request.memory);
  call.succeed = [reply, signal, encoding = *encoding](const ExportResult& result) {
    net::HttpResponse response;
    response.content_type = ContentType(encoding);
    response.body = EncodeExportResponse(encoding, signal, result);
    reply->Send(std::move(response));
  };
  call.fail = [reply, encoding = *encoding](const Status& status,
                                            std::optional<Nanos> retry_after) {
    reply->Send(StatusResponse(encoding, HttpStatusOf(status.code()), status, retry_after));
  };
  Export(std::move(call));
}

void Receiver::HandleGrpc(Signal signal, net::GrpcRequest request, const net::GrpcReplyPtr& reply) {
  if (const Status allowed = MayIngest(request.principal); !allowed.ok()) {
    ledger_.BookRefused("permission_denied");
    return reply->Fail(allowed, std::nullopt);
  }
  Call call;
  call.signal = signal;
  call.protocol = "otlp/grpc/protobuf";
  call.project = std::move(request.principal.project);
  call.body = std::move(request.message);
  call.memory = std::move(request.memory);
  call.succeed = [reply, signal](const ExportResult& result) {
    reply->Send(EncodeExportResponse(Encoding::kProtobuf, signal, result));
  };
  call.fail = [reply](const Status& status, std::optional<Nanos> retry_after) {
    reply->Fail(status, retry_after);
  };
  Export(std::move(call));
}

net::HttpResponse Receiver::TransportError(const net::HttpRequest& request, int http_status,
                                           const Status& status) {
  ledger_.BookRefused(ReasonOf(http_status));
  std::optional<Nanos> retry_after;
  if (http_status == 429 || http_status == 503) retry_after = kSecond;
  return StatusResponse(EncodingOf(request).value_or(Encoding::kJson), http_status, status,
                        retry_after);
}

void Receiver::Register(net::HttpServer& server) {
  const auto add = [&server](std::string method, std::string pattern, net::HttpHandler handler) {
    server.AddRoute({std::move(method), std::move(pattern), net::Access::kIngest,
                     net::Lane::kIngest, std::move(handler)});
  };
  for (Signal signal : {Signal::kTraces, Signal::kLogs, Signal::kMetrics}) {
    add("*", fmt::format("/v1/{}", SignalName(signal)),
        [this, signal](net::HttpRequest request, net::ReplyPtr reply) {
          HandleHttp(signal, std::move(request), reply);
        });
  }
  add("*", "/v1development/profiles", [this](net::HttpRequest request, net::ReplyPtr reply) {
    reply->Send(TransportError(request, 404,
                               Unimplemented("cannot accept profiles: only traces, logs and "
                                             "metrics are supported")));
  });
  // Clients take a per-signal endpoint variable verbatim, so that its usual mistake ends here.
  for (std::string pattern : {"/", "/v1/*"}) {
    add("POST", pattern, [this](net::HttpRequest request, net::ReplyPtr reply) {
      reply->Send(
          TransportError(request, 404,
                         NotFound(fmt::format("cannot accept telemetry at {}: OTLP is taken at {}",
                                              request.path, kEndpoints),
                                  "OTEL_EXPORTER_OTLP_<SIGNAL>_ENDPOINT is used as it is; "
                                  "OTEL_EXPORTER_OTLP_ENDPOINT gets the path appended")));
    });
  }
}

void Receiver::Register(net::GrpcServer& server) {
  const auto add = [&](Signal signal, std::string method) {
    server.AddMethod(std::move(method),
                     [this, signal](net::GrpcRequest request, net::GrpcReplyPtr reply) {
                       HandleGrpc(signal, std::move(request), reply);
                     });
  };
  add(Signal::kTraces, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
  add(Signal::kLogs, "/opentelemetry.proto.collector.logs.v1.LogsService/Export");
  add(Signal::kMetrics, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
  server.AddMethod("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
                   [this](net::GrpcRequest, net::GrpcReplyPtr reply) {
                     ledger_.BookRefused("not_found");
                     reply->Fail(
                         Unimplemented("cannot accept profiles: only traces, logs and metrics are "
                                       "supported"),
                         std::nullopt);
                   });
}

}  // namespace ao::ingest::otlp
