#include "api/json.h"
#include "api/rest/common.h"
#include "api/rest/families.h"

namespace ao::api {
namespace {

std::string EventOf(const model::Run& run) {
  JsonWriter json;
  WriteRun(run, json);
  return "event: run\ndata: " + json.Take() + "\n\n";
}

// Until the peer, the subscription or the server ends.
void Pump(LiveRuns::Subscription& subscription, net::ResponseStream& stream) {
  while (true) {
    const LiveRuns::Delivery delivery = subscription.Wait();
    std::string text;
    for (const LiveRuns::RunPtr& run : delivery.runs) text += EventOf(*run);
    if (delivery.dropped) {
      text += ": dropped, this reader is too slow; reconnect and list the runs again\n\n";
    } else if (delivery.closed) {
      text += ": closed\n\n";
    } else if (text.empty()) {
      text = ": heartbeat\n\n";
    }
    if (!stream.Write(text) || delivery.dropped || delivery.closed) break;
  }
  stream.Finish();
}

void StreamRuns(Context& context, const Call& call, net::ReplyPtr reply) {
  auto subscription = context.dependencies.live.Subscribe(call.project);
  if (subscription == nullptr) {
    reply->Send(net::ErrorResponse(Unavailable("cannot follow runs: too many followers",
                                               "close other live views, or poll /api/v1/runs")));
    return;
  }
  net::HttpResponse head;
  head.content_type = "text/event-stream";
  head.body = "retry: 2000\n: connected\n\n";
  auto stream = reply->Stream(std::move(head));
  context.events.Serve(std::move(subscription), std::move(stream));
}

}  // namespace

void EventConnections::Serve(std::shared_ptr<LiveRuns::Subscription> subscription,
                             std::shared_ptr<net::ResponseStream> stream) {
  const std::lock_guard lock(mutex_);
  connections_.remove_if([](Connection& connection) {
    if (!connection.done->load()) return false;
    connection.thread.join();
    return true;
  });
  Connection connection;
  connection.subscription = subscription;
  connection.done = std::make_shared<std::atomic<bool>>(false);
  connection.thread = std::thread(
      [subscription = std::move(subscription), stream = std::move(stream), done = connection.done] {
        Pump(*subscription, *stream);
        done->store(true);
      });
  connections_.push_back(std::move(connection));
}

EventConnections::~EventConnections() {
  for (Connection& connection : connections_) {
    if (const auto subscription = connection.subscription.lock()) subscription->Close();
  }
  for (Connection& connection : connections_) {
    // The last stream to end may hold the last reference to the server, and so to this.
    if (connection.thread.get_id() == std::this_thread::get_id()) {
      connection.thread.detach();
    } else {
      connection.thread.join();
    }
  }
}

std::vector<Endpoint> LiveEndpoints() {
  return {{.method = "GET",
           .pattern = "/api/v1/live/runs",
           .summary = "Runs as they change, as server-sent events",
           .parameters = {},
           .response = "Events named run whose data is a Run; a comment every 15 s while nothing "
                       "happens. A reader that falls too far behind is dropped.",
           .handler = &StreamRuns,
           .content_type = "text/event-stream"}};
}

}  // namespace ao::api
