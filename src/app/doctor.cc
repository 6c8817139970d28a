#include <ostream>
#include <string>
#include <vector>

#include <fmt/ostream.h>

#include "app/commands.h"
#include "base/json_writer.h"
#include "cli/commands.h"
#include "storage/local/local_store.h"

namespace ao::app {
namespace {

int Doctor(const cli::Invocation& invocation, cli::Io& io) {
  const auto settings = cli::LoadSettings(invocation, io);
  if (!settings.ok()) return cli::ReportError(io, settings.status());
  const std::string& directory = settings->Text("data_dir");
  if (!PosixFileSystem().Exists(directory)) {
    return cli::ReportError(io,
                            NotFound("cannot check " + directory + ": there is no such directory",
                                     "name the data directory with --data-dir"));
  }
  const bool json = invocation.On("json");
  std::vector<std::string> problems;
  const Status checked =
      storage::VerifyDirectory(PosixFileSystem(), directory, [&](std::string problem) {
        if (!json) fmt::print(io.out, "{}\n", problem);
        problems.push_back(std::move(problem));
      });
  if (!checked.ok()) return cli::ReportError(io, checked);
  if (json) {
    JsonWriter out;
    out.BeginObject().Field("data_dir", directory).Field("ok", problems.empty());
    out.Key("problems").BeginArray();
    for (const std::string& problem : problems) out.Value(problem);
    out.EndArray().EndObject();
    fmt::print(io.out, "{}\n", out.text());
  } else if (problems.empty()) {
    fmt::print(io.out, "{}: every file, checksum and reference is in order\n", directory);
  } else {
    fmt::print(io.err, "{} problems in {}\n", problems.size(), directory);
  }
  return problems.empty() ? cli::kExitOk : cli::kExitFailure;
}

}  // namespace

cli::Command DoctorCommand() {
  return {.path = "doctor",
          .summary = "Check a data directory",
          .details =
              "Reads every file of a data directory that no server has open: manifest, "
              "checksums, references to texts, write-ahead log. Says what is wrong and how "
              "to repair it; changes nothing.",
          .examples = {{"observatory doctor --data-dir /var/lib/observatory", ""}},
          .flags = cli::SettingFlags(),
          .run = Doctor,
          .group = "Server"};
}

}  // namespace ao::app
