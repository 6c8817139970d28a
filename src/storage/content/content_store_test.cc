#include "storage/content/content_store.h"

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/faulty_file_system.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/temporary_directory.h"

namespace ao::storage {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kSeed = 4711;
constexpr Nanos kTime = 20'000 * kDay + 5;
constexpr Day kToday = DayOf(kTime);

std::string Noise(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string Message(int i, size_t size = 400) {
  std::string text = R"({"role":"user","content":"message )" + std::to_string(i) + " ";
  while (text.size() < size) text += "word" + std::to_string(i * 31 + text.size()) + " ";
  return text + "\"}";
}

std::string Conversation(int messages, int first = 0) {
  std::string text = "[";
  for (int i = 0; i < messages; ++i) text += (i > 0 ? "," : "") + Message(first + i);
  return text + "]";
}

class ContentStoreTest : public ::testing::Test {
 protected:
  ContentStoreTest() {
    SetLogLevel(LogLevel::kError);
    options_.hash_seed = kSeed;
    options_.block_bytes = 4096;
    Open();
  }

  void Open() {
    store_.reset();
    auto store = ContentStore::Open(fs_, directory_.path(), options_, listed_);
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(store).value();
  }
  ContentAddress Put(const std::string& text, Nanos time = kTime,
                     const std::string& project = "p") {
    std::vector<ContentPiece> pieces;
    const ContentAddress address = CutIntoPieces(text, kSeed, time, &pieces);
    store_->Put(project, pieces);
    return address;
  }
  // The text, or the error's message.
  std::string Read(ContentAddress address, Day day = kToday, const std::string& project = "p") {
    auto text = store_->Read(project, day, address);
    return text.ok() ? *text : "error: " + text.status().ToString();
  }
  void Seal() {
    store_->Freeze();
    auto files = store_->WriteFrozen();
    ASSERT_TRUE(files.ok()) << files.status().message();
    listed_.insert(listed_.end(), files->begin(), files->end());
    store_->Publish(*files);
  }
  void Rewrite(const std::vector<ContentAddress>& live, Day day = kToday) {
    auto files = store_->Rewrite("p", day, live);
    ASSERT_TRUE(files.ok()) << files.status().message();
    ASSERT_TRUE(store_->Replace("p", day, *files).ok());
    listed_ = store_->Files();
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    EXPECT_TRUE(store_->Verify([&](std::string line) { problems.push_back(line); }).ok());
    return problems;
  }
  std::string PathOf(const ContentFile& file) { return directory_.path() + "/" + file.path; }

  TemporaryDirectory directory_;
  FaultyFileSystem fs_{PosixFileSystem()};
  ContentStore::Options options_;
  std::vector<ContentFile> listed_;
  std::unique_ptr<ContentStore> store_;
};

TEST_F(ContentStoreTest, ReadsEveryKindOfTextBackBeforeAndAfterSealingAndReopening) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts = {
      "",
      "x",
      std::string("\0\xff\0", 3),
      Message(1),
      Conversation(40),
      Noise(random, 10),
      Noise(random, 100'000),
      std::string(4096, 'a'),
      std::string(4097, 'b'),
      "{\"unterminated\": [" + Message(3, 3000),
  };
  std::vector<ContentAddress> addresses;
  for (const std::string& text : texts) addresses.push_back(Put(text));
  for (int stage = 0; stage < 4; ++stage) {
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_TRUE(Read(addresses[i]) == texts[i]) << "stage " << stage << " text " << i;
      EXPECT_EQ(store_->Length("p", kToday, addresses[i]).value(), texts[i].size());
    }
    if (stage == 0) store_->Freeze();
    if (stage == 1) Seal();
    if (stage == 2) Open();
  }
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ContentStoreTest, AnEmptyTextAloneCanBeSealed) {
  const auto address = Put("");
  Seal();
  Open();
  EXPECT_EQ(Read(address), "");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ContentStoreTest, KeepsATextOf40MegabytesOfNoiseAndOneOfMessages) {
  options_.block_bytes = 256 << 10;
  Open();
  std::mt19937_64 random(2);
  const std::string noise = Noise(random, 40 << 20);
  std::string messages = "[";
  while (messages.size() < 8 << 20)
    messages += Message(static_cast<int>(messages.size()), 9000) + ",";
  const auto a = Put(noise);
  const auto b = Put(messages);
  EXPECT_TRUE(Read(a) == noise);
  Seal();
  EXPECT_TRUE(Read(a) == noise);
  EXPECT_TRUE(Read(b) == messages);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ContentStoreTest, AGrowingConversationCostsItsNewMessages) {
  uint64_t offered = 0;
  for (int turns = 1; turns <= 30; ++turns) {
    const std::string text = Conversation(turns * 2);
    offered += text.size();
    Put(text);
    if (turns == 10) Seal();
    if (turns == 20) store_->Freeze();
  }
  const ContentStats stats = store_->Stats();
  EXPECT_EQ(stats.offered_bytes, offered);
  EXPECT_LT(stats.unique_bytes, Conversation(60).size() + 2000);
  EXPECT_GT(stats.pending_bytes, 0u);
  EXPECT_GT(stats.file_bytes, 0u);
}

TEST_F(ContentStoreTest, FindsContentOfEarlierFilesAgain) {
  const std::string text = Conversation(20);
  const auto address = Put(text);
  Seal();
  Open();
  EXPECT_EQ(Put(text), address);
  EXPECT_EQ(store_->Stats().unique_bytes, 0u);
  const std::string longer = Conversation(21);
  const auto longer_address = Put(longer);
  EXPECT_LT(store_->Stats().unique_bytes, Message(0).size() * 2);
  Seal();
  EXPECT_THAT(listed_, SizeIs(2));
  EXPECT_EQ(Read(longer_address), longer);
  Open();
  EXPECT_EQ(Read(longer_address), longer);
  EXPECT_EQ(store_->Length("p", kToday, longer_address).value(), longer.size());
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ContentStoreTest, ProjectsAndDaysShareNothing) {
  const std::string text = Conversation(5);
  const auto address = Put(text);
  EXPECT_THAT(Read(address, kToday, "q"), HasSubstr("not_found"));
  EXPECT_THAT(Read(address, kToday + 1), HasSubstr("not_found"));
  Put(text, kTime + kDay);
  Put(text, kTime, "q");
  EXPECT_GE(store_->Stats().unique_bytes, 3 * text.size());
  Seal();
  EXPECT_THAT(listed_, SizeIs(3));
  ASSERT_TRUE(store_->Drop(std::vector{listed_[0]}).ok());
  EXPECT_THAT(Read(address), HasSubstr("not_found"));
  EXPECT_EQ(Read(address, kToday + 1), text);
  EXPECT_EQ(Read(address, kToday, "q"), text);
  EXPECT_FALSE(fs_.Exists(PathOf(listed_[0])));
}

TEST_F(ContentStoreTest, RefusesProjectNamesThatArePaths) {
  for (const char* project : {"", ".", "..", "a/b", "a b", "a\n"}) {
    const auto address = Put("some text", kTime, project);
    EXPECT_EQ(store_->Read(project, kToday, address).status().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(store_->Stats().offered_bytes, 0u);
  EXPECT_TRUE(store_->Read("A-b_c.9", kToday, Put("t", kTime, "A-b_c.9")).ok());
}

TEST_F(ContentStoreTest, UnknownAddressesAreNotFound) {
  Put(Conversation(3));
  Seal();
  EXPECT_THAT(Read({1, 2}), HasSubstr("not_found"));
  EXPECT_EQ(store_->Length("p", kToday, {1, 2}).status().code(), StatusCode::kNotFound);
}

TEST_F(ContentStoreTest, ThawPutsEverythingBack) {
  const auto first = Put(Conversation(10));
  store_->Freeze();
  const auto second = Put(Conversation(11));
  ASSERT_TRUE(store_->WriteFrozen().ok());
  store_->Thaw();
  EXPECT_EQ(Read(first), Conversation(10));
  EXPECT_EQ(Read(second), Conversation(11));
  Seal();
  Open();
  EXPECT_EQ(Read(first), Conversation(10));
  EXPECT_EQ(Read(second), Conversation(11));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(ContentStoreTest, WritingFrozenTwiceGivesTheSameFiles) {
  Put(Conversation(10));
  store_->Freeze();
  const auto files = store_->WriteFrozen().value();
  EXPECT_EQ(store_->WriteFrozen().value(), files);
  EXPECT_EQ(files[0].bytes, ReadFile(fs_, PathOf(files[0])).value().size());
  EXPECT_EQ(files[0].checksum, Hash64(ReadFile(fs_, PathOf(files[0])).value()));
}

TEST_F(ContentStoreTest, OpenRemovesWhatIsNotListedAndNeverReusesItsName) {
  const auto address = Put(Conversation(10));
  Seal();
  Put(Conversation(12));
  store_->Freeze();
  const auto unlisted = store_->WriteFrozen().value();
  const std::string half = PathOf(listed_[0]) + ".tmp";
  ASSERT_TRUE(fs_.Open(half, FileSystem::Mode::kCreate).ok());
  Open();
  EXPECT_FALSE(fs_.Exists(PathOf(unlisted[0])));
  EXPECT_FALSE(fs_.Exists(half));
  EXPECT_EQ(Read(address), Conversation(10));
  Put(Conversation(13));
  Seal();
  EXPECT_NE(listed_[1].path, unlisted[0].path);
}

TEST_F(ContentStoreTest, AMissingOrShortListedFileIsCorruptionThatNamesIt) {
  Put(Conversation(10));
  Seal();
  const std::string path = PathOf(listed_[0]);
  const std::string content = ReadFile(fs_, path).value();
  for (const bool missing : {false, true}) {
    ASSERT_TRUE(WriteFileAtomically(fs_, path, content.substr(0, content.size() - 1)).ok());
    if (missing) {
      ASSERT_TRUE(fs_.Remove(path).ok());
    }
    auto store = ContentStore::Open(fs_, directory_.path(), options_, listed_);
    EXPECT_EQ(store.status().code(), StatusCode::kCorruption);
    EXPECT_THAT(store.status().message(), HasSubstr(path));
  }
}

TEST_F(ContentStoreTest, EveryFlippedBitIsFoundByVerifyAndNeverReadAsText) {
  const std::string text = Conversation(12);
  const std::string other = Conversation(13);
  const auto address = Put(text);
  Seal();
  const auto other_address = Put(other);
  Seal();
  const std::string path = PathOf(listed_[1]);
  const std::string intact = ReadFile(fs_, path).value();
  for (size_t at = 0; at < intact.size(); at += 3) {
    std::string damaged = intact;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    auto file = std::move(fs_.Open(path, FileSystem::Mode::kReadWrite)).value();
    ASSERT_TRUE(file->WriteAt(0, damaged).ok());
    Open();
    ASSERT_THAT(Problems(), Contains(HasSubstr(listed_[1].path))) << at;
    const auto read = store_->Read("p", kToday, other_address);
    if (read.ok()) {
      ASSERT_TRUE(*read == other) << at;
    } else {
      ASSERT_NE(read.status().code(), StatusCode::kNotFound) << at;
      ASSERT_THAT(read.status().message(), HasSubstr(listed_[1].path)) << at;
    }
  }
  ASSERT_TRUE(WriteFileAtomically(fs_, path, intact).ok());
  Open();
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(Read(address), text);
}

TEST_F(ContentStoreTest, RewriteKeepsWhatIsLiveAndFoldsFiles) {
  std::vector<ContentAddress> addresses;
  for (int i = 0; i < 10; ++i) {
    addresses.push_back(Put(Conversation(4 + i)));
    addresses.push_back(Put(Conversation(5, 1000 * (i + 1))));
    Seal();
  }
  ASSERT_THAT(listed_, SizeIs(10));
  const auto old = listed_;
  const uint64_t before = store_->Stats().file_bytes;
  Rewrite({addresses[18], addresses[5]});
  EXPECT_THAT(listed_, SizeIs(1));
  EXPECT_LT(store_->Stats().file_bytes, before / 2);
  for (const ContentFile& file : old) EXPECT_FALSE(fs_.Exists(PathOf(file)));
  for (int reopened = 0; reopened < 2; ++reopened) {
    EXPECT_EQ(Read(addresses[18]), Conversation(13));
    EXPECT_EQ(Read(addresses[5]), Conversation(5, 3000));
    EXPECT_THAT(Read(addresses[7]), HasSubstr("not_found"));
    EXPECT_THAT(Problems(), IsEmpty());
    Open();
  }
  Rewrite({});
  EXPECT_THAT(listed_, IsEmpty());
  EXPECT_THAT(Read(addresses[18]), HasSubstr("not_found"));
}

TEST_F(ContentStoreTest, RewriteKeepsWhatUnsealedContentReliesOn) {
  const auto whole = Put(Conversation(10));
  const auto piece = Put(Message(7777, 3000));
  Seal();
  EXPECT_EQ(Put(Conversation(10)), whole);  // found in the file, not kept again
  const auto longer = Put(Conversation(11));
  EXPECT_EQ(Put(Message(7777, 3000)), piece);
  store_->Freeze();
  const auto again = Put(Conversation(12));
  auto files = store_->Rewrite("p", kToday, {});
  ASSERT_TRUE(files.ok());
  const auto meanwhile = Put(Conversation(10) + " ");
  Put(Conversation(10));
  ASSERT_TRUE(store_->Replace("p", kToday, *files).ok());
  EXPECT_EQ(Read(whole), Conversation(10));
  EXPECT_EQ(Read(longer), Conversation(11));
  EXPECT_EQ(Read(again), Conversation(12));
  EXPECT_EQ(Read(piece), Message(7777, 3000));
  EXPECT_EQ(Read(meanwhile), Conversation(10) + " ");
}

TEST_F(ContentStoreTest, ContentPutDuringARewriteDoesNotRelyOnWhatItDrops) {
  const auto address = Put(Conversation(10));
  Seal();
  Open();
  auto files = store_->Rewrite("p", kToday, {});
  ASSERT_TRUE(files.ok());
  EXPECT_THAT(*files, IsEmpty());
  Put(Conversation(10));
  ASSERT_TRUE(store_->Replace("p", kToday, *files).ok());
  EXPECT_EQ(Read(address), Conversation(10));
}

TEST_F(ContentStoreTest, ARewriteCanBeTakenBack) {
  const auto address = Put(Conversation(10));
  Seal();
  const auto old = store_->Files();
  ASSERT_TRUE(store_->Rewrite("p", kToday, {}).ok());
  ASSERT_TRUE(store_->Replace("p", kToday, old).ok());
  EXPECT_EQ(store_->Files(), old);
  EXPECT_EQ(Read(address), Conversation(10));
}

TEST_F(ContentStoreTest, BehavesLikeAMapOverManyRandomOperations) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    directory_.Clear();
    listed_.clear();
    options_.block_bytes = 1 << (8 + random() % 8);
    options_.cache_bytes = random() % 2 == 0 ? 0 : 64 << 10;
    Open();
    std::map<std::pair<Day, ContentAddress>, std::string> model;
    auto check = [&](const auto& entry) {
      const auto& [key, text] = entry;
      ASSERT_TRUE(Read(key.second, key.first) == text);
      ASSERT_EQ(store_->Length("p", key.first, key.second).value(), text.size());
    };
    bool frozen = false;
    for (int step = 0; step < 250; ++step) {
      const Nanos time = kTime + static_cast<Nanos>(random() % 2) * kDay;
      const int start = static_cast<int>(random() % 3) * 1000;
      switch (random() % 16) {
        case 0:
          if (!frozen) store_->Freeze();
          frozen = true;
          break;
        case 1:
          if (frozen && random() % 2 == 0) {
            ASSERT_TRUE(store_->WriteFrozen().ok());
          }
          store_->Thaw();
          frozen = false;
          break;
        case 2:
        case 3: {
          if (!frozen) store_->Freeze();
          const auto files = store_->WriteFrozen().value();
          store_->Publish(files);
          listed_ = store_->Files();
          frozen = false;
          break;
        }
        case 4: {  // forget half of the sealed texts; what is in memory stays by itself
          if (frozen) break;
          const Day day = kToday + static_cast<Day>(random() % 2);
          Seal();
          std::vector<ContentAddress> live;
          std::erase_if(model, [&](const auto& entry) {
            if (entry.first.first != day) return false;
            if (random() % 2 == 0) return true;
            live.push_back(entry.first.second);
            return false;
          });
          Rewrite(live, day);
          break;
        }
        case 5:
          if (frozen) store_->Thaw();
          frozen = false;
          Seal();
          listed_ = store_->Files();
          Open();
          break;
        default: {
          std::string text = random() % 4 == 0
                                 ? Noise(random, random() % 3000)
                                 : Conversation(static_cast<int>(random() % 30), start);
          model[{DayOf(time), Put(text, time)}] = text;
        }
      }
      if (!model.empty()) {
        auto it = model.begin();
        std::advance(it, random() % model.size());
        check(*it);
      }
      if (HasFatalFailure()) return;
    }
    for (const auto& entry : model) check(entry);
    ASSERT_THAT(Problems(), IsEmpty());
  }
}

TEST_F(ContentStoreTest, ReadsWhileWritingSealingAndRewriting) {
  constexpr int kTexts = 150;
  std::vector<ContentAddress> addresses;
  std::vector<std::string> texts;
  for (int i = 0; i < kTexts; ++i) texts.push_back(Conversation(i % 30 + 3, i / 30 * 1000));
  for (const std::string& text : texts) {
    std::vector<ContentPiece> pieces;
    addresses.push_back(CutIntoPieces(text, kSeed, kTime, &pieces));
  }
  std::atomic<int> written{0};
  std::atomic<bool> sealed_all{false};
  std::thread sealing([&] {
    while (!sealed_all) {
      sealed_all = written == kTexts;
      store_->Freeze();
      auto files = store_->WriteFrozen();
      ASSERT_TRUE(files.ok());
      store_->Publish(*files);
      auto rewritten = store_->Rewrite("p", kToday, addresses);
      ASSERT_TRUE(rewritten.ok()) << rewritten.status().message();
      ASSERT_TRUE(store_->Replace("p", kToday, *rewritten).ok());
    }
  });
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      std::mt19937_64 random(reader);
      while (!sealed_all) {
        const int known = written;
        if (known == 0) continue;
        const size_t i = random() % static_cast<size_t>(known);
        ASSERT_TRUE(Read(addresses[i]) == texts[i]) << Read(addresses[i]).substr(0, 200);
      }
    });
  }
  for (int i = 0; i < kTexts; ++i) {
    Put(texts[i]);
    written = i + 1;
  }
  sealing.join();
  for (std::thread& reader : readers) reader.join();
  for (int i = 0; i < kTexts; ++i) ASSERT_TRUE(Read(addresses[i]) == texts[i]);
  EXPECT_THAT(Problems(), IsEmpty());
}

}  // namespace
}  // namespace ao::storage
