#include <fmt/ostream.h>

#include "app/commands.h"
#include "app/replay.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "runs/assembler.h"
#include "storage/local/local_store.h"

namespace ao::app {
namespace {

Result<storage::ReindexReport> ReindexDirectory(const cli::Invocation& invocation, cli::Io& io) {
  AO_ASSIGN_OR_RETURN(const config::Settings settings, cli::LoadSettings(invocation, io));
  FileSystem& fs = PosixFileSystem();
  storage::LocalStore::Options options;
  options.directory = settings.Text("data_dir");
  options.maintenance_interval = 0;
  if (!fs.Exists(options.directory)) {
    return NotFound("cannot reindex " + options.directory + ": there is no such directory",
                    "name the data directory with --data-dir");
  }
  AO_ASSIGN_OR_RETURN(const uint64_t seed,
                      storage::LocalStore::ContentSeedOf(fs, options.directory));
  runs::Assembler assembler(
      {.quiet_period = settings.Duration("runs.quiet_period"), .clock = &io.clock});
  AO_ASSIGN_OR_RETURN(
      const auto store,
      storage::LocalStore::Open(options, fs, io.clock, MakeReplayDecoder(seed), assembler));
  std::optional<cli::Progress> bar;
  const auto report = store->Reindex([&](uint64_t done, uint64_t total) {
    if (!bar) bar.emplace(io, "reindexed spans", total);
    bar->Update(done);
  });
  AO_TRY(store->Close());
  return report;
}

int Reindex(const cli::Invocation& invocation, cli::Io& io) {
  const auto report = ReindexDirectory(invocation, io);
  if (!report.ok()) return cli::ReportError(io, report.status());
  if (invocation.On("json")) {
    JsonWriter json;
    json.BeginObject().Field("files", report->files).Field("spans", report->spans);
    json.Field("runs", report->runs).EndObject();
    fmt::print(io.out, "{}\n", json.text());
  } else if (report->files == 0) {
    fmt::print(io.out, "every span is mapped as this version does it; nothing to do\n");
  } else {
    fmt::print(io.out, "{} spans in {} files mapped again, {} runs made anew\n", report->spans,
               report->files, report->runs);
  }
  return cli::kExitOk;
}

}  // namespace

cli::Command ReindexCommand() {
  return {.path = "reindex",
          .summary = "Map stored spans again with this version's dialect tables",
          .details =
              "Needs the data directory to itself: stop the server first. Spans that an older "
              "version mapped get new canonical columns (operation, model, tokens, ...) from the "
              "attributes that were stored, and their runs are made anew; attributes stay as they "
              "are. It may be interrupted: started again it goes on with the files that are left.",
          .examples = {{"observatory reindex --data-dir /var/lib/observatory", ""}},
          .flags = cli::SettingFlags(),
          .run = Reindex,
          .group = "Server"};
}

}  // namespace ao::app
