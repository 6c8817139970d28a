#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "config/table.h"

// The values in force: flag > environment > file > default. Immutable once loaded, so reading is
// thread-safe; a reload makes a new Settings.
//
//   AO_ASSIGN_OR_RETURN(Settings settings, Settings::Load(sources, fs));
//   options.listen = settings.Text("http.listen");
//   options.max_body_bytes = settings.Bytes("ingest.max_body_bytes");

namespace ao::config {

enum class Origin { kDefault, kFile, kEnvironment, kFlag };

// Where values come from. Nothing else is read.
struct Sources {
  std::string file;                                              // path; empty: no file
  std::vector<std::pair<std::string, std::string>> environment;  // all of it; AO_* counts
  std::vector<std::pair<std::string, std::string>> flags;        // (key, value) by setting key
};

struct Problem {
  std::string where;    // "observatory.yaml:3:5", "AO_HTTP_LISTEN", "--http-listen"
  std::string message;  // "cannot read 5 parsecs as a duration"
  std::string hint;
};

class Settings {
 public:
  // Every setting at its default.
  Settings();
  // not_found or permission_denied when the file cannot be read; invalid_argument with every
  // problem found, one a line, when a key is unknown or a value is bad.
  static Result<Settings> Load(const Sources& sources, FileSystem& fs);

  // Typed access. The key must be in the table and of that type; anything else is a programming
  // error and aborts.
  const std::string& Text(std::string_view key) const;  // kText, kAddress, kPath, kChoice
  bool Bool(std::string_view key) const;
  int64_t Integer(std::string_view key) const;
  uint64_t Bytes(std::string_view key) const;
  Nanos Duration(std::string_view key) const;
  const std::vector<std::string>& List(std::string_view key) const;

  // The value as it was written.
  const std::string& Written(std::string_view key) const;
  // The same for display: "***" instead of a secret that is set.
  std::string Shown(const Setting& setting) const;
  Origin OriginOf(std::string_view key) const;
  // "default", "flag --data-dir", "environment AO_DATA_DIR", "file observatory.yaml:3:5".
  std::string DescribeOrigin(std::string_view key) const;

  // Keys whose values differ and that need a restart to change.
  std::vector<std::string> RestartNeededFor(const Settings& next) const;
  // These settings with what `next` has for those that need no restart.
  Settings ReloadedFrom(const Settings& next) const;

 private:
  friend class Loader;
  using Parsed = std::variant<std::string, bool, int64_t, uint64_t, std::vector<std::string>>;
  struct Entry {
    Parsed value;
    std::string written;
    Origin origin = Origin::kDefault;
    std::string where;
  };
  static Result<Parsed> Parse(const Setting& setting, std::string_view text);
  const Entry& At(std::string_view key) const;
  template <typename T>
  const T& Get(std::string_view key) const;

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace ao::config
