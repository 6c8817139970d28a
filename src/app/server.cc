#include "app/server.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "api/api.h"
#include "api/live.h"
#include "app/replay.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "ingest/ledger.h"
#include "ingest/otlp/receiver.h"
#include "keys/authenticator.h"
#include "keys/key_store.h"
#include "net/grpc_server.h"
#include "net/http_server.h"
#include "pipeline/pipeline.h"
#include "prices/price_store.h"
#include "runs/assembler.h"
#include "storage/local/local_store.h"
#include "webui/webui.h"

namespace ao::app {
namespace {

bool IsLoopback(std::string_view address) {
  const std::string_view host = address.substr(0, address.rfind(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

net::TlsOptions TlsFrom(const config::Settings& settings) {
  return {settings.Text("tls.certificate"), settings.Text("tls.key"),
          settings.Text("tls.client_ca")};
}

net::HttpServerOptions HttpFrom(const config::Settings& settings) {
  net::HttpServerOptions options;
  options.listen = settings.Text("http.listen");
  options.tls = TlsFrom(settings);
  options.cors.allowed_origins = settings.List("http.cors.allowed_origins");
  options.cors.allowed_headers = settings.List("http.cors.allowed_headers");
  options.cors.max_age = settings.Duration("http.cors.max_age");
  options.max_body_bytes = settings.Bytes("ingest.max_body_bytes");
  options.read_header_timeout = settings.Duration("http.read_header_timeout");
  options.write_timeout = settings.Duration("http.write_timeout");
  options.idle_timeout = settings.Duration("http.idle_timeout");
  options.ingest_threads = static_cast<int>(settings.Integer("ingest.threads"));
  options.query_threads = static_cast<int>(settings.Integer("query.threads"));
  options.max_queued_requests = static_cast<size_t>(settings.Integer("ingest.max_queued_requests"));
  options.max_connections = static_cast<size_t>(settings.Integer("http.max_connections"));
  return options;
}

net::GrpcServerOptions GrpcFrom(const config::Settings& settings) {
  net::GrpcServerOptions options;
  options.listen = settings.Text("grpc.listen");
  options.tls = TlsFrom(settings);
  options.max_message_bytes = settings.Bytes("ingest.max_body_bytes");
  options.max_concurrent_streams =
      static_cast<int>(settings.Integer("grpc.max_concurrent_streams"));
  options.max_connection_age = settings.Duration("grpc.max_connection_age");
  options.ingest_threads = static_cast<int>(settings.Integer("ingest.threads"));
  options.max_queued_requests = static_cast<size_t>(settings.Integer("ingest.max_queued_requests"));
  return options;
}

class RealServer final : public Server {
 public:
  RealServer(const config::Settings& settings, api::VersionInfo version, const Clock& clock)
      : settings_(settings),
        in_force_(settings),
        version_(std::move(version)),
        clock_(clock),
        budget_(settings.Bytes("ingest.memory_bytes")),
        assembler_({.quiet_period = settings.Duration("runs.quiet_period"), .clock = &clock}) {}

  Status Open() {
    AO_TRY(OpenKeys());
    AO_ASSIGN_OR_RETURN(prices_, prices::PriceStore::Open({settings_.Text("data_dir"),
                                                           settings_.Text("cost.prices_file")},
                                                          PosixFileSystem()));
    AO_TRY(OpenStore());
    return OpenListeners();
  }

  Status Start() override;
  Status Stop(Nanos deadline) override;
  void Reload(const config::Settings& next) override {
    const std::lock_guard lock(in_force_mutex_);
    in_force_ = settings_.ReloadedFrom(next);
  }
  std::string http_address() const override { return http_->address(); }
  std::string grpc_address() const override { return grpc_->address(); }

 private:
  Status OpenKeys();
  Status OpenStore();
  Status OpenListeners();
  Status RefuseOpenDoors();
  Status WriteReadyFile();
  void FeedLiveRuns(const std::stop_token& stop);

  config::Settings InForce() {
    const std::lock_guard lock(in_force_mutex_);
    return in_force_;
  }

  const config::Settings settings_;
  std::mutex in_force_mutex_;  // guards in_force_
  config::Settings in_force_;  // settings_ and what was reloaded since
  const api::VersionInfo version_;
  const Clock& clock_;
  std::atomic<bool> ready_{false};
  // Declared in the order of use: what is below may use what is above.
  MemoryBudget budget_;
  ingest::Ledger ledger_;
  api::LiveRuns live_;
  runs::Assembler assembler_;
  std::unique_ptr<keys::KeyStore> keys_;
  std::unique_ptr<keys::ApiKeyAuthenticator> authenticator_;
  std::unique_ptr<prices::PriceStore> prices_;
  std::unique_ptr<storage::LocalStore> store_;
  std::unique_ptr<ingest::otlp::Receiver> otlp_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<net::GrpcServer> grpc_;
  std::jthread live_feed_;
};

Status RealServer::OpenKeys() {
  AO_ASSIGN_OR_RETURN(keys_, keys::KeyStore::Open(settings_.Text("data_dir"), clock_));
  AO_ASSIGN_OR_RETURN(authenticator_, keys::ApiKeyAuthenticator::Create(
                                          *keys_, clock_, settings_.Bool("auth.required")));
  return RefuseOpenDoors();
}

// Anyone who can reach an open port could read every prompt.
Status RealServer::RefuseOpenDoors() {
  if (authenticator_->KeysNeeded() || settings_.Bool("auth.allow_unauthenticated")) {
    return OkStatus();
  }
  for (const char* key : {"http.listen", "grpc.listen"}) {
    if (!IsLoopback(settings_.Text(key))) {
      return FailedPrecondition(
          fmt::format("cannot listen on {} ({}): it is not loopback and no API key exists",
                      settings_.Text(key), key),
          "create a key with `observatory keys create`, or pass --allow-unauthenticated");
    }
  }
  return OkStatus();
}

Status RealServer::OpenStore() {
  storage::LocalStore::Options options;
  options.directory = settings_.Text("data_dir");
  options.seal_rows = static_cast<uint64_t>(settings_.Integer("storage.seal.rows"));
  options.seal_age = settings_.Duration("storage.seal.max_age");
  options.wal_max_bytes = settings_.Bytes("storage.wal.max_bytes");
  // Ingest and sealing need the other half: measured, a second engine thread on two cores costs
  // more in waiting than it gives (docs/performance.md).
  options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
  options.retention_age = settings_.Duration("storage.retention.max_age");
  options.retention_bytes = settings_.Bytes("storage.retention.max_bytes");
  FileSystem& fs = PosixFileSystem();
  AO_ASSIGN_OR_RETURN(const uint64_t seed,
                      storage::LocalStore::ContentSeedOf(fs, options.directory));
  AO_ASSIGN_OR_RETURN(
      store_, storage::LocalStore::Open(options, fs, clock_,
                                        MakeReplayDecoder(seed, &prices_->pricer()), assembler_));
  assembler_.SetListener([this](const model::Run& run) { live_.Publish(run); });
  return OkStatus();
}

Status RealServer::OpenListeners() {
  otlp_ = std::make_unique<ingest::otlp::Receiver>(
      pipeline::MakeSink(*store_,
                         {.content_seed = store_->content_seed(), .pricer = &prices_->pricer()}),
      ledger_, clock_);
  net::HttpServerOptions options = HttpFrom(settings_);
  options.ingest_error = [this](const net::HttpRequest& request, int http_status,
                                const Status& status) {
    return otlp_->TransportError(request, http_status, status);
  };
  AO_ASSIGN_OR_RETURN(http_, net::HttpServer::Create(std::move(options), budget_, *authenticator_));
  AO_ASSIGN_OR_RETURN(grpc_,
                      net::GrpcServer::Create(GrpcFrom(settings_), budget_, *authenticator_));
  otlp_->Register(*http_);
  otlp_->Register(*grpc_);
  api::Register(*http_, {.store = *store_,
                         .ledger = ledger_,
                         .clock = clock_,
                         .live = live_,
                         .prices = *prices_,
                         .keys = *keys_,
                         .authenticator = *authenticator_,
                         .settings = [this] { return InForce(); },
                         .version = version_,
                         .ready = [this] { return ready_.load(); },
                         .extra_metrics = {},
                         .sql = {.timeout = settings_.Duration("sql.timeout"),
                                 .memory_bytes = settings_.Bytes("sql.max_memory_bytes")}});
  webui::Register(*http_);
  for (const std::string& prefix : settings_.List("ingest.prefixes")) {
    http_->AddPrefix(prefix + "/v1", "/v1");
  }
  return OkStatus();
}

Status RealServer::Start() {
  AO_TRY(http_->Start());
  AO_TRY(grpc_->Start());
  live_feed_ = std::jthread([this](const std::stop_token& stop) { FeedLiveRuns(stop); });
  ready_ = true;
  return WriteReadyFile();
}

// Runs are assembled when somebody looks at them; while somebody watches, that is all the time.
void RealServer::FeedLiveRuns(const std::stop_token& stop) {
  constexpr auto kInterval = std::chrono::milliseconds(250);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    wake.wait_for(lock, stop, kInterval, [] { return false; });
    if (stop.stop_requested() || live_.stats().subscribers == 0) continue;
    if (const Status status = store_->RefreshRuns(); !status.ok()) {
      AO_LOG(kWarn, "app", "cannot refresh runs", "error", status.message());
    }
  }
}

Status RealServer::WriteReadyFile() {
  const std::string& path = settings_.Text("ready_file");
  if (path.empty()) return OkStatus();
  JsonWriter json;
  json.BeginObject()
      .Field("pid", static_cast<int64_t>(::getpid()))
      .Field("version", version_.version)
      .Field("http", http_->address())
      .Field("grpc", grpc_->address())
      .EndObject();
  return WriteFileAtomically(PosixFileSystem(), path, json.text() + "\n")
      .WithContext("writing the ready file");
}

Status RealServer::Stop(Nanos deadline) {
  ready_ = false;
  live_.Close();
  live_feed_ = {};  // stops and joins
  const auto left = [&] { return std::max<Nanos>(0, deadline - clock_.Monotonic()); };
  http_->Stop(left());
  grpc_->Stop(left());
  // Sealing makes the next start quick; without it the log brings everything back.
  if (const Status sealed = store_->Seal(); !sealed.ok()) {
    AO_LOG(kWarn, "app", "cannot seal before stopping; the write-ahead log keeps the data", "error",
           sealed.message());
  }
  return store_->Close();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::Create(const config::Settings& settings,
                                               api::VersionInfo version, const Clock& clock) {
  auto server = std::make_unique<RealServer>(settings, std::move(version), clock);
  AO_TRY(server->Open());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace ao::app
