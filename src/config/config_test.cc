#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/settings.h"
#include "config/suggest.h"
#include "config/units.h"

namespace ao::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string FileWith(std::string_view name, std::string_view text) {
  const std::string path = ::testing::TempDir() + std::string(name);
  std::ofstream(path) << text;
  return path;
}

Result<Settings> LoadText(std::string_view name, std::string_view text) {
  Sources sources;
  sources.file = FileWith(name, text);
  return Settings::Load(sources, PosixFileSystem());
}

TEST(SettingsTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  Sources sources;
  sources.file = FileWith("precedence.yaml",
                          "http.listen: 127.0.0.1:1\ngrpc.listen: 127.0.0.1:1\nlog.level: warn\n");
  sources.environment = {{"AO_HTTP_LISTEN", "127.0.0.1:2"}, {"AO_GRPC_LISTEN", "127.0.0.1:2"}};
  sources.flags = {{"http.listen", "127.0.0.1:3"}};
  const auto settings = Settings::Load(sources, PosixFileSystem());
  ASSERT_TRUE(settings.ok()) << settings.status().ToString();
  EXPECT_EQ(settings->Text("http.listen"), "127.0.0.1:3");
  EXPECT_EQ(settings->Text("grpc.listen"), "127.0.0.1:2");
  EXPECT_EQ(settings->Text("log.level"), "warn");
  EXPECT_EQ(settings->Text("data_dir"), "observatory-data");
  EXPECT_EQ(settings->OriginOf("http.listen"), Origin::kFlag);
  EXPECT_EQ(settings->DescribeOrigin("grpc.listen"), "environment AO_GRPC_LISTEN");
  EXPECT_THAT(settings->DescribeOrigin("log.level"), HasSubstr("precedence.yaml:3:12"));
  EXPECT_EQ(settings->DescribeOrigin("data_dir"), "default");
}

TEST(SettingsTest, NestedAndDottedKeysMeanTheSame) {
  const auto nested = LoadText("nested.yaml", R"(
storage:
  retention: {max_age: 7d, max_bytes: 20GiB}
  seal.rows: 5000
http:
  cors:
    allowed_origins:
      - https://a.example
      - https://b.example
auth:
  required: yes
)");
  ASSERT_TRUE(nested.ok()) << nested.status().ToString();
  EXPECT_EQ(nested->Duration("storage.retention.max_age"), 7 * kDay);
  EXPECT_EQ(nested->Bytes("storage.retention.max_bytes"), 20ull << 30);
  EXPECT_EQ(nested->Integer("storage.seal.rows"), 5000);
  EXPECT_THAT(nested->List("http.cors.allowed_origins"),
              ElementsAre("https://a.example", "https://b.example"));
  EXPECT_TRUE(nested->Bool("auth.required"));
}

TEST(SettingsTest, EmptyFileSetsNothing) {
  EXPECT_TRUE(LoadText("empty.yaml", "").ok());
  EXPECT_TRUE(LoadText("comment.yaml", "# nothing\n").ok());
}

TEST(SettingsTest, UnknownKeyIsAnErrorWithPositionAndNearestName) {
  const auto loaded = LoadText("unknown.yaml", "storage:\n  retention:\n    max_byte: 1\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(loaded.status().message(),
              HasSubstr("unknown.yaml:3:15: unknown setting storage.retention.max_byte"));
  EXPECT_EQ(loaded.status().hint(), "did you mean storage.retention.max_bytes?");
}

TEST(SettingsTest, UnknownEnvironmentVariableIsAnErrorAndForeignOnesAreNot) {
  Sources sources;
  sources.environment = {{"PATH", "/bin"}, {"AO_CONFIG", "x"}, {"AO_HTTP_LISTN", ":1"}};
  const auto loaded = Settings::Load(sources, PosixFileSystem());
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.status().message(), "AO_HTTP_LISTN: unknown environment variable");
  EXPECT_EQ(loaded.status().hint(), "did you mean AO_HTTP_LISTEN?");
}

TEST(SettingsTest, EveryProblemIsReportedAtOnce) {
  const auto loaded = LoadText("many.yaml",
                               "log.level: loud\nstorage.seal.rows: 3\nhttp.listen: 4318\n"
                               "runs.quiet_period: 5 parsecs\nauth.required: maybe\n"
                               "storage.wal.max_bytes: much\n");
  ASSERT_FALSE(loaded.ok());
  const std::string message = loaded.status().message();
  EXPECT_THAT(message, HasSubstr("many.yaml:1:12: log.level: cannot use 'loud' for log.level "
                                 "(write one of debug, info, warn, error)"));
  EXPECT_THAT(message, HasSubstr("many.yaml:2:20: storage.seal.rows"));
  EXPECT_THAT(message, HasSubstr("1000..100000000"));
  EXPECT_THAT(message, HasSubstr("many.yaml:3:14: http.listen: cannot read '4318' as an address"));
  EXPECT_THAT(message, HasSubstr("cannot read 5 parsecs as a duration"));
  EXPECT_THAT(message, HasSubstr("cannot read 'maybe' as a bool"));
  EXPECT_THAT(message, HasSubstr("cannot read much as a size"));
}

TEST(SettingsTest, BadYamlSaysWhere) {
  EXPECT_THAT(LoadText("bad.yaml", "a: [1\nb: 2").status().message(), HasSubstr("bad.yaml:2:"));
  EXPECT_THAT(LoadText("list.yaml", "- a\n").status().message(),
              HasSubstr("expected `key: value`"));
  EXPECT_THAT(LoadText("twice.yaml", "data_dir: a\ndata_dir: b\n").status().message(),
              HasSubstr("cannot set data_dir twice"));
}

TEST(SettingsTest, MissingFileIsNotFound) {
  Sources sources;
  sources.file = ::testing::TempDir() + "no-such-file.yaml";
  EXPECT_EQ(Settings::Load(sources, PosixFileSystem()).status().code(), StatusCode::kNotFound);
}

TEST(SettingsTest, AddressesMayBeIpv6AndNameNoHost) {
  for (const std::string good : {"127.0.0.1:0", "[::1]:4318", ":4318", "localhost:1"}) {
    Sources sources;
    sources.flags = {{"http.listen", good}};
    EXPECT_TRUE(Settings::Load(sources, PosixFileSystem()).ok()) << good;
  }
  for (const std::string bad : {"::1:4318", "127.0.0.1", "a:65536", "a:x", "a:", ""}) {
    Sources sources;
    sources.flags = {{"http.listen", bad}};
    EXPECT_FALSE(Settings::Load(sources, PosixFileSystem()).ok()) << bad;
  }
}

TEST(SettingsTest, CertificateNeedsItsKey) {
  EXPECT_FALSE(LoadText("tls.yaml", "tls.certificate: a.pem\n").ok());
}

TEST(SettingsTest, ReloadNamesWhatNeedsARestart) {
  Sources sources;
  sources.flags = {{"http.listen", ":1"}, {"log.level", "debug"}};
  const auto next = Settings::Load(sources, PosixFileSystem());
  ASSERT_TRUE(next.ok());
  EXPECT_THAT(Settings().RestartNeededFor(*next), ElementsAre("http.listen"));
  EXPECT_THAT(next->RestartNeededFor(*next), IsEmpty());
}

TEST(SettingsTest, AReloadTakesOverWhatNeedsNoRestart) {
  Sources sources;
  sources.flags = {{"log.level", "debug"}, {"http.listen", "127.0.0.1:1"}};
  const auto next = Settings::Load(sources, PosixFileSystem());
  ASSERT_TRUE(next.ok());
  const Settings reloaded = Settings().ReloadedFrom(*next);
  EXPECT_EQ(reloaded.Text("log.level"), "debug");
  EXPECT_EQ(reloaded.DescribeOrigin("log.level"), "flag --log-level");
  EXPECT_EQ(reloaded.Text("http.listen"), Settings().Text("http.listen"));
}

TEST(TableTest, SecretsAreKnownByTheirNames) {
  Setting setting = *FindSetting("log.level");
  EXPECT_FALSE(IsSecret(setting));
  EXPECT_EQ(Settings().Shown(setting), "info");
  setting.key = "alerts.webhook_token";
  EXPECT_TRUE(IsSecret(setting));
  EXPECT_FALSE(IsSecret(*FindSetting("tls.key"))) << "a path is none";
}

TEST(TableTest, NamesDeriveFromTheKey) {
  const Setting* setting = FindSetting("storage.retention.max_bytes");
  ASSERT_NE(setting, nullptr);
  EXPECT_EQ(FlagOf(*setting), "--storage-retention-max-bytes");
  EXPECT_EQ(EnvironmentOf(*setting), "AO_STORAGE_RETENTION_MAX_BYTES");
  EXPECT_EQ(FlagOf(*FindSetting("data_dir")), "--data-dir");
}

TEST(TableTest, EveryDefaultParsesAndEveryNameIsUnique) {
  const Settings defaults;  // aborts on a bad default
  std::map<std::string, int> flags;
  for (const Setting& setting : AllSettings()) {
    EXPECT_EQ(++flags[FlagOf(setting)], 1) << setting.key;
    if (!setting.alias.empty()) {
      EXPECT_EQ(++flags[std::string(setting.alias)], 1);
    }
    EXPECT_TRUE(setting.doc.ends_with('.')) << setting.key;
    EXPECT_EQ(defaults.OriginOf(setting.key), Origin::kDefault);
  }
}

TEST(UnitsTest, DurationsAddUp) {
  EXPECT_EQ(*ParseDuration("7d"), 7 * kDay);
  EXPECT_EQ(*ParseDuration("1h30m"), 90 * kMinute);
  EXPECT_EQ(*ParseDuration("1.5s"), 1500 * kMillisecond);
  EXPECT_EQ(*ParseDuration("2w"), 14 * kDay);
  EXPECT_EQ(*ParseDuration("0"), 0);
  for (const std::string bad : {"", "5", "-1s", "1x", "s", "1s2", "1..5s", "999999999999w"}) {
    EXPECT_FALSE(ParseDuration(bad).ok()) << bad;
  }
}

TEST(UnitsTest, SizesKnowBothKindsOfUnits) {
  EXPECT_EQ(*ParseBytes("20GiB"), 20ull << 30);
  EXPECT_EQ(*ParseBytes("20 GB"), 20'000'000'000ull);
  EXPECT_EQ(*ParseBytes("512k"), 512ull << 10);
  EXPECT_EQ(*ParseBytes("1.5MiB"), 3ull << 19);
  EXPECT_EQ(*ParseBytes("9223372036854775808"), 1ull << 63);
  for (const std::string bad : {"", "GiB", "-1", "1 XB", "1GiBs", "1e3", "99999999TiB"}) {
    EXPECT_FALSE(ParseBytes(bad).ok()) << bad;
  }
}

TEST(UnitsTest, FormattingReadsBack) {
  for (const Nanos nanos : {Nanos{0}, 7 * kDay, 90 * kMinute, 1500 * kMillisecond, Nanos{1}}) {
    EXPECT_EQ(*ParseDuration(FormatDuration(nanos)), nanos);
  }
  for (const uint64_t bytes : {0ull, 1500ull, 20ull << 30, (1ull << 40) + 1}) {
    EXPECT_EQ(*ParseBytes(FormatBytes(bytes)), bytes);
  }
}

TEST(SuggestTest, NearestNeedsToBeNear) {
  const std::vector<std::string> names = {"runs", "run show", "tail", "storage.seal.rows"};
  EXPECT_EQ(Nearest("rusn", names), "runs");
  EXPECT_EQ(Nearest("tial", names), "tail");
  EXPECT_EQ(Nearest("seal.rows", names), "storage.seal.rows");
  EXPECT_EQ(Nearest("xyzzy", names), "");
  EXPECT_EQ(Nearest("", names), "");
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("ab", "ba"), 1u);
}

}  // namespace
}  // namespace ao::config
