#include <memory>

#include "app/commands.h"
#include "app/replay.h"
#include "cli/commands.h"
#include "prices/price_store.h"
#include "runs/assembler.h"
#include "storage/local/local_store.h"

namespace ao::app {

Status ExportParquet(const cli::Invocation& invocation, cli::Io& io, const std::string& directory) {
  AO_ASSIGN_OR_RETURN(const config::Settings settings, cli::LoadSettings(invocation, io));
  FileSystem& fs = PosixFileSystem();
  storage::LocalStore::Options options;
  options.directory = settings.Text("data_dir");
  options.maintenance_interval = 0;
  if (!fs.Exists(options.directory)) {
    return NotFound("cannot export " + options.directory + ": there is no such directory",
                    "name the data directory with --data-dir");
  }
  AO_ASSIGN_OR_RETURN(const uint64_t seed,
                      storage::LocalStore::ContentSeedOf(fs, options.directory));
  AO_ASSIGN_OR_RETURN(
      const auto prices,
      prices::PriceStore::Open({options.directory, settings.Text("cost.prices_file")}, fs));
  runs::Assembler assembler(
      {.quiet_period = settings.Duration("runs.quiet_period"), .clock = &io.clock});
  AO_ASSIGN_OR_RETURN(const auto store, storage::LocalStore::Open(
                                            options, fs, io.clock,
                                            MakeReplayDecoder(seed, &prices->pricer()), assembler));
  AO_TRY(store->ExportParquet(directory));
  return store->Close();
}

}  // namespace ao::app
