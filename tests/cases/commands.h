#pragma once

#include <string>

#include "base/status.h"
#include "cases/case_file.h"
#include "cases/world.h"

// The commands of text cases (README.md).

namespace ao::cases {

// What the block's command prints. unavailable: the case needs something that is not there, and is
// skipped. `data` is the folder of recorded payloads.
Result<std::string> Run(const Block& block, const std::string& data, World& world);

}  // namespace ao::cases
