#include "base/faulty_file_system.h"

#include <cerrno>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_directory.h"

namespace ao {
namespace {

using Mode = FileSystem::Mode;
using Operation = FaultyFileSystem::Operation;
using Survival = FaultyFileSystem::Survival;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FaultyFileSystemTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  void WriteSynced(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(fs_, Path(name), content).ok());
  }
  std::string Read(const std::string& name) {
    return ReadFile(fs_, Path(name)).value_or("(no " + name + ")");
  }

  TemporaryDirectory directory_;
  FaultyFileSystem fs_{PosixFileSystem(), 7};
};

TEST_F(FaultyFileSystemTest, FailsTheNthOperationOfAKindOnce) {
  fs_.FailNth(Operation::kWrite, 2, ENOSPC);
  auto file = std::move(fs_.Open(Path("a"), Mode::kCreate)).value();
  EXPECT_TRUE(file->WriteAt(0, "one").ok());
  EXPECT_FALSE(fs_.fired());
  EXPECT_EQ(file->WriteAt(3, "two").code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(fs_.fired());
  EXPECT_TRUE(file->WriteAt(3, "three").ok());
  EXPECT_EQ(Read("a"), "onethree");
}

TEST_F(FaultyFileSystemTest, ALastingFaultStaysUntilCleared) {
  fs_.FailNth(Operation::kSync, 1, EIO, true);
  auto file = std::move(fs_.Open(Path("a"), Mode::kCreate)).value();
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_FALSE(file->Sync().ok());
  fs_.ClearFaults();
  EXPECT_TRUE(file->Sync().ok());
}

TEST_F(FaultyFileSystemTest, ATornWriteKeepsAPrefix) {
  fs_.TearNthWrite(1, 4);
  auto file = std::move(fs_.Open(Path("a"), Mode::kCreate)).value();
  EXPECT_FALSE(file->WriteAt(0, "abcdefgh").ok());
  EXPECT_EQ(Read("a"), "abcd");
}

TEST_F(FaultyFileSystemTest, FullDiskTakesWhatFitsUntilRaised) {
  fs_.SetCapacity(10);
  auto file = std::move(fs_.Open(Path("a"), Mode::kCreate)).value();
  EXPECT_EQ(file->WriteAt(0, "0123456789ab").code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("a"), "0123456789");
  EXPECT_EQ(file->Allocate(20).code(), StatusCode::kResourceExhausted);
  fs_.SetCapacity(20);
  EXPECT_TRUE(file->Allocate(20).ok());
  EXPECT_EQ(fs_.UsedBytes(), 20u);
  EXPECT_TRUE(fs_.Remove(Path("a")).ok());
  EXPECT_EQ(fs_.UsedBytes(), 0u);
}

TEST_F(FaultyFileSystemTest, CrashLosesWhatWasNotSynced) {
  WriteSynced("a", std::string(1000, 'a'));
  auto file = std::move(fs_.Open(Path("a"), Mode::kReadWrite)).value();
  ASSERT_TRUE(file->WriteAt(0, "kept").ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->WriteAt(600, "lost").ok());
  ASSERT_TRUE(file->WriteAt(1000, "longer").ok());
  fs_.Crash(Survival::kNothing);
  EXPECT_EQ(Read("a"), "kept" + std::string(996, 'a'));
  EXPECT_FALSE(file->WriteAt(0, "x").ok()) << "opened before the crash";
}

TEST_F(FaultyFileSystemTest, CrashUndoesAnUnsyncedTruncation) {
  WriteSynced("a", "content");
  {
    auto file = std::move(fs_.Open(Path("a"), Mode::kCreate)).value();
    ASSERT_TRUE(file->WriteAt(0, "new").ok());
  }
  EXPECT_EQ(Read("a"), "new");
  fs_.Crash(Survival::kNothing);
  EXPECT_EQ(Read("a"), "content");
}

TEST_F(FaultyFileSystemTest, CrashUndoesNamesThatWereNotSynced) {
  WriteSynced("old", "old");
  WriteSynced("target", "target");
  WriteSynced("removed", "removed");
  ASSERT_TRUE(fs_.Rename(Path("old"), Path("target")).ok());
  ASSERT_TRUE(fs_.Remove(Path("removed")).ok());
  ASSERT_TRUE(fs_.Open(Path("created"), Mode::kCreate).ok());
  EXPECT_THAT(fs_.List(directory_.path()).value(), ElementsAre("created", "target"));
  fs_.Crash(Survival::kNothing);
  EXPECT_THAT(fs_.List(directory_.path()).value(), ElementsAre("old", "removed", "target"));
  EXPECT_EQ(Read("old"), "old");
  EXPECT_EQ(Read("target"), "target");
  EXPECT_EQ(Read("removed"), "removed");
}

TEST_F(FaultyFileSystemTest, CrashKeepsNamesAfterADirectorySync) {
  WriteSynced("old", "old");
  ASSERT_TRUE(fs_.Rename(Path("old"), Path("new")).ok());
  ASSERT_TRUE(fs_.SyncDirectory(directory_.path()).ok());
  fs_.Crash(Survival::kNothing);
  EXPECT_THAT(fs_.List(directory_.path()).value(), ElementsAre("new"));
}

TEST_F(FaultyFileSystemTest, RandomSurvivalKeepsSomeSectorsAndLosesOthers) {
  WriteSynced("a", std::string(100 * 512, 'a'));
  auto file = std::move(fs_.Open(Path("a"), Mode::kReadWrite)).value();
  ASSERT_TRUE(file->WriteAt(0, std::string(100 * 512, 'b')).ok());
  fs_.Crash(Survival::kRandom);
  const std::string content = Read("a");
  int kept = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string sector = content.substr(i * 512, 512);
    ASSERT_TRUE(sector == std::string(512, 'a') || sector == std::string(512, 'b'));
    if (sector[0] == 'b') ++kept;
  }
  EXPECT_GT(kept, 10);
  EXPECT_LT(kept, 90);
}

TEST_F(FaultyFileSystemTest, PowerCutStopsEverythingUntilCrash) {
  fs_.CutPowerAt(3);
  auto file = std::move(fs_.Open(Path("a"), Mode::kCreate)).value();  // 1
  ASSERT_TRUE(file->WriteAt(0, "x").ok());                            // 2
  EXPECT_THAT(file->Sync().message(), HasSubstr("power cut"));        // 3
  EXPECT_FALSE(fs_.Open(Path("b"), Mode::kCreate).ok());
  EXPECT_FALSE(fs_.Rename(Path("a"), Path("b")).ok());
  fs_.Crash(Survival::kNothing);
  EXPECT_THAT(fs_.List(directory_.path()).value(), IsEmpty());
  EXPECT_TRUE(fs_.Open(Path("b"), Mode::kCreate).ok());
}

}  // namespace
}  // namespace ao
