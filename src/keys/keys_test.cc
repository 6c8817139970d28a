#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/file.h"
#include "keys/authenticator.h"
#include "keys/key_store.h"

namespace ao::keys {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class KeysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = ::testing::TempDir() + "keys-" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    store_ = OpenStore();
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::unique_ptr<KeyStore> OpenStore() {
    auto store = KeyStore::Open(directory_, clock_);
    EXPECT_TRUE(store.ok()) << store.status().ToString();
    return std::move(store).value();
  }
  NewKey CreateKey(const std::string& project = "team-a", const Scopes& scopes = {}) {
    auto created = store_->Create(project, "test", scopes);
    EXPECT_TRUE(created.ok()) << created.status().ToString();
    return *created;
  }
  std::unique_ptr<ApiKeyAuthenticator> NewAuthenticator(bool required = false) {
    auto created = ApiKeyAuthenticator::Create(*store_, clock_, required);
    EXPECT_TRUE(created.ok());
    return std::move(created).value();
  }

  ManualClock clock_{1'700'000'000 * kSecond};
  std::string directory_;
  std::unique_ptr<KeyStore> store_;
};

net::HeaderList Bearer(const std::string& key) { return {{"authorization", "Bearer " + key}}; }

TEST_F(KeysTest, SecretNamesItsProjectAndIsNotStored) {
  const NewKey created = CreateKey();
  EXPECT_THAT(created.secret, MatchesRegex("ao_team-a_[0-9A-Za-z]{40}"));
  EXPECT_EQ(created.key.hash, Sha256Hex(created.secret));
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const auto bytes = ReadFile(PosixFileSystem(), entry.path());
    ASSERT_TRUE(bytes.ok());
    EXPECT_THAT(*bytes, Not(HasSubstr(created.secret))) << entry.path();
  }
}

TEST_F(KeysTest, DatabaseIsReadableByItsOwnerOnly) {
  const auto mode = std::filesystem::status(directory_ + "/observatory.db").permissions();
  EXPECT_EQ(mode & std::filesystem::perms(0777), std::filesystem::perms(0600));
}

TEST_F(KeysTest, KeysSurviveReopening) {
  const NewKey created = CreateKey("p", {true, false, true});
  store_.reset();
  store_ = OpenStore();
  const auto keys = store_->List();
  ASSERT_TRUE(keys.ok());
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_EQ(keys->front().id, created.key.id);
  EXPECT_EQ(keys->front().scopes, (Scopes{true, false, true}));
  EXPECT_EQ(keys->front().created, clock_.Now());
  EXPECT_EQ(keys->front().revoked, 0);
}

TEST_F(KeysTest, ProjectAndScopeNamesAreChecked) {
  for (const std::string bad : {"", "Team", "a_b", "a b", "../x"}) {
    EXPECT_EQ(store_->Create(bad, "", {}).status().code(), StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_FALSE(store_->Create(std::string(65, 'a'), "", {}).ok());
  EXPECT_FALSE(ParseScopes("ingest,write").ok());
  EXPECT_FALSE(ParseScopes("").ok());
  EXPECT_EQ(FormatScopes(*ParseScopes("admin,ingest")), "ingest,admin");
}

TEST_F(KeysTest, RevokingAnUnknownKeyIsNotFoundAndTwiceIsFine) {
  EXPECT_EQ(store_->Revoke("abc").code(), StatusCode::kNotFound);
  const NewKey created = CreateKey();
  EXPECT_TRUE(store_->Revoke(created.key.id).ok());
  const Nanos first = store_->List()->front().revoked;
  clock_.Advance(kMinute);
  EXPECT_TRUE(store_->Revoke(created.key.id).ok());
  EXPECT_EQ(store_->List()->front().revoked, first);
}

TEST_F(KeysTest, AFileThatIsNoDatabaseIsCorruption) {
  store_.reset();
  ASSERT_TRUE(
      WriteFileAtomically(PosixFileSystem(), directory_ + "/observatory.db", std::string(4096, 'x'))
          .ok());
  std::filesystem::remove(directory_ + "/observatory.db-wal");
  EXPECT_EQ(KeyStore::Open(directory_, clock_).status().code(), StatusCode::kCorruption);
}

TEST_F(KeysTest, WithoutKeysEverybodyIsDefault) {
  auto authenticator = NewAuthenticator();
  EXPECT_FALSE(authenticator->KeysNeeded());
  const auto principal = authenticator->Authenticate({});
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->project, "default");
  EXPECT_TRUE(principal->may_admin);
  // A client that still sends some key is not refused.
  EXPECT_TRUE(authenticator->Authenticate(Bearer("whatever")).ok());
}

TEST_F(KeysTest, RequiredMeansKeysEvenWhenNoneExists) {
  auto authenticator = NewAuthenticator(true);
  EXPECT_TRUE(authenticator->KeysNeeded());
  EXPECT_EQ(authenticator->Authenticate({}).status().code(), StatusCode::kUnauthenticated);
}

TEST_F(KeysTest, EveryHeaderFormIsUnderstood) {
  const NewKey created = CreateKey("team-a", {true, false, false});
  auto authenticator = NewAuthenticator();
  const std::vector<net::HeaderList> forms = {
      Bearer(created.secret),
      {{"authorization", "bearer " + created.secret}},
      {{"authorization", "Basic " + EncodeBase64("user:" + created.secret)}},
      {{"authorization", "Basic " + EncodeBase64(created.secret + ":")}},
      {{"authorization", "Basic " + EncodeBase64(created.secret + ":anything")}},
      {{"x-api-key", created.secret}},
      {{"authorization", "Bearer for-somebody-else"}, {"x-api-key", created.secret}},
  };
  for (const net::HeaderList& headers : forms) {
    const auto principal = authenticator->Authenticate(headers);
    ASSERT_TRUE(principal.ok()) << headers.front().second;
    EXPECT_EQ(principal->project, "team-a");
    EXPECT_EQ(principal->key_id, created.key.id);
    EXPECT_TRUE(principal->may_ingest);
    EXPECT_FALSE(principal->may_read);
    EXPECT_FALSE(principal->may_admin);
  }
}

TEST_F(KeysTest, WrongKeysAreRefused) {
  const NewKey created = CreateKey();
  auto authenticator = NewAuthenticator();
  std::string altered = created.secret;
  altered.back() = altered.back() == 'a' ? 'b' : 'a';
  const std::vector<net::HeaderList> forms = {
      {},
      Bearer(""),
      Bearer(altered),
      Bearer(created.secret + "x"),
      Bearer(created.key.hash),
      Bearer(std::string(1 << 20, 'a')),
      {{"authorization", "Basic !!!"}},
      {{"authorization", created.secret}},
  };
  for (const net::HeaderList& headers : forms) {
    EXPECT_EQ(authenticator->Authenticate(headers).status().code(), StatusCode::kUnauthenticated);
  }
}

TEST_F(KeysTest, ChangesByAnotherProcessAreSeenWithinASecond) {
  auto authenticator = NewAuthenticator();
  const auto other = OpenStore();
  const auto created = other->Create("p", "", {});
  ASSERT_TRUE(created.ok());
  clock_.Advance(kSecond);
  EXPECT_FALSE(authenticator->Authenticate({}).ok()) << "the first key closes the door";
  EXPECT_TRUE(authenticator->Authenticate(Bearer(created->secret)).ok());

  ASSERT_TRUE(other->Revoke(created->key.id).ok());
  clock_.Advance(kSecond);
  const auto refused = authenticator->Authenticate(Bearer(created->secret));
  EXPECT_THAT(refused.status().message(), HasSubstr("revoked"));
}

TEST_F(KeysTest, ARefreshMakesAChangeCountAtOnce) {
  auto authenticator = NewAuthenticator();
  const NewKey created = CreateKey();
  ASSERT_TRUE(authenticator->Refresh().ok());
  EXPECT_TRUE(authenticator->KeysNeeded());
  EXPECT_TRUE(authenticator->Authenticate(Bearer(created.secret)).ok());
  ASSERT_TRUE(store_->Revoke(created.key.id).ok());
  ASSERT_TRUE(authenticator->Refresh().ok());
  EXPECT_FALSE(authenticator->Authenticate(Bearer(created.secret)).ok());
}

TEST_F(KeysTest, NamesAreCheckedAndMayBeAnyText) {
  EXPECT_TRUE(store_->Create("p", "café <b> \"x\"", {}).ok());
  EXPECT_TRUE(store_->Create("p", std::string(kMaxNameBytes, 'n'), {}).ok());
  EXPECT_FALSE(store_->Create("p", std::string(kMaxNameBytes + 1, 'n'), {}).ok());
  EXPECT_FALSE(store_->Create("p", "\xff", {}).ok());
}

TEST_F(KeysTest, RevokingTheLastKeyDoesNotOpenTheDoor) {
  const NewKey created = CreateKey();
  ASSERT_TRUE(store_->Revoke(created.key.id).ok());
  auto authenticator = NewAuthenticator();
  EXPECT_FALSE(authenticator->Authenticate({}).ok());
}

TEST_F(KeysTest, UseIsRecordedAtMostOnceAMinute) {
  const NewKey created = CreateKey();
  auto authenticator = NewAuthenticator();
  const Nanos first = clock_.Now();
  ASSERT_TRUE(authenticator->Authenticate(Bearer(created.secret)).ok());
  EXPECT_EQ(store_->List()->front().last_used, first);
  clock_.Advance(10 * kSecond);
  ASSERT_TRUE(authenticator->Authenticate(Bearer(created.secret)).ok());
  EXPECT_EQ(store_->List()->front().last_used, first);
  clock_.Advance(kMinute);
  ASSERT_TRUE(authenticator->Authenticate(Bearer(created.secret)).ok());
  EXPECT_EQ(store_->List()->front().last_used, clock_.Now());
}

TEST(AnonymousAuthenticatorTest, EverybodyMayDoEverything) {
  EXPECT_TRUE(AnonymousAuthenticator().Authenticate({})->may_admin);
}

}  // namespace
}  // namespace ao::keys
