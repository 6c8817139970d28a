#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.h"

// Hashes used across the project: XXH3 (github.com/Cyan4973/xxHash). Not cryptographic; content
// addresses are keyed with a per-store seed and verified on read. Thread-safe.

namespace ao {

uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);
ContentAddress Hash128(std::string_view bytes, uint64_t seed = 0);

}  // namespace ao
