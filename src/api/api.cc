#include "api/api.h"

#include <utility>

#include "api/context.h"
#include "api/openapi.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

std::vector<Endpoint> AllEndpoints() {
  std::vector<Endpoint> all;
#define AO_API_APPEND(family)            \
  for (Endpoint & endpoint : family()) { \
    all.push_back(std::move(endpoint));  \
  }
  AO_API_FAMILIES(AO_API_APPEND)
#undef AO_API_APPEND
  return all;
}

// Telemetry is private and changes all the time.
void AddCommonHeaders(net::HttpResponse* response) {
  response->headers.emplace_back("cache-control", "no-store");
  response->headers.emplace_back("x-content-type-options", "nosniff");
}

// Notes the status of what passes through, for the counters.
class ObservedReply final : public net::Reply {
 public:
  ObservedReply(net::ReplyPtr reply, std::shared_ptr<Context> context, const Endpoint& endpoint)
      : reply_(std::move(reply)),
        context_(std::move(context)),
        endpoint_(endpoint),
        began_(context_->clock.Monotonic()) {}

  void Send(net::HttpResponse response) override {
    Note(&response);
    reply_->Send(std::move(response));
  }
  std::shared_ptr<net::ResponseStream> Stream(net::HttpResponse head) override {
    Note(&head);
    return reply_->Stream(std::move(head));
  }

 private:
  void Note(net::HttpResponse* response) {
    AddCommonHeaders(response);
    context_->requests.Count(endpoint_, response->status, context_->clock.Monotonic() - began_);
  }

  const net::ReplyPtr reply_;
  const std::shared_ptr<Context> context_;
  const Endpoint& endpoint_;
  const Nanos began_;
};

void Handle(const std::shared_ptr<Context>& context, const Endpoint& endpoint,
            const net::HttpRequest& request, net::ReplyPtr raw_reply) {
  auto reply = std::make_shared<ObservedReply>(std::move(raw_reply), context, endpoint);
  const Result<Arguments> arguments = ParseArguments(endpoint, request, context->clock.Now());
  if (!arguments.ok()) {
    reply->Send(net::ErrorResponse(arguments.status()));
    return;
  }
  const Call call{request, *arguments, request.principal.project};
  if (const auto* stream = std::get_if<StreamAnswer>(&endpoint.handler)) {
    (*stream)(*context, call, std::move(reply));
    return;
  }
  Result<net::HttpResponse> response = std::get<Answer>(endpoint.handler)(*context, call);
  reply->Send(response.ok() ? std::move(*response) : net::ErrorResponse(response.status()));
}

}  // namespace

void RequestCounters::Count(const Endpoint& endpoint, int status, Nanos duration) {
  const std::lock_guard lock(mutex_);
  Row& row = rows_[{endpoint.method, endpoint.pattern, status}];
  ++row.requests;
  row.duration += duration;
}

std::map<RequestCounters::Key, RequestCounters::Row> RequestCounters::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return rows_;
}

Context::Context(Dependencies d)
    : dependencies(std::move(d)),
      store(dependencies.store),
      prices(dependencies.prices),
      keys(dependencies.keys),
      authenticator(dependencies.authenticator),
      clock(dependencies.clock),
      started(clock.Now()),
      started_monotonic(clock.Monotonic()),
      endpoints(AllEndpoints()),
      openapi(DescribeApi(endpoints, dependencies.version.version)) {}

void Register(net::HttpServer& server, Dependencies dependencies) {
  const auto context = std::make_shared<Context>(std::move(dependencies));
  for (const Endpoint& endpoint : context->endpoints) {
    net::Route route;
    route.method = endpoint.method;
    route.pattern = endpoint.pattern;
    route.access = endpoint.access;
    route.lane = net::Lane::kQuery;
    route.handler = [context, &endpoint](net::HttpRequest request, net::ReplyPtr reply) {
      Handle(context, endpoint, request, std::move(reply));
    };
    server.AddRoute(std::move(route));
  }
}

}  // namespace ao::api
