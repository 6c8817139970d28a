#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <observatory/context.h>
#include <observatory/propagator.h>

#include "agentkit/model.h"

// One queue between two agents, on whichever bus. What is sent stays in it until a consumer says
// that it is done: a consumer that dies in between, or its successor, gets the message once more.

namespace claims {

using agentkit::json;

// The bus cannot be reached, or refuses.
struct BusError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Message {
  json body;
  observatory::Context origin;                  // the span that sent it
  std::vector<observatory::SpanContext> links;  // spans that sent what it was joined with
  int64_t sent_ns = 0;                          // Unix time by the clock of the sender
  bool replayed = false;                        // that clock replays
  bool redelivered = false;                     // somebody had it before, and did not finish
  std::string receipt;                          // what the bus knows it by
};

// Single-thread; every channel has a connection of its own.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual const std::string& name() const = 0;
  virtual std::string_view system() const = 0;  // messaging.system

  // Returns once the bus has taken over the message, with the trace that is current. Throws
  // BusError.
  virtual void send(const json& body) = 0;
  // The next message, or nothing within that time. Throws BusError.
  virtual std::optional<Message> take(std::chrono::milliseconds patience) = 0;
  // The message is dealt with and need not come again. Throws BusError.
  virtual void done(const Message& message) = 0;
};

// What is dealt with for good, kept on a bus, so that a message that comes once more is known.
class Memory {
 public:
  virtual ~Memory() = default;
  // For a day. Throws BusError.
  virtual void remember(const std::string& id) = 0;
  virtual bool remembers(const std::string& id) = 0;
};

// What a message carries besides its body: `trace`, which a Propagator made, and the time, so that
// all processes of a trace agree about it where it is replayed.
observatory::Propagator::Pairs with_time(observatory::Propagator::Pairs trace);
void read_time(const observatory::Propagator::Pairs& fields, Message* message);
// Sets the clock of the telemetry to when the message was sent, where that is replayed: back or
// forth, or only forth.
void follow(const Message& message);
void catch_up(const Message& message);

// "redis://127.0.0.1:6379" in parts; throws BusError.
struct Address {
  std::string host;
  int port = 0;
};
Address address_of(const std::string& url);

}  // namespace claims
