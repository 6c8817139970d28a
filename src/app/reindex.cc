#include <fmt/ostream.h>

#include "app/commands.h"
#include "app/offline_store.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/progress.h"

namespace ao::app {
namespace {

Result<storage::ReindexReport> ReindexDirectory(const cli::Invocation& invocation, cli::Io& io) {
  AO_ASSIGN_OR_RETURN(const OfflineStore offline, OpenOfflineStore(invocation, io, "reindex"));
  std::optional<cli::Progress> bar;
  const auto report = offline.store->Reindex({.all = invocation.On("all"),
                                              .pricer = &offline.prices->pricer(),
                                              .progress = [&](uint64_t done, uint64_t total) {
                                                if (!bar) bar.emplace(io, "reindexed spans", total);
                                                bar->Update(done);
                                              }});
  AO_TRY(offline.store->Close());
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
  std::vector<cli::Flag> flags = cli::SettingFlags();
  flags.push_back(
      {.name = "all", .doc = "Also spans that this version mapped, to apply changed prices"});
  return {.path = "reindex",
          .summary = "Map stored spans again with this version's dialect tables",
          .details =
              "Needs the data directory to itself: stop the server first. Spans that an older "
              "version mapped get new canonical columns (operation, model, tokens, cost, ...) from "
              "the attributes that were stored, and their runs are made anew; attributes stay as "
              "they are. It may be interrupted: started again it goes on with the files that are "
              "left, or with --all from the beginning.",
          .examples = {{"observatory reindex --data-dir /var/lib/observatory", ""},
                       {"observatory reindex --all", "Price history again with today's prices"}},
          .flags = std::move(flags),
          .run = Reindex,
          .group = "Server"};
}

}  // namespace ao::app
