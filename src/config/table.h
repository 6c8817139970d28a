#pragma once

#include <span>
#include <string>
#include <string_view>

// The one table of settings. Flag, environment variable, file key, help, `config show` and
// docs/settings.md all derive from it; a setting exists when it has a line in table.cc.

namespace ao::config {

enum class SettingType {
  kText,
  kBool,      // true, false (also yes/no, on/off, 1/0)
  kInteger,   // a number, optionally with bounds
  kBytes,     // 512MiB, 20GB, 1048576
  kDuration,  // 7d, 1h30m, 500ms
  kAddress,   // host:port, :port, [::1]:port
  kPath,      // a file or directory
  kList,      // a,b,c (a sequence in the file)
  kChoice,    // one of `allowed`, separated by '|'
};

struct Setting {
  std::string_view key;  // "storage.retention.max_bytes"
  SettingType type;
  std::string_view default_value;  // as a user would write it
  bool reloadable;                 // takes effect on SIGHUP, without a restart
  std::string_view allowed;        // kChoice: "a|b"; kInteger: "min..max"; else empty
  std::string_view alias;          // a second, shorter flag ("--allow-unauthenticated"), or empty
  std::string_view doc;            // one or two sentences
};

// In the order of the documentation: grouped by first word. Lives as long as the process.
std::span<const Setting> AllSettings();
// Null when there is no such key.
const Setting* FindSetting(std::string_view key);

// "--storage-retention-max-bytes"
std::string FlagOf(const Setting& setting);
// "AO_STORAGE_RETENTION_MAX_BYTES"
std::string EnvironmentOf(const Setting& setting);
// Whether the value is not to be shown: the last word of the key is password, secret or token.
bool IsSecret(const Setting& setting);
// What a value of this type looks like, for help: "<bytes>", "<duration>", "<debug|info>".
std::string PlaceholderOf(const Setting& setting);

// The whole of docs/settings.md.
std::string RenderSettingsMarkdown();

}  // namespace ao::config
