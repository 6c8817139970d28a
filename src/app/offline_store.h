#pragma once

#include <memory>

#include "cli/command.h"
#include "prices/price_store.h"
#include "runs/assembler.h"
#include "storage/local/local_store.h"

// The data directory of the settings, opened by a command while no server runs.

namespace ao::app {

struct OfflineStore {
  std::unique_ptr<prices::PriceStore> prices;
  std::unique_ptr<runs::Assembler> assembler;
  std::unique_ptr<storage::LocalStore> store;  // uses the two above
};

// not_found when there is no such directory: "cannot <verb> DIRECTORY: ...". failed_precondition
// when a server has it.
Result<OfflineStore> OpenOfflineStore(const cli::Invocation& invocation, cli::Io& io,
                                      std::string_view verb);

}  // namespace ao::app
