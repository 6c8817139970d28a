#pragma once

#include <string>

#include "base/status.h"
#include "cases/case_file.h"
#include "cases/world.h"

// The commands of text cases (README.md).

namespace ao::cases {

struct Folders {
  std::string data = "tests/data";  // recorded payloads
  std::string shared;               // data that is not part of the repository; may be absent
};

// What the block's command prints. unavailable: the case needs something that is not there, and is
// skipped.
Result<std::string> Run(const Block& block, const Folders& folders, World& world);

}  // namespace ao::cases
