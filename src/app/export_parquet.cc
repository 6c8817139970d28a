#include "app/commands.h"
#include "app/offline_store.h"

namespace ao::app {

Status ExportParquet(const cli::Invocation& invocation, cli::Io& io, const std::string& directory) {
  AO_ASSIGN_OR_RETURN(const OfflineStore offline, OpenOfflineStore(invocation, io, "export"));
  AO_TRY(offline.store->ExportParquet(directory));
  return offline.store->Close();
}

}  // namespace ao::app
