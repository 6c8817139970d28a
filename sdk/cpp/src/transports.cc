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

}  // namespace detail
}  // namespace observatory
