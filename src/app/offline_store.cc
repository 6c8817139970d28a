#include "app/offline_store.h"

#include <utility>

#include "app/replay.h"
#include "cli/commands.h"

namespace ao::app {

Result<OfflineStore> OpenOfflineStore(const cli::Invocation& invocation, cli::Io& io,
                                      std::string_view verb) {
  AO_ASSIGN_OR_RETURN(const config::Settings settings, cli::LoadSettings(invocation, io));
  FileSystem& fs = PosixFileSystem();
  storage::LocalStore::Options options;
  options.directory = settings.Text("data_dir");
  options.maintenance_interval = 0;
  if (!fs.Exists(options.directory)) {
    return NotFound(
        "cannot " + std::string(verb) + " " + options.directory + ": there is no such directory",
        "name the data directory with --data-dir");
  }
  AO_ASSIGN_OR_RETURN(const uint64_t seed,
                      storage::LocalStore::ContentSeedOf(fs, options.directory));
  OfflineStore offline;
  AO_ASSIGN_OR_RETURN(
      offline.prices,
      prices::PriceStore::Open({options.directory, settings.Text("cost.prices_file")}, fs));
  offline.assembler = std::make_unique<runs::Assembler>(runs::Assembler::Options{
      .quiet_period = settings.Duration("runs.quiet_period"), .clock = &io.clock});
  AO_ASSIGN_OR_RETURN(offline.store,
                      storage::LocalStore::Open(std::move(options), fs, io.clock,
                                                MakeReplayDecoder(seed, &offline.prices->pricer()),
                                                *offline.assembler));
  return offline;
}

}  // namespace ao::app
