#include "cases/world.h"

#include <future>
#include <utility>

#include <fmt/format.h>

#include "api/api.h"
#include "config/settings.h"
#include "ingest/otlp/replay.h"
#include "pipeline/pipeline.h"
#include "prices/price_store.h"
#include "storage/encode/prepare.h"

namespace ao::cases {
namespace {

// Receivers answer from a thread of the store.
class AwaitedReply final : public net::Reply {
 public:
  void Send(net::HttpResponse response) override { promise_.set_value(std::move(response)); }
  std::shared_ptr<net::ResponseStream> Stream(net::HttpResponse head) override {
    stream_ = std::make_shared<api::RecordingStream>();
    promise_.set_value(std::move(head));
    return stream_;
  }
  net::HttpResponse Await() {
    net::HttpResponse response = promise_.get_future().get();
    if (stream_ != nullptr) response.body += stream_->text();
    return response;
  }

 private:
  std::promise<net::HttpResponse> promise_;
  std::shared_ptr<api::RecordingStream> stream_;
};

std::string Decode(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - 'A' + 10;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<World>> World::Create() {
  std::unique_ptr<World> world(new World);
  AO_TRY(world->Open());
  return world;
}

World::~World() {
  live_.Close();
  if (store_ != nullptr) (void)store_->Close();
}

Status World::Open() {
  storage::LocalStore::Options options;
  options.directory = directory_.path() + "/data";
  options.maintenance_interval = 0;
  options.memory_bytes = 1ull << 30;
  FileSystem& files = PosixFileSystem();
  AO_ASSIGN_OR_RETURN(const uint64_t seed,
                      storage::LocalStore::ContentSeedOf(files, options.directory));
  assembler_ = std::make_unique<runs::Assembler>(runs::Assembler::Options{.clock = &clock});
  AO_ASSIGN_OR_RETURN(prices_, prices::PriceStore::Open({options.directory, ""}, files));
  AO_ASSIGN_OR_RETURN(keys_, keys::KeyStore::Open(options.directory, clock));
  AO_ASSIGN_OR_RETURN(authenticator_, keys::ApiKeyAuthenticator::Create(*keys_, clock, false));
  const cost::Pricer* pricer = &prices_->pricer();
  const auto decoder = [seed,
                        pricer](storage::ReplayFrame frame) -> Result<storage::PreparedBatch> {
    AO_ASSIGN_OR_RETURN(model::Batch batch,
                        ingest::otlp::DecodeFormat(frame.format, std::move(frame.body)));
    return storage::Prepare(std::string(frame.project), frame.received, std::string(frame.format),
                            std::move(batch), {.content_seed = seed, .pricer = pricer});
  };
  AO_ASSIGN_OR_RETURN(store_,
                      storage::LocalStore::Open(options, files, clock, decoder, *assembler_));
  receiver_ = std::make_unique<ingest::otlp::Receiver>(
      pipeline::MakeSink(*store_, {.content_seed = seed, .pricer = pricer}), ledger_, clock);
  server_ = std::make_unique<api::FakeServer>();
  receiver_->Register(*server_);
  api::Register(*server_, {.store = *store_,
                           .ledger = ledger_,
                           .clock = clock,
                           .live = live_,
                           .prices = *prices_,
                           .keys = *keys_,
                           .authenticator = *authenticator_,
                           .settings = [] { return config::Settings(); },
                           .version = {"1.0.0", "", ""},
                           .ready = [] { return true; },
                           .extra_metrics = {},
                           .sql = {}});
  return OkStatus();
}

Status World::Restart() {
  AO_TRY(store_->Close());
  server_.reset();
  receiver_.reset();
  store_.reset();
  prices_.reset();
  authenticator_.reset();
  keys_.reset();
  assembler_.reset();
  return Open();
}

Result<net::HttpResponse> World::Call(std::string method, std::string_view target, std::string body,
                                      net::HeaderList headers) {
  net::HttpRequest request;
  request.method = std::move(method);
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = Decode(target.substr(0, mark));
  for (std::string_view rest = target.substr(std::min(mark + 1, target.size())); !rest.empty();) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const size_t equals = std::min(pair.find('='), pair.size());
    request.query.emplace_back(Decode(pair.substr(0, equals)),
                               Decode(pair.substr(std::min(equals + 1, pair.size()))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  request.headers = std::move(headers);
  request.body = std::move(body);
  request.principal.project = project;
  const net::Route* route = server_->Match(request.method, request.path, &request.path_parameters);
  if (route == nullptr) {
    return NotFound(
        fmt::format("cannot call {} {}: there is no such route", request.method, request.path));
  }
  const auto reply = std::make_shared<AwaitedReply>();
  route->handler(std::move(request), reply);
  return reply->Await();
}

Result<storage::SqlResult> World::Sql(std::string text) {
  storage::SqlRequest request;
  request.project = project;
  request.text = std::move(text);
  return store_->Sql(request);
}

}  // namespace ao::cases
