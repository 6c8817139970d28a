#include "net/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/cors.h"
#include "net/url.h"

namespace ao::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class RouterTest : public testing::Test {
 protected:
  void Add(std::string method, std::string pattern, Lane lane = Lane::kQuery) {
    router_.Add({std::move(method), std::move(pattern), Access::kPublic, lane, nullptr});
  }
  std::string Pattern(std::string_view method, std::string_view path) {
    const auto match = router_.Find(method, path);
    if (!match.ok()) return match.status().message();
    return match->route == nullptr ? "" : match->route->pattern;
  }
  Router router_;
};

TEST_F(RouterTest, PrefersLiteralsOverNamesOverTheRest) {
  Add("GET", "/*");
  Add("GET", "/runs/{id}");
  Add("GET", "/runs/latest");
  Add("GET", "/runs/{id}/steps");
  EXPECT_EQ(Pattern("GET", "/runs/latest"), "/runs/latest");
  EXPECT_EQ(Pattern("GET", "/runs/7"), "/runs/{id}");
  EXPECT_EQ(Pattern("GET", "/runs/7/steps"), "/runs/{id}/steps");
  EXPECT_EQ(Pattern("GET", "/runs/7/other"), "/*");
  EXPECT_EQ(Pattern("GET", "/runs/"), "/*");
  EXPECT_EQ(Pattern("GET", "/"), "/*");
}

TEST_F(RouterTest, GivesParametersDecodedEvenWithAnEncodedSlash) {
  Add("GET", "/a/{x}/b/{y}");
  Add("GET", "/files/*");
  EXPECT_THAT(router_.Find("GET", "/a/s%2Ft/b/%C3%A9")->parameters,
              ElementsAre(Pair("x", "s/t"), Pair("y", "\xC3\xA9")));
  EXPECT_THAT(router_.Find("GET", "/files/../etc//passwd")->parameters,
              ElementsAre(Pair("*", "../etc//passwd")));
}

TEST_F(RouterTest, TellsAWrongMethodFromAnUnknownPath) {
  Add("GET", "/*");
  Add("POST", "/v1/traces", Lane::kIngest);
  Add("GET", "/x");
  Add("PUT", "/x");
  const auto traces = router_.Find("GET", "/v1/traces");
  EXPECT_EQ(traces->route, nullptr);
  EXPECT_THAT(traces->allowed, ElementsAre("POST"));
  EXPECT_TRUE(traces->ingest);
  EXPECT_THAT(router_.Find("DELETE", "/x")->allowed, UnorderedElementsAre("GET", "HEAD", "PUT"));
  EXPECT_EQ(Pattern("HEAD", "/x"), "/x");
  EXPECT_THAT(router_.Find("POST", "/nowhere")->allowed, UnorderedElementsAre("GET", "HEAD"));
}

TEST_F(RouterTest, AnswersUnderAPrefixAndWithATrailingSlash) {
  Add("POST", "/v1/traces");
  Add("POST", "/api/otel/own");
  router_.AddPrefix("/api/otel/", "");
  router_.AddPrefix("/old", "/api/otel");
  EXPECT_EQ(router_.Find("POST", "/api/otel/v1/traces")->path, "/v1/traces");
  EXPECT_EQ(Pattern("POST", "/api/otel/own"), "/api/otel/own");
  EXPECT_EQ(Pattern("POST", "/old/own"), "/api/otel/own");
  EXPECT_EQ(Pattern("POST", "/api/otelv1/traces"), "");
  EXPECT_EQ(Pattern("POST", "/v1/traces/"), "/v1/traces");
}

TEST_F(RouterTest, RefusesBadEscapes) {
  Add("GET", "/{x}");
  EXPECT_EQ(Pattern("GET", "/%zz"), "cannot decode the URL: bad escape \"%zz\"");
  EXPECT_EQ(Pattern("GET", "/a%0"), "cannot decode the URL: bad escape \"%0\"");
  EXPECT_EQ(Pattern("GET", "/a%00b"), "cannot decode the URL: bad escape \"%00\"");
}

TEST(ParseQuery, KeepsOrderAndDecodes) {
  EXPECT_THAT(*ParseQuery("a=1&&b&c=x+y%26z&a=2&=v"),
              ElementsAre(Pair("a", "1"), Pair("b", ""), Pair("c", "x y&z"), Pair("a", "2"),
                          Pair("", "v")));
  EXPECT_THAT(*ParseQuery(""), IsEmpty());
  EXPECT_FALSE(ParseQuery("a=%0").ok());
}

HeaderList CorsFor(std::vector<std::string> origins, std::string_view origin) {
  CorsOptions options;
  options.allowed_origins = std::move(origins);
  HeaderList headers;
  CorsPolicy(options).AddHeaders(origin, &headers);
  return headers;
}

TEST(CorsPolicy, SaysNothingUnlessTheOriginIsAllowed) {
  EXPECT_THAT(CorsFor({}, "https://a.example"), IsEmpty());
  EXPECT_THAT(CorsFor({"https://a.example"}, "https://b.example"), IsEmpty());
  EXPECT_THAT(CorsFor({"https://a.example"}, ""), IsEmpty());
}

TEST(CorsPolicy, MatchesSubdomainsOnly) {
  const std::vector<std::string> origins = {"https://*.example.com"};
  EXPECT_EQ(CorsFor(origins, "https://a.b.example.com").size(), 3u);
  EXPECT_THAT(CorsFor(origins, "https://example.com"), IsEmpty());
  EXPECT_THAT(CorsFor(origins, "https://.example.com.evil.org"), IsEmpty());
  EXPECT_THAT(CorsFor(origins, "https://evil.org/.example.com"), IsEmpty());
  EXPECT_THAT(CorsFor(origins, "http://a.example.com"), IsEmpty());
}

TEST(CorsPolicy, GivesCredentialsToNamedOriginsOnly) {
  EXPECT_THAT(CorsFor({"*"}, "https://a.example"),
              ElementsAre(Pair("access-control-allow-origin", "*")));
  EXPECT_THAT(
      CorsFor({"*", "https://a.example"}, "https://a.example"),
      ElementsAre(Pair("access-control-allow-origin", "https://a.example"),
                  Pair("access-control-allow-credentials", "true"), Pair("vary", "Origin")));
}

}  // namespace
}  // namespace ao::net
