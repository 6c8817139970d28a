#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/fixture.h"

// Keys and settings over the API.

namespace ao::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class KeysRestTest : public ApiTest {
 protected:
  net::HttpResponse Create(std::string body) {
    return Call("POST", "/api/v1/keys", std::move(body), {{"content-type", "application/json"}})
        ->response;
  }
  net::HttpResponse Revoke(const std::string& id) {
    return Call("DELETE", "/api/v1/keys/" + id)->response;
  }
  // As if the request came with this key.
  void ComeWith(const net::HttpResponse& created) {
    const Json key(created.body);
    key_id = key.Text("/id");
    project = key.Text("/project");
  }
  Result<net::Principal> Enter(const std::string& key) {
    return authenticator->Authenticate({{"authorization", "Bearer " + key}});
  }
};

TEST_F(KeysRestTest, WithoutKeysTheListSaysThatNoneIsNeeded) {
  EXPECT_EQ(Get("/api/v1/keys").body, "{\"keys\":[],\"required\":false}\n");
}

TEST_F(KeysRestTest, TheSecretIsInTheAnswerOnceAndNowhereElse) {
  const Json created(Create(R"({"name": "ci", "scopes": "ingest,read,admin"})").body);
  const std::string secret = created.Text("/key");
  EXPECT_EQ(created.Text("/name"), "ci");
  EXPECT_EQ(created.Text("/project"), "default");
  EXPECT_EQ(created.Text("/scopes"), "ingest,read,admin");
  EXPECT_EQ(created.Text("/created"), "2026-01-31T09:30:00.000000000Z");
  const std::string listed = Get("/api/v1/keys").body;
  EXPECT_THAT(listed, HasSubstr(created.Text("/id")));
  EXPECT_THAT(listed, Not(HasSubstr(secret)));
  EXPECT_THAT(listed, Not(HasSubstr(keys::Sha256Hex(secret))));
  EXPECT_EQ(keys->List()->front().id, created.Text("/id")) << "the store of the command line";
}

TEST_F(KeysRestTest, TheFirstKeyClosesTheDoorAtOnceAndSaysSo) {
  ASSERT_TRUE(authenticator->Authenticate({}).ok());
  const Json created(Create(R"({"scopes": "ingest,read,admin"})").body);
  EXPECT_EQ(created.Raw("/required"), "true");
  EXPECT_THAT(created.Text("/warnings/0"), HasSubstr("every request needs a key"));
  EXPECT_FALSE(created.Has("/warnings/1"));
  EXPECT_EQ(authenticator->Authenticate({}).status().code(), StatusCode::kUnauthenticated);
  EXPECT_TRUE(Enter(created.Text("/key")).ok()) << "without waiting for a refresh";
  const Json second(Create("{}").body);
  EXPECT_EQ(second.Raw("/warnings"), "[]");
  EXPECT_EQ(second.Text("/scopes"), "ingest,read");
  EXPECT_TRUE(Enter(second.Text("/key")).ok());
}

TEST_F(KeysRestTest, AFirstKeyThatLocksOutSaysWhatIsLost) {
  const Json created(Create(R"({"project": "team-a", "scopes": "ingest"})").body);
  const std::string warnings = created.Raw("/warnings");
  EXPECT_THAT(warnings, HasSubstr("no valid key may read"));
  EXPECT_THAT(warnings, HasSubstr("observatory keys"));
  EXPECT_THAT(warnings, HasSubstr("belongs to project default"));
}

TEST_F(KeysRestTest, RevokingTakesEffectAtOnceAndSaysWhatIsLost) {
  const net::HttpResponse admin = Create(R"({"scopes": "read,admin"})");
  const Json agent(Create(R"({"name": "agent", "scopes": "ingest"})").body);
  ComeWith(admin);
  const Json listed(Get("/api/v1/keys").body);
  EXPECT_EQ(listed.Raw("/required"), "true");
  const bool newest_is_mine = listed.Text("/keys/0/id") == key_id;
  EXPECT_EQ(listed.Raw("/keys/0/current"), newest_is_mine ? "true" : "false");
  EXPECT_EQ(listed.Raw("/keys/0/revoked"), "null");
  EXPECT_EQ(listed.Raw("/keys/0/last_used"), "null");

  const Json revoked(Revoke(agent.Text("/id")).body);
  EXPECT_EQ(revoked.Text("/revoked"), agent.Text("/id"));
  EXPECT_THAT(revoked.Raw("/warnings"), HasSubstr("no valid key of project default may ingest"));
  EXPECT_THAT(Enter(agent.Text("/key")).status().message(), HasSubstr("revoked"));
  EXPECT_EQ(Revoke(agent.Text("/id")).status, 200) << "twice is fine";

  const Json last(Revoke(key_id).body);
  EXPECT_THAT(last.Text("/warnings/0"), HasSubstr("the next one is refused"));
  EXPECT_THAT(last.Raw("/warnings"), HasSubstr("no valid key of project default may admin"));
  EXPECT_FALSE(authenticator->Authenticate({}).ok()) << "the door stays closed";
}

TEST_F(KeysRestTest, AKeyManagesItsOwnProjectOnly) {
  const Json other(Create(R"({"project": "team-b", "scopes": "admin"})").body);
  ComeWith(Create(R"({"project": "team-a", "scopes": "admin"})"));
  EXPECT_THAT(Get("/api/v1/keys").body, Not(HasSubstr("team-b")));
  EXPECT_EQ(Revoke(other.Text("/id")).status, 404);
  const net::HttpResponse refused = Create(R"({"project": "team-b"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("team-b"));
  EXPECT_EQ(Json(Create("{}").body).Text("/project"), "team-a");
  EXPECT_EQ(keys->List()->size(), 3u);
}

TEST_F(KeysRestTest, BadRequestsMakeNoKey) {
  for (const std::string body :
       {R"()", R"([])", R"({"scopes": "write"})", R"({"scopes": ""})", R"({"scopes": 7})",
        R"({"project": "A b"})", R"({"nam": "x"})", R"({"name": ["x"]})"}) {
    EXPECT_EQ(Create(body).status, 400) << body;
  }
  EXPECT_EQ(Create(R"({"name": ")" + std::string(201, 'x') + R"("})").status, 400);
  // What any web page may send to any server without asking.
  for (const std::string type : {"text/plain", "application/x-www-form-urlencoded"}) {
    const auto reply = Call("POST", "/api/v1/keys", "{}", {{"content-type", type}});
    EXPECT_EQ(reply->response.status, 400) << type;
  }
  EXPECT_EQ(Post("/api/v1/keys", "{}").status, 400);
  EXPECT_EQ(Revoke("nothing").status, 404);
  EXPECT_TRUE(keys->List()->empty());
}

TEST_F(KeysRestTest, ChangingKeysIsForAdministrators) {
  for (const net::Route& route : server.routes) {
    if (!route.pattern.starts_with("/api/v1/keys")) continue;
    EXPECT_EQ(route.access, route.method == "GET" ? net::Access::kRead : net::Access::kAdmin);
  }
}

TEST_F(KeysRestTest, SettingsSayTheirValueAndWhereItComesFrom) {
  config::Sources sources;
  sources.flags = {{"data_dir", "/srv/data"}};
  sources.environment = {{"AO_STORAGE_RETENTION_MAX_AGE", "30d"}};
  settings = *config::Settings::Load(sources, PosixFileSystem());
  const Json shown(Get("/api/v1/settings").body);
  const std::string age = "/settings/storage.retention.max_age";
  EXPECT_EQ(shown.Text(age + "/value"), "30d");
  EXPECT_EQ(shown.Text(age + "/origin"), "environment AO_STORAGE_RETENTION_MAX_AGE");
  EXPECT_EQ(shown.Text(age + "/default"), "0");
  EXPECT_EQ(shown.Text(age + "/flag"), "--storage-retention-max-age");
  EXPECT_EQ(shown.Text(age + "/environment"), "AO_STORAGE_RETENTION_MAX_AGE");
  EXPECT_EQ(shown.Raw(age + "/restart"), "true");
  EXPECT_EQ(shown.Text("/settings/data_dir/value"), "/srv/data");
  EXPECT_EQ(shown.Text("/settings/data_dir/origin"), "flag --data-dir");
  for (const config::Setting& setting : config::AllSettings()) {
    EXPECT_TRUE(shown.Has("/settings/" + std::string(setting.key))) << setting.key;
  }
}

TEST_F(KeysRestTest, PathsAreForAdministrators) {
  may_admin = false;
  config::Sources sources;
  sources.flags = {{"data_dir", "/srv/data"}};
  settings = *config::Settings::Load(sources, PosixFileSystem());
  const Json shown(Get("/api/v1/settings").body);
  EXPECT_EQ(shown.Text("/settings/data_dir/value"), "***");
  EXPECT_EQ(shown.Text("/settings/data_dir/origin"), "flag");
  EXPECT_EQ(shown.Text("/settings/tls.key/value"), "") << "nothing to hide";
}

}  // namespace
}  // namespace ao::api
