#include "config/table.h"

#include <cctype>

#include <fmt/format.h>

namespace ao::config {
namespace {

using enum SettingType;
constexpr bool kReload = true;
constexpr bool kRestart = false;

constexpr Setting kSettings[] = {
    {"data_dir", kPath, "observatory-data", kRestart, "", "",
     "Directory that holds everything the server keeps. Created when missing."},
    {"ready_file", kPath, "", kRestart, "", "",
     "File to write once the server accepts requests: JSON with pid, version, http and grpc "
     "addresses. Empty: none."},

    {"http.listen", kAddress, "127.0.0.1:4318", kRestart, "", "",
     "Address of the web UI, the REST API and OTLP over HTTP. Port 0 picks a free one."},
    {"http.idle_timeout", kDuration, "1m", kRestart, "", "",
     "A keep-alive connection without a request is closed after this time."},
    {"http.read_header_timeout", kDuration, "1m", kRestart, "", "",
     "A request must have sent its headers within this time."},
    {"http.write_timeout", kDuration, "30s", kRestart, "", "",
     "A client that takes no byte of a response for this long is disconnected."},
    {"http.max_connections", kInteger, "4096", kRestart, "1..1000000", "",
     "Connections open at the same time; more wait in the listen queue."},
    {"http.cors.allowed_origins", kList, "", kRestart, "", "",
     "Browser origins that may call the server, for example https://app.example.com, "
     "https://*.example.com or *. Empty: none."},
    {"http.cors.allowed_headers", kList, "", kRestart, "", "",
     "Request headers that browsers may send besides Content-Type."},
    {"http.cors.max_age", kDuration, "2h", kRestart, "", "",
     "How long browsers may cache the answer to a CORS preflight."},

    {"grpc.listen", kAddress, "127.0.0.1:4317", kRestart, "", "",
     "Address of OTLP over gRPC. Port 0 picks a free one."},
    {"grpc.max_concurrent_streams", kInteger, "256", kRestart, "1..100000", "",
     "Calls under way at the same time on one connection."},
    {"grpc.max_connection_age", kDuration, "0", kRestart, "", "",
     "Connections are asked to reconnect after this time, which spreads clients over servers "
     "behind a load balancer. 0: never."},

    {"tls.certificate", kPath, "", kRestart, "", "",
     "PEM file with the certificate chain. Together with tls.key it turns on TLS for HTTP and "
     "gRPC."},
    {"tls.key", kPath, "", kRestart, "", "", "PEM file with the private key of tls.certificate."},
    {"tls.client_ca", kPath, "", kRestart, "", "",
     "PEM file with the authorities whose client certificates are required and accepted. Empty: "
     "clients need no certificate."},

    {"auth.required", kBool, "false", kRestart, "", "",
     "Every request needs an API key, also while none has been created. Once a key exists keys "
     "are needed anyway."},
    {"auth.allow_unauthenticated", kBool, "false", kRestart, "", "--allow-unauthenticated",
     "Listen on addresses other than loopback although no API key exists. Anyone who can reach "
     "the port can then read and write everything."},

    {"ingest.max_body_bytes", kBytes, "64MiB", kRestart, "", "",
     "Largest request, counted after decompression. Larger ones are answered with 413."},
    {"ingest.memory_bytes", kBytes, "512MiB", kRestart, "", "",
     "Memory for requests under way. When it is used up clients are told to retry later."},
    {"ingest.threads", kInteger, "2", kRestart, "1..256", "",
     "Threads that decode requests, for each of HTTP and gRPC."},
    {"ingest.max_queued_requests", kInteger, "1024", kRestart, "1..1000000", "",
     "Requests that wait for a thread before clients are told to retry later."},
    {"ingest.prefixes", kList, "", kRestart, "", "",
     "Further path prefixes under which OTLP over HTTP is accepted, for example "
     "/api/public/otel for /api/public/otel/v1/traces."},

    {"storage.retention.max_age", kDuration, "0", kRestart, "", "",
     "Telemetry older than this is deleted. 0: kept until max_bytes is reached."},
    {"storage.retention.max_bytes", kBytes, "0", kRestart, "", "",
     "The oldest telemetry is deleted when the data directory grows beyond this. 0: no limit."},
    {"storage.seal.rows", kInteger, "200000", kRestart, "1000..100000000", "",
     "Rows that the recent table holds before it is written as a Parquet segment."},
    {"storage.seal.max_age", kDuration, "10m", kRestart, "", "",
     "The recent table is written as a segment after this time even when it is not full."},
    {"storage.wal.max_bytes", kBytes, "1GiB", kRestart, "", "",
     "Upper bound of the write-ahead log; the recent table is sealed early to stay below it."},

    {"runs.quiet_period", kDuration, "5s", kRestart, "", "",
     "A run is complete when no span is open and none has arrived for this time."},

    {"cost.prices_file", kPath, "", kRestart, "", "",
     "JSON file with prices of your own, which come before the catalogue (docs/cost.md). Empty: "
     "none."},
    {"sql.timeout", kDuration, "30s", kRestart, "", "",
     "The longest time that a query of the SQL endpoint may ask for; it is cancelled then."},
    {"sql.max_memory_bytes", kBytes, "512MiB", kRestart, "", "",
     "A query of the SQL endpoint is cancelled when the engine needs more than this for it."},
    {"query.threads", kInteger, "4", kRestart, "1..256", "", "Threads that answer API requests."},

    {"log.level", kChoice, "info", kReload, "debug|info|warn|error", "",
     "Messages below this level are not written to stderr."},
};

std::string Derived(std::string_view key, std::string_view prefix, char separator, bool upper) {
  std::string out(prefix);
  for (const char c : key) {
    const bool word_break = c == '.' || c == '_';
    const char cased = upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    out.push_back(word_break ? separator : cased);
  }
  return out;
}

std::string_view TypeName(SettingType type) {
  switch (type) {
    case kText: return "text";
    case kBool: return "bool";
    case kInteger: return "integer";
    case kBytes: return "bytes";
    case kDuration: return "duration";
    case kAddress: return "address";
    case kPath: return "path";
    case kList: return "list";
    case kChoice: return "choice";
  }
  return "";
}

}  // namespace

std::span<const Setting> AllSettings() { return kSettings; }

const Setting* FindSetting(std::string_view key) {
  for (const Setting& setting : kSettings) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

std::string FlagOf(const Setting& setting) { return Derived(setting.key, "--", '-', false); }
std::string EnvironmentOf(const Setting& setting) { return Derived(setting.key, "AO_", '_', true); }

bool IsSecret(const Setting& setting) {
  for (const std::string_view word : {"password", "secret", "token"}) {
    if (setting.key.ends_with(word)) return true;
  }
  return false;
}

std::string PlaceholderOf(const Setting& setting) {
  switch (setting.type) {
    case kChoice: return fmt::format("<{}>", setting.allowed);
    case kInteger: return "<n>";
    case kList: return "<a,b,...>";
    case kBool: return "<true|false>";
    default: return fmt::format("<{}>", TypeName(setting.type));
  }
}

std::string RenderSettingsMarkdown() {
  std::string out =
      "# Settings\n\n"
      "<!-- Generated from src/config/table.cc by `observatory config docs`; do not edit. -->\n\n"
      "A value comes from the first of these that has one: the flag, the environment variable, "
      "the file given with `--config` (or `AO_CONFIG`), the default. `observatory config show "
      "--origin` prints every value in force and where it came from; `observatory config check "
      "FILE` checks a file without starting anything.\n\n"
      "The file is YAML, nested or with dotted keys:\n\n"
      "```yaml\n"
      "data_dir: /var/lib/observatory\n"
      "storage:\n"
      "  retention:\n"
      "    max_age: 30d\n"
      "    max_bytes: 200GiB\n"
      "http.cors.allowed_origins: [https://app.example.com]\n"
      "```\n\n"
      "Units: durations are written `500ms`, `30s`, `1h30m`, `7d` (ns, us, ms, s, m, h, d, w); "
      "sizes `64MiB`, `20GB` (KiB, MiB, GiB, TiB are powers of 1024; kB, MB, GB, TB powers of "
      "1000) or a plain number of bytes. Lists are separated by commas, or are a sequence in "
      "the file. Unknown keys are errors, in the file and among `AO_*` variables alike. "
      "Settings marked *reload* take effect on SIGHUP.\n";
  std::string_view group = "-";
  for (const Setting& setting : kSettings) {
    const size_t dot = setting.key.find('.');
    const std::string_view here =
        dot == std::string_view::npos ? std::string_view() : setting.key.substr(0, dot);
    if (here != group) {
      out += fmt::format("\n## {}\n\n", here.empty() ? "General" : here);
      out += "| Setting | Flag and environment | Type | Default | |\n|---|---|---|---|---|\n";
      group = here;
    }
    std::string flags = fmt::format("`{}`", FlagOf(setting));
    if (!setting.alias.empty()) flags += fmt::format(", `{}`", setting.alias);
    std::string type(TypeName(setting.type));
    if (setting.type == kChoice) {
      type.clear();
      for (const char c : setting.allowed) type += c == '|' ? std::string(", ") : std::string(1, c);
    } else if (!setting.allowed.empty()) {
      type += fmt::format(" {}", setting.allowed);
    }
    out += fmt::format(
        "| `{}` | {}<br>`{}` | {} | {} | {}{} |\n", setting.key, flags, EnvironmentOf(setting),
        type, setting.default_value.empty() ? "" : fmt::format("`{}`", setting.default_value),
        setting.doc, setting.reloadable ? " *reload*" : "");
  }
  return out;
}

}  // namespace ao::config
