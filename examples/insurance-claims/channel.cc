#include "insurance-claims/channel.h"

#include <charconv>

#include "agentkit/clock.h"

namespace claims {
namespace {

constexpr char kSent[] = "sent-at-ns", kReplayed[] = "time-is-replayed";

}  // namespace

observatory::Propagator::Pairs with_time(observatory::Propagator::Pairs trace) {
  const auto& clock = *agentkit::replay_clock();
  trace.emplace_back(kSent, std::to_string(clock.unix_nanos()));
  if (clock.replaying()) trace.emplace_back(kReplayed, "1");
  return trace;
}

void read_time(const observatory::Propagator::Pairs& fields, Message* message) {
  for (const auto& [name, value] : fields) {
    if (name == kSent) {
      std::from_chars(value.data(), value.data() + value.size(), message->sent_ns);
    }
    message->replayed |= name == kReplayed;
  }
}

void follow(const Message& message) {
  if (message.replayed) agentkit::replay_clock()->set(message.sent_ns);
}

void catch_up(const Message& message) {
  if (message.sent_ns > agentkit::replay_clock()->unix_nanos()) follow(message);
}

Address address_of(const std::string& url) {
  const size_t host = url.find("://"), colon = url.rfind(':');
  Address address;
  if (host != std::string::npos && colon > host + 3) {
    address.host = url.substr(host + 3, colon - host - 3);
    std::from_chars(url.data() + colon + 1, url.data() + url.size(), address.port);
  }
  if (address.port > 0) return address;
  throw BusError("cannot read the address '" + url + "': expected one like redis://127.0.0.1:6379");
}

}  // namespace claims
