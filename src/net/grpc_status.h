#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace ao::net {

// An encoded google.rpc.Status with RetryInfo, for the grpc-status-details-bin trailer. Empty
// when there is no `retry_after`. Thread-safe.
std::string EncodeStatusDetails(const Status& status, std::optional<Nanos> retry_after);

// A grpc.health.v1.HealthCheckRequest's service; nullopt when `message` is not one.
std::optional<std::string> DecodeHealthRequest(const std::string& message);
// A grpc.health.v1.HealthCheckResponse.
std::string EncodeHealthResponse(bool serving);

}  // namespace ao::net
