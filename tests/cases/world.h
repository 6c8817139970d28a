#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/live.h"
#include "api/testing/fake_server.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "ingest/ledger.h"
#include "ingest/otlp/receiver.h"
#include "keys/authenticator.h"
#include "keys/key_store.h"
#include "prices/price_store.h"
#include "runs/assembler.h"
#include "storage/local/local_store.h"

// What a case runs against: receiver, pipeline, store, run assembly and REST API of the real
// server, wired as the server wires them, over a fresh directory and a clock that moves only when
// told. No sockets. Single-thread.

namespace ao::cases {

class World {
 public:
  static constexpr Nanos kStart = 1'769'851'800 * kSecond;  // 2026-01-31T09:30:00Z

  static Result<std::unique_ptr<World>> Create();
  ~World();

  ManualClock clock{kStart};
  std::string project = "default";

  // One request; the target is a path with an optional query, percent-encoded where needed.
  // not_found when there is no such route.
  Result<net::HttpResponse> Call(std::string method, std::string_view target, std::string body,
                                 net::HeaderList headers);

  Result<storage::SqlResult> Sql(std::string text);

  Status Seal() { return store_->Seal(); }
  Result<storage::ReindexReport> Reindex() { return store_->Reindex({}); }
  Status Maintain() { return store_->RunMaintenance(); }
  // Stops and starts again; what was not sealed comes back from the log.
  Status Restart();

 private:
  World() = default;
  Status Open();

  TemporaryDirectory directory_;
  ingest::Ledger ledger_;
  api::LiveRuns live_;
  std::unique_ptr<runs::Assembler> assembler_;
  std::unique_ptr<prices::PriceStore> prices_;
  std::unique_ptr<keys::KeyStore> keys_;
  std::unique_ptr<keys::ApiKeyAuthenticator> authenticator_;
  std::unique_ptr<storage::LocalStore> store_;
  std::unique_ptr<ingest::otlp::Receiver> receiver_;
  std::unique_ptr<api::FakeServer> server_;
};

}  // namespace ao::cases
