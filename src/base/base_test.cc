#include <cmath>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/hash_map.h"
#include "base/ids.h"
#include "base/json_writer.h"
#include "base/memory_budget.h"
#include "base/prometheus_text.h"
#include "base/status.h"
#include "base/utf8.h"

namespace ao {
namespace {

Result<int> Half(int x) {
  if (x % 2 != 0) return InvalidArgument("cannot halve 3: it is odd");
  return x / 2;
}

Status HalveTwice(int x, int* out) {
  AO_ASSIGN_OR_RETURN(const int once, Half(x));
  AO_ASSIGN_OR_RETURN(*out, Half(once));
  return OkStatus();
}

TEST(Status, PropagatesThroughMacros) {
  int out = 0;
  EXPECT_TRUE(HalveTwice(8, &out).ok());
  EXPECT_EQ(out, 2);
  EXPECT_EQ(HalveTwice(6, &out).WithContext("quartering").ToString(),
            "invalid_argument: quartering: cannot halve 3: it is odd");
}

TEST(Ids, RoundTripThroughHex) {
  const auto trace = TraceId::FromHex("0AF7651916cd43dd8448eb211c80319c");
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->ToHex(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_FALSE(TraceId::FromHex("0af7").has_value());
  EXPECT_FALSE(TraceId::FromHex("zzf7651916cd43dd8448eb211c80319c").has_value());
  const auto span = SpanId::FromHex("b7ad6b7169203331");
  ASSERT_TRUE(span.has_value());
  EXPECT_EQ(span->ToHex(), "b7ad6b7169203331");
  const auto bytes = span->ToBytes();
  EXPECT_EQ(SpanId::FromBytes({reinterpret_cast<const char*>(bytes.data()), 8}), span);
  const ContentAddress a = Hash128("hello", 7);
  EXPECT_EQ(ContentAddress::FromHex(a.ToHex()), a);
}

TEST(Encoding, Base64FollowsRfc4648) {
  for (const auto& [raw, text] : {std::pair<std::string, std::string>{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(EncodeBase64(raw), text);
    EXPECT_EQ(DecodeBase64(text), raw);
  }
  EXPECT_EQ(DecodeBase64("_-8"), DecodeBase64("/+8="));
  EXPECT_FALSE(DecodeBase64("a*b=").has_value());
  EXPECT_FALSE(DecodeBase64("a").has_value());
}

TEST(JsonWriter, EscapesAndSeparates) {
  JsonWriter json;
  json.BeginObject().Field("a\"b", "x\n\x01\xC3\xA9\xFF").Key("n").BeginArray();
  json.Value(1).Value(2.0).Value(true).Null().EndArray().Field("m", -0.5).EndObject();
  EXPECT_EQ(json.text(),
            "{\"a\\\"b\":\"x\\n\\u0001\xC3\xA9\xEF\xBF\xBD\",\"n\":[1,2.0,true,null],\"m\":-0.5}");
}

TEST(JsonWriter, DoublesReadBackExactly) {
  for (double v : {0.1, 1e300, -1.5e-7, 123456789012345680.0, 5e-324}) {
    std::string text;
    AppendJsonDouble(v, &text);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), v) << text;
  }
  std::string text;
  AppendJsonDouble(std::nan(""), &text);
  EXPECT_EQ(text, "\"NaN\"");
}

TEST(Utf8, AcceptsOnlyWellFormedSequences) {
  EXPECT_TRUE(IsValidUtf8("plain ascii and \xF0\x9F\x98\x80 \xC3\xA9"));
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
  EXPECT_EQ(Utf8Prefix("a\xC3\xA9\xF0\x9F\x98\x80z", 3), "a\xC3\xA9\xF0\x9F\x98\x80");
}

TEST(Arena, KeepsEveryAllocation) {
  Arena arena;
  std::vector<std::string_view> copies;
  for (int i = 0; i < 5000; ++i) {
    copies.push_back(arena.Copy(std::string(static_cast<size_t>(i % 97 * 13), char('a' + i % 26))));
  }
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(copies[static_cast<size_t>(i)],
              std::string(static_cast<size_t>(i % 97 * 13), char('a' + i % 26)));
  }
  EXPECT_EQ(arena.Copy(std::string(1 << 20, 'x')).size(), size_t{1} << 20);
}

TEST(MemoryBudget, RefusesWhatDoesNotFitAndTakesBytesBack) {
  MemoryBudget budget(100);
  auto a = budget.NewLease();
  EXPECT_TRUE(a.Grow(60));
  {
    auto b = budget.NewLease();
    EXPECT_FALSE(b.Grow(41));
    EXPECT_TRUE(b.Grow(40));
  }
  EXPECT_EQ(budget.used(), 60u);
  auto c = std::move(a);
  c.Release();
  EXPECT_EQ(budget.used(), 0u);
}

TEST(PrometheusText, EscapesLabelValues) {
  PrometheusText text;
  text.Family("a_total", "counter", "what\nit is");
  text.Sample("a_total", {{"k", "x\"y\\z"}, {"m", ""}}, 3);
  text.Sample("b", {}, 0.5);
  EXPECT_EQ(text.Take(),
            "# HELP a_total what\\nit is\n# TYPE a_total counter\n"
            "a_total{k=\"x\\\"y\\\\z\",m=\"\"} 3\nb 0.5\n");
}

TEST(HashMap, FindsStringsByView) {
  HashMap<std::string, int> map;
  map["x"] = 1;
  EXPECT_EQ(map.find(std::string_view("x"))->second, 1);
}

TEST(File, WritesAtomicallyAndReadsBack) {
  const std::string dir = testing::TempDir() + "/ao_file_test";
  std::filesystem::remove_all(dir);
  FileSystem& fs = PosixFileSystem();
  ASSERT_TRUE(fs.CreateDirectories(dir).ok());
  ASSERT_TRUE(WriteFileAtomically(fs, dir + "/a", "one").ok());
  ASSERT_TRUE(WriteFileAtomically(fs, dir + "/a", "two").ok());
  EXPECT_EQ(ReadFile(fs, dir + "/a").value(), "two");
  EXPECT_EQ(fs.List(dir).value(), std::vector<std::string>{"a"});
  EXPECT_EQ(fs.Open(dir + "/b", FileSystem::Mode::kRead).status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace ao
