#pragma once

#include <functional>
#include <string>

#include "api/live.h"
#include "base/clock.h"
#include "base/prometheus_text.h"
#include "net/http_server.h"
#include "storage/store.h"

// The REST API under /api, with /healthz, /readyz and /metrics. docs/api.md is for its users,
// /api/v1/openapi.json is generated from the same tables that route and check the requests.
// To add an endpoint family: one file in rest/ and one line in rest/families.h.

namespace ao::ingest {
class Ledger;
}
namespace ao::config {
class Settings;
}
namespace ao::keys {
class ApiKeyAuthenticator;
class KeyStore;
}  // namespace ao::keys
namespace ao::prices {
class PriceStore;
}

namespace ao::api {

struct VersionInfo {
  std::string version, commit, build_date;
};

// Bounds of the SQL endpoint.
struct SqlLimits {
  Nanos timeout = 5 * kMinute;  // the longest that a request may ask for
  uint64_t memory_bytes = 1ull << 30;
};

// Everything referred to outlives the HTTP server.
struct Dependencies {
  storage::Store& store;
  ingest::Ledger& ledger;
  const Clock& clock;
  LiveRuns& live;
  prices::PriceStore& prices;
  keys::KeyStore& keys;
  keys::ApiKeyAuthenticator& authenticator;
  // The settings in force. Called from many threads.
  std::function<config::Settings()> settings;
  VersionInfo version;
  // False: /readyz answers 503. Called from many threads.
  std::function<bool()> ready;
  // Adds families to /metrics; may be null. Called from many threads.
  std::function<void(PrometheusText&)> extra_metrics;
  SqlLimits sql;
};

// Adds every route. Call before `server.Start()`; close `dependencies.live` before `server.Stop()`
// so that live connections end.
void Register(net::HttpServer& server, Dependencies dependencies);

}  // namespace ao::api
