#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

// A trace as Langfuse exports it ({trace, observations}) as an OTLP/JSON request: the original
// attributes of each observation, and its own fields under langfuse.*, as its SDK would send them.

namespace ao::cases {

Result<std::string> OtlpOfLangfuseExport(std::string_view json);

}  // namespace ao::cases
