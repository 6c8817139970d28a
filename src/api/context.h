#pragma once

#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/endpoint.h"

// What all handlers share; made once by Register and kept by the routes. Thread-safe.

namespace ao::api {

// Requests answered, by route and status.
class RequestCounters {
 public:
  struct Row {
    uint64_t requests = 0;
    Nanos duration = 0;  // until the handler returned
  };
  using Key = std::tuple<std::string_view, std::string_view, int>;  // method, pattern, status

  void Count(const Endpoint& endpoint, int status, Nanos duration);
  std::map<Key, Row> Snapshot() const;

 private:
  mutable std::mutex mutex_;
  std::map<Key, Row> rows_;
};

// One thread per server-sent-events connection: it waits for runs and writes them, so that a slow
// reader holds up nobody else and no request thread.
class EventConnections {
 public:
  ~EventConnections();
  void Serve(std::shared_ptr<LiveRuns::Subscription> subscription,
             std::shared_ptr<net::ResponseStream> stream);

 private:
  struct Connection {
    std::weak_ptr<LiveRuns::Subscription> subscription;  // the thread owns it
    std::shared_ptr<std::atomic<bool>> done;
    std::thread thread;
  };
  std::mutex mutex_;
  std::list<Connection> connections_;
};

struct Context {
  explicit Context(Dependencies d);

  const Dependencies dependencies;
  storage::Store& store;
  prices::PriceStore& prices;
  keys::KeyStore& keys;
  keys::ApiKeyAuthenticator& authenticator;
  const Clock& clock;
  const Nanos started;  // wall time
  const Nanos started_monotonic;
  std::vector<Endpoint> endpoints;
  std::string openapi;  // JSON text
  RequestCounters requests;
  EventConnections events;
};

}  // namespace ao::api
