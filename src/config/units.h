#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

// Durations and byte sizes as people write them. Errors are invalid_argument and say what is
// allowed. Thread-safe, no state.

namespace ao::config {

// "7d", "1h30m", "500ms", "1.5s", "0". Units: ns us ms s m h d w. Never negative.
Result<Nanos> ParseDuration(std::string_view text);
// "20GiB", "64MiB", "1.5GB", "1048576", "512k". KiB/MiB/GiB/TiB (also K/M/G/T) are powers of
// 1024, kB/MB/GB/TB powers of 1000. Case matters only to tell nothing apart: any case is taken.
Result<uint64_t> ParseBytes(std::string_view text);

// Shortest exact form: "7d", "1h30m", "1500ms", "0".
std::string FormatDuration(Nanos duration);
// Exact where a unit divides evenly, else bytes: "20GiB", "1500".
std::string FormatBytes(uint64_t bytes);

}  // namespace ao::config
