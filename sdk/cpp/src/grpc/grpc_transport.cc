#include "grpc/grpc_transport.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include "answer.h"
#include "observatory/version.h"
#include "transports.h"

namespace observatory::detail {
namespace {

using std::chrono::milliseconds;
using Outcome = ExportResponse::Outcome;

constexpr const char* kMethods[] = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};
constexpr const char* kCodes[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};
// gRPC waits between attempts to connect, too, and refuses calls meanwhile. How often to try is
// decided by the lane alone.
constexpr int kReconnectMs = 100;
constexpr milliseconds kLookAround{50};  // for who cancels

// Whether this process has a channel. gRPC's threads and locks do not survive a fork.
std::atomic<bool> in_use{false};

std::string ReadFile(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// gRPC ends the program when it is given a header that it cannot send.
std::pair<std::string, std::string> LegalHeader(std::string name, const std::string& value) {
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  const grpc::Slice key(name), text(value);
  const grpc_slice c_key = key.c_slice(), c_text = text.c_slice();
  const bool legal = grpc_header_key_is_legal(c_key) != 0 &&
                     (name.ends_with("-bin") || grpc_header_nonbin_value_is_legal(c_text) != 0);
  grpc_slice_unref(c_key);
  grpc_slice_unref(c_text);
  if (!legal) throw std::runtime_error("the header '" + name + "' is none of gRPC");
  return {std::move(name), value};
}

std::optional<milliseconds> RetryDelay(std::string_view status) {
  for (FieldReader detail(status); detail.Next();) {
    if (detail.field() != 3) continue;
    if (FirstField(detail.bytes(), 1).bytes() != "type.googleapis.com/google.rpc.RetryInfo") {
      continue;
    }
    const auto delay = FirstField(FirstField(detail.bytes(), 2).bytes(), 1).bytes();
    const auto seconds = static_cast<int64_t>(FirstField(delay, 1).number());
    const auto nanos = static_cast<int64_t>(FirstField(delay, 2).number());
    return milliseconds(std::clamp<int64_t>(seconds, 0, 86400) * 1000 +
                        std::clamp<int64_t>(nanos, 0, 999999999) / 1000000);
  }
  return std::nullopt;
}

std::string ToText(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return out;
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

class GrpcTransport final : public Transport {
 public:
  GrpcTransport(Signal signal, const Endpoint& endpoint)
      : signal_(signal),
        endpoint_(endpoint),
        target_(ReadGrpcTarget(endpoint)),
        method_(kMethods[static_cast<size_t>(signal)]) {
    if (target_.tls) {
      tls_ = {ReadFile(endpoint.certificate), ReadFile(endpoint.client_key),
              ReadFile(endpoint.client_certificate)};
    }
    for (const auto& [name, value] : endpoint.headers) headers_.push_back(LegalHeader(name, value));
  }

  ExportResponse send(const ExportRequest& request) noexcept override {
    try {
      return instead_ != nullptr ? SendInstead(request) : Send(request);
    } catch (const std::exception& error) {
      return {.message = error.what()};
    }
  }

  // The child speaks HTTP when gRPC was in use: it could not even be shut down there.
  void after_fork() noexcept override {
    if (instead_ != nullptr) return instead_->after_fork();
    if (!in_use) return;
    (void)stub_.release();
    const Endpoint endpoint = HttpInsteadOfGrpc(signal_, endpoint_);
    notice_ = "gRPC cannot be used in the child of a fork; sending http/protobuf to " +
              endpoint.url + " instead";
    instead_ = MakeHttpFallback(endpoint);
  }

 private:
  void Open();
  ExportResponse Send(const ExportRequest& request);
  ExportResponse SendInstead(const ExportRequest& request) {
    ExportResponse response = instead_->send(request);
    if (!notice_.empty()) {  // once
      response.message += (response.message.empty() ? "" : "; ") + std::exchange(notice_, {});
    }
    return response;
  }

  const Signal signal_;
  const Endpoint endpoint_;
  const GrpcTarget target_;
  const std::string method_;
  grpc::SslCredentialsOptions tls_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::unique_ptr<grpc::GenericStub> stub_;  // null: not open
  std::shared_ptr<Transport> instead_;       // in the child of a fork
  std::string notice_;                       // of that
};

void GrpcTransport::Open() {
  if (stub_ != nullptr) return;
  in_use = true;
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("OTel-OTLP-Exporter-Observatory-Cpp/" OBSERVATORY_VERSION);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Each transport its own connection, so that closing the channel ends it.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto credentials =
      target_.tls ? grpc::SslCredentials(tls_) : grpc::InsecureChannelCredentials();
  stub_ = std::make_unique<grpc::GenericStub>(
      grpc::CreateCustomChannel(target_.address, credentials, arguments));
}

ExportResponse GrpcTransport::Send(const ExportRequest& request) {
  Open();
  grpc::ClientContext context;
  const auto limit = std::min(request.timeout, endpoint_.timeout);
  context.set_deadline(std::chrono::system_clock::now() + limit);
  for (const auto& [name, value] : headers_) context.AddMetadata(name, value);
  if (endpoint_.compression == Compression::kGzip) {
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  }
  const grpc::Slice slice(request.body.data(), request.body.size());
  const grpc::ByteBuffer message(&slice, 1);
  grpc::ByteBuffer reply;
  grpc::Status status;
  grpc::CompletionQueue queue;
  const auto call = stub_->PrepareUnaryCall(&context, method_, message, &queue);
  call->StartCall();
  call->Finish(&reply, &status, this);
  void* tag = nullptr;
  bool ok = false, given_up = false;
  while (queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + kLookAround) ==
         grpc::CompletionQueue::TIMEOUT) {
    if (request.cancelled != nullptr && *request.cancelled && !std::exchange(given_up, true))
      context.TryCancel();
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  if (status.ok()) return ReadExportAnswer(ToText(reply), endpoint_.url);
  return InterpretGrpcStatus(status.error_code(), status.error_message(), status.error_details(),
                             endpoint_.url);
}

}  // namespace

GrpcTarget ReadGrpcTarget(const Endpoint& endpoint) {
  GrpcTarget target;
  std::string_view rest = endpoint.url;
  if (rest.starts_with("unix:")) return {std::string(rest), false};
  target.tls = !endpoint.insecure;
  if (const size_t scheme = rest.find("://"); scheme != rest.npos) {
    target.tls = rest.substr(0, scheme) != "http";
    rest.remove_prefix(scheme + 3);
  }
  target.address = rest.substr(0, rest.find('/'));
  return target;
}

ExportResponse InterpretGrpcStatus(int code, const std::string& message, std::string_view details,
                                   const std::string& url) {
  ExportResponse response;
  const auto delay = RetryDelay(details);
  switch (code) {
    case grpc::CANCELLED:
    case grpc::DEADLINE_EXCEEDED:
    case grpc::ABORTED:
    case grpc::OUT_OF_RANGE:
    case grpc::UNAVAILABLE:
    case grpc::DATA_LOSS: response.outcome = Outcome::kRetry; break;
    // Throttled when it says until when; else the message is too large, and always will be.
    case grpc::RESOURCE_EXHAUSTED:
      response.outcome = delay ? Outcome::kRetry : Outcome::kRefused;
      break;
    default: response.outcome = Outcome::kRefused;
  }
  if (response.outcome == Outcome::kRetry) response.retry_after = delay;
  const bool known = code >= 0 && static_cast<size_t>(code) < std::size(kCodes);
  response.message = "cannot send telemetry to " + url + ": " +
                     (known ? kCodes[code] : "status " + std::to_string(code));
  if (!message.empty()) response.message += ": " + message.substr(0, 200);
  if (code == grpc::UNAVAILABLE && url.find("://") == url.npos && !url.starts_with("unix:")) {
    response.message +=
        " (a URL without http:// or https:// means TLS, unless "
        "OTEL_EXPORTER_OTLP_INSECURE=true)";
  }
  return response;
}

std::shared_ptr<Transport> MakeGrpcTransport(Signal signal, const Endpoint& endpoint) {
  return std::make_shared<GrpcTransport>(signal, endpoint);
}

// Linking the component is enough: its target asks the linker for this symbol.
extern const OBSERVATORY_API bool grpc_is_linked;
const bool grpc_is_linked = [] {
  register_transport("grpc", MakeGrpcTransport);
  return true;
}();

}  // namespace observatory::detail
