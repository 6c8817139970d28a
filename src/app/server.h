#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/api.h"
#include "base/clock.h"
#include "base/status.h"
#include "config/settings.h"

// The server: every component, in the order in which they start and (reversed) stop.

namespace ao::app {

class Server {
 public:
  // Opens the data directory (replaying what a crash left) and binds the listeners, but answers
  // "not ready" until Start. Errors name the setting at fault.
  static Result<std::unique_ptr<Server>> Create(const config::Settings& settings,
                                                api::VersionInfo version, const Clock& clock);
  virtual ~Server() = default;

  // Serves; writes the ready file when the settings name one.
  virtual Status Start() = 0;
  // Stops accepting, lets requests under way finish until `deadline` (of Clock::Monotonic), seals
  // and closes the store.
  virtual Status Stop(Nanos deadline) = 0;

  // Takes over what `next` changes without a restart. Thread-safe.
  virtual void Reload(const config::Settings& next) = 0;

  virtual std::string http_address() const = 0;
  virtual std::string grpc_address() const = 0;
};

}  // namespace ao::app
