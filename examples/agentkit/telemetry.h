#pragma once

#include <memory>
#include <string>

#include <observatory/log.h>

namespace agentkit {

// Configures the SDK for an agent: service name and version, the replay clock, and session and
// user, which travel as baggage, on every span and log.
void start_telemetry(const std::string& service, const std::string& version);

// JSON lines about what the agent does, with the trace they belong to: on standard error, and as
// OTLP logs.
const std::shared_ptr<observatory::StructuredLogger>& log_lines();

// The trace of the newest root span of this process.
std::string last_trace_id();

}  // namespace agentkit
