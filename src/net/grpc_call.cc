#include "net/grpc_call.h"

#include <grpc/grpc.h>

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "net/grpc_status.h"

// Exported by gRPC, but in none of its public headers; nothing else shows a message's flags.
uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace ao::net {
namespace {

constexpr uint32_t kStillCompressed = 0x80000000u;

constexpr std::string_view kHealthCheck = "/grpc.health.v1.Health/Check";
constexpr Nanos kRetryAfter = kSecond;

class CallReply final : public GrpcReply {
 public:
  explicit CallReply(std::shared_ptr<GrpcCall> call) : call_(std::move(call)) {}
  ~CallReply() override {
    call_->Fail(Internal("cannot answer the call: its handler gave no answer"), std::nullopt);
  }
  CallReply(const CallReply&) = delete;
  CallReply& operator=(const CallReply&) = delete;

  void Send(std::string message) override { call_->Send(std::move(message)); }
  void Fail(const Status& status, std::optional<Nanos> retry_after) override {
    call_->Fail(status, retry_after);
  }
  const GrpcCall& call() const { return *call_; }

 private:
  const std::shared_ptr<GrpcCall> call_;
};

void RunJob(GrpcJob job) {
  // Nobody waits for a call whose deadline has passed in the queue.
  if (static_cast<CallReply&>(*job.reply).call().cancelled()) return;
  (*job.handler)(std::move(job.request), std::move(job.reply));
}

void FreeString(void* text) { delete static_cast<std::string*>(text); }

// Takes over the string: no copy of the bytes.
grpc::ByteBuffer ToByteBuffer(std::string message) {
  auto* kept = new std::string(std::move(message));
  grpc::Slice slice(kept->data(), kept->size(), FreeString, kept);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

GrpcCore::GrpcCore(GrpcServerOptions opts, MemoryBudget& memory, Authenticator& auth)
    : options(std::move(opts)),
      budget(memory),
      authenticator(auth),
      pool(options.max_queued_requests, RunJob) {
  grpc_init();  // for calls that die after the server
}

GrpcCore::~GrpcCore() { grpc_shutdown(); }

void* GrpcCall::Start(Tag* tag, void (GrpcCall::*done)(bool)) {
  tag->done = done;
  tag->call = shared_from_this();
  return tag;
}

void GrpcCall::Request(const std::shared_ptr<GrpcCore>& core, grpc::ServerCompletionQueue* queue) {
  std::shared_lock lock(core->mutex);
  if (core->closed) return;
  const auto call = std::make_shared<GrpcCall>(core, queue);
  call->context_.AsyncNotifyWhenDone(&call->done_);
  core->service.RequestCall(&call->context_, &call->stream_, queue, queue,
                            call->Start(&call->operation_, &GrpcCall::OnRequested));
}

void GrpcCall::Complete(void* tag, bool ok) {
  auto* completed = static_cast<Tag*>(tag);
  const std::shared_ptr<GrpcCall> call = std::move(completed->call);
  ((*call).*(completed->done))(ok);
}

void GrpcCall::OnRequested(bool ok) {
  if (!ok) return;  // the server is shutting down; no done tag will come
  Start(&done_, &GrpcCall::OnDone);
  Request(core_, queue_);
  if (const Status refusal = Admit(); !refusal.ok()) {
    const bool retry = refusal.code() == StatusCode::kUnavailable;
    return Fail(refusal, retry ? std::optional(kRetryAfter) : std::nullopt);
  }
  std::shared_lock lock(core_->mutex);
  if (!core_->closed) stream_.Read(&incoming_, Start(&operation_, &GrpcCall::OnRead));
}

Status GrpcCall::Admit() {
  if (context_.method() == kHealthCheck) return {};
  const auto found = core_->methods.find(context_.method());
  if (found == core_->methods.end()) {
    return Unimplemented(fmt::format("cannot call {}: no such method", context_.method()));
  }
  handler_ = &found->second;
  metadata_ = Metadata();
  auto principal = core_->authenticator.Authenticate(metadata_);
  if (!principal.ok()) return principal.status();
  if (!principal->may_ingest) {
    return PermissionDenied(
        fmt::format("cannot call {}: the key lacks the right", context_.method()));
  }
  principal_ = std::move(*principal);
  if (core_->budget.used() >= core_->budget.limit()) {
    return Unavailable("cannot accept the call: the memory budget is exhausted", "try again");
  }
  return {};
}

HeaderList GrpcCall::Metadata() const {
  HeaderList headers;
  headers.reserve(context_.client_metadata().size());
  for (const auto& [name, value] : context_.client_metadata()) {
    headers.emplace_back(std::string(name.data(), name.size()),
                         std::string(value.data(), value.size()));
  }
  return headers;
}

Status GrpcCall::TakeMessage(GrpcRequest* request) {
  // gRPC hands on what it cannot inflate as if it were the message.
  if ((grpc_call_test_only_get_message_flags(context_.c_call()) & kStillCompressed) != 0) {
    return Internal("cannot read the message: it is marked compressed, its grpc-encoding is none");
  }
  request->memory = core_->budget.NewLease();
  if (!request->memory.Grow(incoming_.Length())) {
    return Unavailable("cannot accept the call: the memory budget is exhausted", "try again");
  }
  std::vector<grpc::Slice> slices;
  if (!incoming_.Dump(&slices).ok()) return InvalidArgument("cannot read the message");
  request->message.reserve(incoming_.Length());
  for (const grpc::Slice& slice : slices) {
    request->message.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  incoming_.Clear();
  return {};
}

void GrpcCall::OnRead(bool ok) {
  if (!ok) {  // too large (grpc++ has said so itself), no message at all, or cancelled
    return Fail(InvalidArgument("cannot read the call: it carries no message"), std::nullopt);
  }
  GrpcJob job;
  if (Status status = TakeMessage(&job.request); !status.ok()) {
    const bool retry = status.code() == StatusCode::kUnavailable;
    return Fail(status, retry ? std::optional(kRetryAfter) : std::nullopt);
  }
  if (handler_ == nullptr) return Answer(job.request.message);
  job.handler = handler_;
  job.request.method = context_.method();
  job.request.metadata = std::move(metadata_);
  job.request.remote_address = context_.peer();
  job.request.principal = std::move(principal_);
  job.reply = std::make_shared<CallReply>(shared_from_this());
  if (!core_->pool.TryPost(job)) {
    Fail(Unavailable("cannot take the call: too many are waiting", "try again"), kRetryAfter);
  }
}

// The health check.
void GrpcCall::Answer(const std::string& message) {
  const auto service = DecodeHealthRequest(message);
  if (!service.has_value()) {
    return Fail(InvalidArgument("cannot read the health request"), std::nullopt);
  }
  bool known = service->empty();
  for (const auto& [method, handler] : core_->methods) {
    const std::string_view name = method;  // "/package.Service/Method"
    known |= name.size() > service->size() + 1 && name.substr(1, service->size()) == *service &&
             name[service->size() + 1] == '/';
  }
  if (!known) {
    return Fail(NotFound(fmt::format("cannot check \"{}\": no such service", *service)),
                std::nullopt);
  }
  Send(EncodeHealthResponse(!core_->draining.load()));
}

void GrpcCall::Send(std::string message) {
  if (answered_.exchange(true)) return;
  const grpc::ByteBuffer buffer = ToByteBuffer(std::move(message));
  std::shared_lock lock(core_->mutex);
  if (core_->closed) return;
  stream_.WriteAndFinish(buffer, grpc::WriteOptions(), grpc::Status::OK,
                         Start(&operation_, &GrpcCall::OnFinished));
}

void GrpcCall::Fail(const Status& status, std::optional<Nanos> retry_after) {
  if (answered_.exchange(true)) return;
  const grpc::Status failure(static_cast<grpc::StatusCode>(GrpcCodeOf(status.code())),
                             status.message(), EncodeStatusDetails(status, retry_after));
  std::shared_lock lock(core_->mutex);
  if (core_->closed) return;
  stream_.Finish(failure, Start(&operation_, &GrpcCall::OnFinished));
}

void GrpcCall::OnDone(bool) {
  if (context_.IsCancelled()) cancelled_.store(true, std::memory_order_relaxed);
}

void GrpcCall::OnFinished(bool) {}

}  // namespace ao::net
