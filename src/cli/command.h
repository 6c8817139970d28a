#pragma once

#include <functional>
#include <istream>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

// What a command is: a line in a table. Parser, help, docs/cli.md and the completion scripts are
// made from the table, so a command declares everything about itself here. Each command lives in
// one file and touches the world only through Io, which tests replace.
//
//   Command ServeCommand() {
//     return {.path = "serve", .summary = "Run the server", .flags = SettingFlags(), .run = Serve};
//   }

namespace ao::cli {

class HttpClient;

// Process exit codes; part of the public interface (VERSIONING.md).
constexpr int kExitOk = 0;
constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
constexpr int kExitNothingFound = 3;  // only with --fail-empty
constexpr int kExitAuth = 4;
constexpr int kExitPartial = 5;

struct Flag {
  std::string name = {};           // "limit": given as --limit
  std::string value = {};          // placeholder "<n>"; empty: a switch without a value
  std::string doc = {};            // without full stop
  std::string default_value = {};  // shown in help and returned when the flag is not given
  std::string environment = {};    // variable that is read when the flag is not given; may be empty
  std::string alias = {};          // another long name ("allow-unauthenticated"), or empty
  char letter = 0;                 // -n
  bool repeatable = false;
  std::vector<std::string> choices = {};  // allowed values; offered by completion
  bool advanced = false;                  // only in the full help (--help, not -h)
};

struct Positional {
  std::string name = {};  // "trace_id"
  std::string doc = {};
  bool required = true;
  bool repeatable = false;  // only the last one
};

struct Example {
  std::string command = {};  // "observatory runs --status error --since 1d"
  std::string doc = {};
};

// The parsed command line of one command. Values: flag > environment > default.
class Invocation {
 public:
  // Of a flag by name; empty when it has no value at all.
  std::string Get(std::string_view flag) const;
  // Given on the command line, or through its environment variable.
  bool Has(std::string_view flag) const { return values_.find(flag) != values_.end(); }
  // Given on the command line itself.
  bool Given(std::string_view flag) const { return given_.find(flag) != given_.end(); }
  // A switch that is on.
  bool On(std::string_view flag) const { return Get(flag) == "true"; }
  // Of a repeatable flag.
  std::vector<std::string> All(std::string_view flag) const;
  // invalid_argument naming the flag when the value is not a whole number of at least `min`.
  Result<int64_t> Integer(std::string_view flag, int64_t min = 0) const;
  // Likewise of a number, with a point as decimal separator in any locale.
  Result<double> Number(std::string_view flag, double min, double max) const;
  // Of a positional by name; empty when it was left out.
  std::string Argument(std::string_view positional) const;
  std::vector<std::string> Arguments(std::string_view positional) const;

  // Filled by the parser.
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::set<std::string, std::less<>> given_;
  std::map<std::string, std::string, std::less<>> defaults_;
  std::map<std::string, std::vector<std::string>, std::less<>> arguments_;
};

// Everything a command may touch.
struct Io {
  std::istream& in;
  std::ostream& out;  // data
  std::ostream& err;  // everything else
  const Clock& clock;
  HttpClient& http;
  std::vector<std::pair<std::string, std::string>> environment = {};
  bool out_is_tty = false;
  bool err_is_tty = false;
  bool unicode = true;  // the terminal shows UTF-8
  int width = 100;      // of the terminal, in columns
  // Waits; tests make it return at once. False: interrupted, stop.
  std::function<bool(Nanos)> sleep = {};
  bool colour = false;  // set by the framework from --color, NO_COLOR and out_is_tty

  std::string Environment(std::string_view name) const;
};

struct Command {
  std::string path = {};     // "run show"
  std::string summary = {};  // imperative, no full stop
  std::string details = {};  // paragraphs for the full help, may be empty
  std::vector<Example> examples = {};
  std::vector<Flag> flags = {};
  std::vector<Positional> positionals = {};
  // Returns the exit code (kExit...). Errors are printed by ReportError.
  std::function<int(const Invocation&, Io&)> run = {};
  bool uses_server = false;  // gets --server, --api-key and --timeout
  std::string group = "Other commands";
};

// "error: ..." and "hint: ..." on io.err, and the exit code that fits.
int ReportError(Io& io, const Status& status);

// Flags that the framework adds to every command, and to those with uses_server.
const std::vector<Flag>& CommonFlags();
const std::vector<Flag>& ServerFlags();

// What client commands need from parts they may not know.
struct ClientHooks {
  // Writes the data directory that the settings name as Parquet files into `directory`. When it is
  // set, `export` has --parquet, --data-dir and --config.
  std::function<Status(const Invocation&, Io&, const std::string& directory)> export_parquet = {};
};

// All commands of this module: those that talk to a running server, and config, keys, version.
// app/ appends its own (serve, demo, doctor, ...). `completion` and `help` are added by Run.
std::vector<Command> ClientCommands(const ClientHooks& hooks = {});

// Runs the command line (without the program's name) and returns the exit code.
int Run(const std::vector<Command>& commands, const std::vector<std::string>& arguments, Io& io);

// Everything `Run` knows, in the order of the help: `commands` plus completion and help.
std::vector<Command> WithBuiltIns(const std::vector<Command>& commands);

}  // namespace ao::cli
