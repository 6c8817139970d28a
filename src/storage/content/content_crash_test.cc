#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/faulty_file_system.h"
#include "base/log.h"
#include "base/temporary_directory.h"
#include "storage/content/content_store.h"

// Sealing and rewriting are interrupted at every single file operation. Listed files must come
// through undamaged, what is in memory must survive a failure, and nothing may be left behind.

namespace ao::storage {
namespace {

using Operation = FaultyFileSystem::Operation;
using Survival = FaultyFileSystem::Survival;
using ::testing::IsEmpty;

constexpr uint64_t kSeed = 3;
constexpr Day kDays[] = {100, 101};

std::string TextOf(int i) {
  std::string text = "[";
  for (int message = 0; message <= 3 + i; ++message) {
    if (message > 0) text += ",";
    text += R"({"content":")" + std::to_string(message) + std::string(300, 'x') + "\"}";
  }
  return text + "]";
}

class ContentCrashTest : public ::testing::Test {
 protected:
  ContentCrashTest() {
    SetLogLevel(LogLevel::kError);
    options_.hash_seed = kSeed;
    options_.block_bytes = 1024;
  }

  // A store with texts 0 and 1 sealed, on a file system that is as if just mounted.
  void Prepare(uint64_t seed) {
    store_.reset();
    directory_.Clear();
    listed_.clear();
    addresses_.clear();
    fs_ = std::make_unique<FaultyFileSystem>(PosixFileSystem(), seed);
    Reopen();
    for (int i = 0; i < 2; ++i) {
      Put(i);
      store_->Freeze();
      const auto files = store_->WriteFrozen().value();
      listed_.insert(listed_.end(), files.begin(), files.end());
      store_->Publish(files);
    }
  }
  void Reopen() {
    store_.reset();
    auto store = ContentStore::Open(*fs_, directory_.path(), options_, listed_);
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(store).value();
  }
  void Put(int i) {
    for (const Day day : kDays) {
      std::vector<ContentPiece> pieces;
      const auto address = CutIntoPieces(texts_[i] = TextOf(i), kSeed, day * kDay, &pieces);
      store_->Put("p", pieces);
      addresses_[i] = address;
    }
  }
  void ExpectReadable(int i) {
    for (const Day day : kDays) {
      const auto text = store_->Read("p", day, addresses_[i]);
      ASSERT_TRUE(text.ok()) << text.status().message();
      ASSERT_EQ(*text, texts_[i]);
    }
  }
  void ExpectOnlyListedFiles() {
    std::set<std::string> expected, found;
    for (const ContentFile& file : listed_) expected.insert(file.path);
    for (const Day day : kDays) {
      const std::string folder = "p/" + std::to_string(day);
      const auto names = fs_->List(directory_.path() + "/" + folder).value();
      for (const std::string& name : names) {
        found.insert(folder + "/" + name);
      }
    }
    EXPECT_EQ(found, expected);
  }
  void ExpectSound() {
    std::vector<std::string> problems;
    ASSERT_TRUE(store_->Verify([&](std::string line) { problems.push_back(line); }).ok());
    EXPECT_THAT(problems, IsEmpty());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<FaultyFileSystem> fs_;
  ContentStore::Options options_;
  std::vector<ContentFile> listed_;
  std::map<int, std::string> texts_;
  std::map<int, ContentAddress> addresses_;
  std::unique_ptr<ContentStore> store_;
};

TEST_F(ContentCrashTest, ListedFilesSurviveAPowerCutAtAnyStepOfSealing) {
  for (const Survival survival : {Survival::kNothing, Survival::kRandom, Survival::kEverything}) {
    uint64_t n = 1;
    for (;; ++n) {
      SCOPED_TRACE(n);
      Prepare(n);
      Put(2);
      store_->Freeze();
      fs_->CutPowerAt(n);
      const auto files = store_->WriteFrozen();
      if (files.ok()) listed_.insert(listed_.end(), files->begin(), files->end());
      const bool fired = fs_->fired();
      EXPECT_NE(fired, files.ok());
      store_.reset();
      fs_->Crash(survival);
      Reopen();
      if (HasFatalFailure()) return;
      ExpectReadable(0);
      ExpectReadable(1);
      if (files.ok()) ExpectReadable(2);
      ExpectOnlyListedFiles();
      ExpectSound();
      if (HasFailure()) return;
      if (!fired) break;
    }
    EXPECT_GT(n, 8u);
  }
}

TEST_F(ContentCrashTest, AFailureAtAnyStepOfSealingKeepsTheContentInMemory) {
  for (const Operation operation : {Operation::kOpen, Operation::kWrite, Operation::kSync,
                                    Operation::kRename, Operation::kSyncDirectory}) {
    for (const bool thaw : {false, true}) {
      uint64_t n = 1;
      for (;; ++n) {
        SCOPED_TRACE(n);
        Prepare(n);
        Put(2);
        store_->Freeze();
        Put(3);
        fs_->FailNth(operation, n, ENOSPC);
        auto files = store_->WriteFrozen();
        const bool fired = fs_->fired();
        ASSERT_NE(files.ok(), fired);
        if (fired) {
          EXPECT_EQ(files.status().code(), StatusCode::kResourceExhausted);
        }
        fs_->ClearFaults();
        for (int i = 0; i < 4; ++i) ExpectReadable(i);
        if (thaw) {
          store_->Thaw();
          store_->Freeze();
        }
        files = store_->WriteFrozen();
        ASSERT_TRUE(files.ok());
        listed_.insert(listed_.end(), files->begin(), files->end());
        store_->Publish(*files);
        for (int i = 0; i < 4; ++i) ExpectReadable(i);
        store_.reset();
        fs_->Crash(Survival::kNothing);
        Reopen();
        for (int i = 0; i < 3; ++i) ExpectReadable(i);
        if (thaw) ExpectReadable(3);
        ExpectOnlyListedFiles();
        ExpectSound();
        if (HasFailure()) return;
        if (!fired) break;
      }
      EXPECT_GT(n, 1u);
    }
  }
}

TEST_F(ContentCrashTest, ListedFilesSurviveAPowerCutAtAnyStepOfRewriting) {
  uint64_t n = 1;
  for (;; ++n) {
    SCOPED_TRACE(n);
    Prepare(n);
    auto manifest = listed_;
    fs_->CutPowerAt(n);
    auto files = store_->Rewrite("p", kDays[0], std::vector{addresses_[0], addresses_[1]});
    if (files.ok()) {
      std::erase_if(manifest, [](const ContentFile& file) { return file.day == kDays[0]; });
      manifest.insert(manifest.end(), files->begin(), files->end());
      (void)store_->Replace("p", kDays[0], *files);
    }
    const bool fired = fs_->fired();
    store_.reset();
    fs_->Crash(Survival::kRandom);
    listed_ = manifest;
    Reopen();
    if (HasFatalFailure()) return;
    ExpectReadable(0);
    ExpectReadable(1);
    ExpectOnlyListedFiles();
    ExpectSound();
    if (HasFailure()) return;
    if (!fired) break;
  }
  EXPECT_GT(n, 6u);
}

TEST_F(ContentCrashTest, AFullDiskIsReportedAndSealingGoesOnLater) {
  Prepare(1);
  Put(5);
  store_->Freeze();
  fs_->SetCapacity(fs_->UsedBytes() + 500);
  EXPECT_EQ(store_->WriteFrozen().status().code(), StatusCode::kResourceExhausted);
  ExpectReadable(5);
  fs_->SetCapacity(UINT64_MAX);
  const auto files = store_->WriteFrozen();
  ASSERT_TRUE(files.ok());
  store_->Publish(*files);
  ExpectReadable(5);
  ExpectSound();
}

}  // namespace
}  // namespace ao::storage
