#include "config/settings.h"

#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/log.h"
#include "config/suggest.h"
#include "config/units.h"
#include "config/yaml_file.h"

namespace ao::config {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<bool> ParseBool(std::string_view text) {
  for (const std::string_view yes : {"true", "yes", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "no", "off", "0"}) {
    if (text == no) return false;
  }
  return InvalidArgument(fmt::format("cannot read '{}' as a bool", text), "write true or false");
}

Result<int64_t> ParseInteger(std::string_view text, std::string_view bounds) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool read = !text.empty() && error == std::errc() && end == text.data() + text.size();
  bool inside = read;
  if (const size_t dots = bounds.find(".."); read && dots != std::string_view::npos) {
    int64_t low = 0, high = 0;
    std::from_chars(bounds.data(), bounds.data() + dots, low);
    std::from_chars(bounds.data() + dots + 2, bounds.data() + bounds.size(), high);
    inside = value >= low && value <= high;
  }
  if (inside) return value;
  return InvalidArgument(
      fmt::format("cannot read '{}' as an integer{}", text, read ? " in range" : ""),
      bounds.empty() ? "write a whole number" : fmt::format("write a whole number in {}", bounds));
}

// host:port with a numeric port; the host may be empty, a name, an IPv4 or a bracketed IPv6.
Status CheckAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size()) port = -1;
  }
  const std::string_view host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const bool bare_v6 = host.find(':') != std::string_view::npos && !bracketed;
  if (port >= 0 && port <= 65535 && !bare_v6 && host.find(' ') == std::string_view::npos) {
    return OkStatus();
  }
  return InvalidArgument(fmt::format("cannot read '{}' as an address", text),
                         "write host:port, for example 127.0.0.1:4318 or [::1]:4318");
}

}  // namespace

Result<Settings::Parsed> Settings::Parse(const Setting& setting, std::string_view text) {
  switch (setting.type) {
    case SettingType::kText:
    case SettingType::kPath: return Parsed(std::string(text));
    case SettingType::kBool: {
      AO_ASSIGN_OR_RETURN(bool value, ParseBool(text));
      return Parsed(value);
    }
    case SettingType::kInteger: {
      AO_ASSIGN_OR_RETURN(int64_t value, ParseInteger(text, setting.allowed));
      return Parsed(value);
    }
    case SettingType::kBytes: {
      AO_ASSIGN_OR_RETURN(uint64_t value, ParseBytes(text));
      return Parsed(value);
    }
    case SettingType::kDuration: {
      AO_ASSIGN_OR_RETURN(Nanos value, ParseDuration(text));
      return Parsed(int64_t{value});
    }
    case SettingType::kAddress: {
      AO_TRY(CheckAddress(text));
      return Parsed(std::string(text));
    }
    case SettingType::kList: return Parsed(Split(text, ','));
    case SettingType::kChoice: {
      const std::vector<std::string> choices = Split(setting.allowed, '|');
      for (const std::string& choice : choices) {
        if (choice == text) return Parsed(choice);
      }
      return InvalidArgument(fmt::format("cannot use '{}' for {}", text, setting.key),
                             fmt::format("write one of {}", fmt::join(choices, ", ")));
    }
  }
  return Internal("cannot parse setting: unknown type");
}

// Applies the sources in order of precedence and collects every problem.
class Loader {
 public:
  explicit Loader(Settings* settings) : settings_(*settings) {
    for (const Setting& setting : AllSettings()) keys_.emplace_back(setting.key);
  }

  Status ReadFile(const std::string& path, FileSystem& fs) {
    AO_ASSIGN_OR_RETURN(std::string text, ao::ReadFile(fs, path));
    std::vector<YamlEntry> entries;
    if (const auto problem = ParseYaml(text, &entries); problem) {
      problems_.push_back({fmt::format("{}:{}", path, problem->where), problem->message, ""});
      return OkStatus();
    }
    std::map<std::string, std::string> seen;
    for (const YamlEntry& entry : entries) {
      const std::string where = fmt::format("{}:{}:{}", path, entry.line, entry.column);
      const auto [first, fresh] = seen.emplace(entry.key, where);
      if (!fresh) {
        problems_.push_back(
            {where, fmt::format("cannot set {} twice: first set at {}", entry.key, first->second),
             ""});
        continue;
      }
      Assign(entry.key, entry.value, Origin::kFile, where);
    }
    return OkStatus();
  }

  void ReadEnvironment(const std::vector<std::pair<std::string, std::string>>& environment) {
    std::map<std::string, const Setting*, std::less<>> by_name;
    std::vector<std::string> names{"AO_CONFIG"};
    for (const Setting& setting : AllSettings()) {
      by_name.emplace(EnvironmentOf(setting), &setting);
      names.push_back(EnvironmentOf(setting));
    }
    for (const auto& [name, value] : environment) {
      if (!name.starts_with("AO_") || name == "AO_CONFIG") continue;
      if (const auto found = by_name.find(name); found != by_name.end()) {
        Assign(found->second->key, value, Origin::kEnvironment, name);
      } else {
        problems_.push_back({name, "unknown environment variable", DidYouMean(name, names)});
      }
    }
  }

  void Assign(std::string_view key, const std::string& text, Origin origin, std::string where) {
    const Setting* setting = FindSetting(key);
    if (setting == nullptr) {
      problems_.push_back(
          {std::move(where), fmt::format("unknown setting {}", key), DidYouMean(key, keys_)});
      return;
    }
    auto parsed = Settings::Parse(*setting, text);
    if (!parsed.ok()) {
      problems_.push_back({std::move(where),
                           fmt::format("{}: {}", setting->key, parsed.status().message()),
                           parsed.status().hint()});
      return;
    }
    settings_.entries_.insert_or_assign(
        std::string(key), Settings::Entry{std::move(*parsed), text, origin, std::move(where)});
  }

  void CheckTogether() {
    if (settings_.Text("tls.certificate").empty() != settings_.Text("tls.key").empty()) {
      problems_.push_back({"tls", "cannot use tls.certificate without tls.key or the reverse",
                           "set both, or neither"});
    }
  }

  Status Finish() const {
    std::string message, hint;
    for (const Problem& problem : problems_) {
      if (!message.empty()) message.push_back('\n');
      message += fmt::format("{}: {}", problem.where, problem.message);
      // A single problem keeps its hint apart; several carry theirs in line.
      if (problems_.size() == 1) {
        hint = problem.hint;
      } else if (!problem.hint.empty()) {
        message += fmt::format(" ({})", problem.hint);
      }
    }
    return problems_.empty() ? OkStatus() : InvalidArgument(message, hint);
  }

 private:
  Settings& settings_;
  std::vector<std::string> keys_;
  std::vector<Problem> problems_;
};

Settings::Settings() {
  for (const Setting& setting : AllSettings()) {
    auto parsed = Parse(setting, setting.default_value);
    if (!parsed.ok()) std::abort();  // the table is wrong; a test walks it
    entries_.emplace(setting.key,
                     Entry{std::move(*parsed), std::string(setting.default_value), {}, {}});
  }
}

Result<Settings> Settings::Load(const Sources& sources, FileSystem& fs) {
  Settings settings;
  Loader loader(&settings);
  if (!sources.file.empty()) AO_TRY(loader.ReadFile(sources.file, fs));
  loader.ReadEnvironment(sources.environment);
  for (const auto& [key, value] : sources.flags) {
    const Setting* setting = FindSetting(key);
    loader.Assign(key, value, Origin::kFlag, setting != nullptr ? FlagOf(*setting) : key);
  }
  loader.CheckTogether();
  AO_TRY(loader.Finish());
  return settings;
}

const Settings::Entry& Settings::At(std::string_view key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    AO_LOG(kError, "config", "setting is not in the table", "key", key);
    std::abort();
  }
  return found->second;
}

template <typename T>
const T& Settings::Get(std::string_view key) const {
  const T* value = std::get_if<T>(&At(key).value);
  if (value == nullptr) {
    AO_LOG(kError, "config", "setting has another type", "key", key);
    std::abort();
  }
  return *value;
}

const std::string& Settings::Text(std::string_view key) const { return Get<std::string>(key); }
bool Settings::Bool(std::string_view key) const { return Get<bool>(key); }
int64_t Settings::Integer(std::string_view key) const { return Get<int64_t>(key); }
uint64_t Settings::Bytes(std::string_view key) const { return Get<uint64_t>(key); }
Nanos Settings::Duration(std::string_view key) const { return Get<int64_t>(key); }
const std::vector<std::string>& Settings::List(std::string_view key) const {
  return Get<std::vector<std::string>>(key);
}

const std::string& Settings::Written(std::string_view key) const { return At(key).written; }
std::string Settings::Shown(const Setting& setting) const {
  const std::string& written = Written(setting.key);
  return IsSecret(setting) && !written.empty() ? "***" : written;
}
Origin Settings::OriginOf(std::string_view key) const { return At(key).origin; }

std::string Settings::DescribeOrigin(std::string_view key) const {
  const Entry& entry = At(key);
  switch (entry.origin) {
    case Origin::kDefault: return "default";
    case Origin::kFile: return "file " + entry.where;
    case Origin::kEnvironment: return "environment " + entry.where;
    case Origin::kFlag: return "flag " + entry.where;
  }
  return "";
}

std::vector<std::string> Settings::RestartNeededFor(const Settings& next) const {
  std::vector<std::string> keys;
  for (const Setting& setting : AllSettings()) {
    if (!setting.reloadable && At(setting.key).value != next.At(setting.key).value) {
      keys.emplace_back(setting.key);
    }
  }
  return keys;
}

Settings Settings::ReloadedFrom(const Settings& next) const {
  Settings reloaded = *this;
  for (const Setting& setting : AllSettings()) {
    if (!setting.reloadable) continue;
    reloaded.entries_.insert_or_assign(std::string(setting.key), next.At(setting.key));
  }
  return reloaded;
}

}  // namespace ao::config
