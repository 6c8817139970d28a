#pragma once

#include <string>

#include "model/telemetry.h"

// For tests: everything a batch holds as text, independent of the encoders, so that two batches
// are equal when their dumps are.

namespace ao::ingest::otlp::testing {

std::string Dump(const model::Batch& batch);
std::string Dump(const model::Value& value);
std::string Dump(model::Attributes attributes);

}  // namespace ao::ingest::otlp::testing
