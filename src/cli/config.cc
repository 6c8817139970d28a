#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/list_output.h"

namespace ao::cli {
namespace {

using config::AllSettings;
using config::Setting;
using config::Settings;

std::string FlagName(const Setting& setting) { return config::FlagOf(setting).substr(2); }

Flag ConfigFlag() {
  return {.name = "config",
          .value = "<file>",
          .doc = "Settings file (YAML)",
          .environment = "AO_CONFIG"};
}

Table SettingTable(const Settings& settings, bool origin) {
  std::vector<Column> columns = {{"setting", "SETTING"}, {"value", "VALUE", false, true}};
  if (origin) columns.push_back({"origin", "ORIGIN", false, true});
  Table table(columns);
  for (const Setting& setting : AllSettings()) {
    const bool is_default = settings.OriginOf(setting.key) == config::Origin::kDefault;
    const std::string written = settings.Shown(setting);
    std::vector<Cell> row = {
        {std::string(setting.key)},
        {written, written.empty() ? "-" : "", is_default ? Colour::kNone : Colour::kBold}};
    if (origin) {
      row.push_back(
          {settings.DescribeOrigin(setting.key), "", is_default ? Colour::kDim : Colour::kNone});
    }
    table.Add(std::move(row));
  }
  return table;
}

int ShowConfig(const Invocation& invocation, Io& io) {
  const auto settings = LoadSettings(invocation, io);
  if (!settings.ok()) return ReportError(io, settings.status());
  if (!invocation.On("json")) {
    SettingTable(*settings, invocation.On("origin")).Print(io);
    return kExitOk;
  }
  JsonWriter json;
  json.BeginObject();
  for (const Setting& setting : AllSettings()) {
    json.Key(setting.key);
    if (invocation.On("origin")) {
      json.BeginObject().Field("value", settings->Shown(setting));
      json.Field("origin", settings->DescribeOrigin(setting.key)).EndObject();
    } else {
      json.Value(settings->Shown(setting));
    }
  }
  json.EndObject();
  io.out << json.text() << "\n";
  return kExitOk;
}

int CheckConfig(const Invocation& invocation, Io& io) {
  config::Sources sources;
  sources.file = invocation.Argument("file");
  const auto settings = Settings::Load(sources, PosixFileSystem());
  if (!settings.ok()) {
    ReportError(io, settings.status());
    return kExitFailure;
  }
  size_t set = 0;
  for (const Setting& setting : AllSettings()) {
    set += settings->OriginOf(setting.key) == config::Origin::kFile ? 1 : 0;
  }
  if (invocation.On("json")) {
    io.out << fmt::format("{{\"ok\":true,\"settings\":{}}}\n", set);
  } else {
    io.out << fmt::format("{}: ok, {} settings\n", sources.file, set);
  }
  return kExitOk;
}

}  // namespace

std::vector<Flag> SettingFlags() {
  std::vector<Flag> flags = {ConfigFlag()};
  for (const Setting& setting : AllSettings()) {
    Flag flag{.name = FlagName(setting)};
    if (setting.type != config::SettingType::kBool) flag.value = config::PlaceholderOf(setting);
    flag.doc = setting.doc;
    if (flag.doc.ends_with('.')) flag.doc.pop_back();
    flag.default_value = setting.default_value;
    flag.environment = config::EnvironmentOf(setting);
    if (!setting.alias.empty()) flag.alias = setting.alias.substr(2);
    flag.advanced = setting.key.find('.') != std::string_view::npos && setting.alias.empty() &&
                    !setting.key.ends_with(".listen") &&
                    !setting.key.starts_with("storage.retention");
    flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<Flag> WithDataFlags(std::vector<Flag> flags) {
  for (Flag& flag : SettingFlags()) {
    if (flag.name == "data-dir" || flag.name == "config") flags.push_back(std::move(flag));
  }
  return flags;
}

Result<Settings> LoadSettings(const Invocation& invocation, const Io& io) {
  config::Sources sources;
  sources.file = invocation.Get("config");
  sources.environment = io.environment;
  for (const Setting& setting : AllSettings()) {
    const std::string name = FlagName(setting);
    if (invocation.Given(name)) sources.flags.emplace_back(setting.key, invocation.Get(name));
  }
  return Settings::Load(sources, PosixFileSystem());
}

std::vector<Command> ConfigCommands() {
  std::vector<Flag> show_flags = {{.name = "origin", .doc = "Say where each value comes from"}};
  for (Flag& flag : SettingFlags()) {
    flag.advanced = flag.name != "config";
    show_flags.push_back(std::move(flag));
  }
  return {{.path = "config show",
           .summary = "Show the settings in force",
           .details = "As `observatory serve` with the same flags, environment and file would see "
                      "them: flag before environment before file before default.",
           .examples = {{"observatory config show --origin", "With where each value comes from"},
                        {"observatory config show --config observatory.yaml --json",
                         "Of a file, as JSON"}},
           .flags = std::move(show_flags),
           .run = ShowConfig,
           .group = "Operate"},
          {.path = "config check",
           .summary = "Check a settings file",
           .examples = {{"observatory config check observatory.yaml",
                         "Every problem with line and column"}},
           .positionals = {{"file", "Settings file (YAML)"}},
           .run = CheckConfig,
           .group = "Operate"},
          {.path = "config docs",
           .summary = "Print the reference of all settings as Markdown",
           .examples = {{"observatory config docs > docs/settings.md", "Write the reference"}},
           .run =
               [](const Invocation&, Io& io) {
                 io.out << config::RenderSettingsMarkdown();
                 return kExitOk;
               },
           .group = "Operate"}};
}

}  // namespace ao::cli
