#include "transports.h"

#include <exception>
#include <map>
#include <mutex>

#include "http_transport.h"

namespace observatory {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, TransportFactory, std::less<>> factories;
};
Registry& TheRegistry() {
  static Registry* registry = new Registry;  // used before main and after it
  return *registry;
}

class Unusable final : public Transport {
 public:
  explicit Unusable(std::string why) : why_(std::move(why)) {}
  ExportResponse send(const ExportRequest&) noexcept override {
    return {.outcome = ExportResponse::Outcome::kRefused, .message = why_};
  }

 private:
  const std::string why_;
};

}  // namespace

void register_transport(std::string_view protocol, TransportFactory factory) noexcept {
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  registry.factories.insert_or_assign(std::string(protocol), factory);
}

namespace detail {

const char* PathOf(Signal signal) noexcept {
  switch (signal) {
    case Signal::kTraces: return "/v1/traces";
    case Signal::kMetrics: return "/v1/metrics";
    case Signal::kLogs: return "/v1/logs";
  }
  return "";
}

TransportFactory FindTransport(std::string_view protocol) noexcept {
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  const auto found = registry.factories.find(protocol);
  return found != registry.factories.end() ? found->second : nullptr;
}

std::shared_ptr<Transport> MakeTransport(Signal signal, const Endpoint& endpoint) {
  const TransportFactory factory = FindTransport(endpoint.protocol);
  if (factory == nullptr) return MakeHttpTransport(endpoint);
  std::string why = "cannot send telemetry to " + endpoint.url + " by " + endpoint.protocol;
  try {
    if (auto transport = factory(signal, endpoint)) return transport;
  } catch (const std::exception& error) {
    why += ": " + std::string(error.what());
  }
  return std::make_shared<Unusable>(std::move(why));
}

Endpoint HttpInsteadOfGrpc(Signal signal, Endpoint endpoint) {
  endpoint.protocol = "http/protobuf";
  std::string& url = endpoint.url;
  if (url.find("://") == url.npos) url = (endpoint.insecure ? "http://" : "https://") + url;
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(":4317")) url.replace(url.size() - 5, 5, ":4318");
  url += PathOf(signal);
  return endpoint;
}

std::shared_ptr<Transport> MakeHttpFallback(const Endpoint& endpoint) {
  return MakeHttpTransport(endpoint);
}

}  // namespace detail
}  // namespace observatory
