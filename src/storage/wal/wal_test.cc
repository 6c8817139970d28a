#include "storage/wal/wal.h"

#include <cerrno>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/faulty_file_system.h"
#include "base/log.h"
#include "base/temporary_directory.h"
#include "storage/wal/wal_segment.h"

namespace ao::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kSegment = 4096;

Result<Lsn> AppendAll(Wal& wal, const std::vector<std::string>& payloads) {
  std::vector<std::string_view> parts(payloads.begin(), payloads.end());
  std::vector<std::span<const std::string_view>> frames;
  for (const std::string_view& part : parts) frames.emplace_back(&part, 1);
  return wal.Append(frames);
}

class WalTest : public ::testing::Test {
 protected:
  WalTest() { SetLogLevel(LogLevel::kError); }

  std::unique_ptr<Wal> Open(Lsn from = 1, FileSystem* fs = nullptr) {
    auto wal = TryOpen(from, fs);
    EXPECT_TRUE(wal.ok()) << wal.status().message();
    return wal.ok() ? std::move(wal).value() : nullptr;
  }
  Result<std::unique_ptr<Wal>> TryOpen(Lsn from = 1, FileSystem* fs = nullptr) {
    frames_.clear();
    return Wal::Open(fs != nullptr ? *fs : fs_, directory_.path(), {.segment_bytes = kSegment},
                     from, [this](Lsn lsn, std::string_view payload) {
                       frames_.emplace_back(lsn, payload);
                       return OkStatus();
                     });
  }
  std::vector<std::string> Segments() {
    auto names = fs_.List(directory_.path()).value();
    std::erase_if(names, [](const std::string& name) { return !SegmentIdOf(name); });
    return names;
  }
  std::string PathOf(const std::string& name) { return directory_.path() + "/" + name; }
  void Corrupt(const std::string& path, uint64_t offset) {
    auto file = std::move(fs_.Open(path, FileSystem::Mode::kReadWrite)).value();
    char byte = 0;
    ASSERT_TRUE(file->ReadAt(offset, 1, &byte).ok());
    byte = static_cast<char>(byte ^ 0x10);
    ASSERT_TRUE(file->WriteAt(offset, {&byte, 1}).ok());
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    EXPECT_TRUE(VerifyWal(fs_, directory_.path(), [&](std::string line) {
                  problems.push_back(std::move(line));
                }).ok());
    return problems;
  }

  TemporaryDirectory directory_;
  FileSystem& fs_ = PosixFileSystem();
  std::vector<std::pair<Lsn, std::string>> frames_;
};

TEST_F(WalTest, ANewLogIsEmptyAndStartsAtOne) {
  auto wal = Open();
  EXPECT_EQ(wal->next(), 1u);
  EXPECT_EQ(wal->Bytes(), 0u);
  EXPECT_TRUE(wal->Sync().ok());
  EXPECT_TRUE(wal->TruncateBefore(5).ok());
  EXPECT_EQ(wal->Append({}).value(), 1u);
}

TEST_F(WalTest, HandsBackWhatWasAppendedPartsJoined) {
  {
    auto wal = Open();
    const std::vector<std::string_view> two_parts = {"head", "", "body"};
    const std::vector<std::string_view> no_parts;
    const std::vector<std::span<const std::string_view>> frames = {two_parts, no_parts};
    EXPECT_EQ(wal->Append(frames).value(), 1u);
    EXPECT_EQ(AppendAll(*wal, {std::string("\0binary\xff", 8)}).value(), 3u);
    EXPECT_TRUE(wal->Sync().ok());
    EXPECT_EQ(wal->next(), 4u);
    EXPECT_GT(wal->Bytes(), 16u);
  }
  auto wal = Open();
  EXPECT_THAT(frames_, ElementsAre(std::pair(Lsn{1}, "headbody"), std::pair(Lsn{2}, ""),
                                   std::pair(Lsn{3}, std::string("\0binary\xff", 8))));
  EXPECT_EQ(wal->next(), 4u);
  EXPECT_EQ(wal->torn_bytes(), 0u);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(WalTest, GoesOnAfterManyRestartsAndHonoursFrom) {
  for (int i = 1; i <= 5; ++i) {
    auto wal = Open();
    ASSERT_EQ(AppendAll(*wal, {"frame " + std::to_string(i)}).value(), static_cast<Lsn>(i));
    ASSERT_TRUE(wal->Sync().ok());
  }
  Open(4);
  EXPECT_THAT(frames_, ElementsAre(std::pair(Lsn{4}, "frame 4"), std::pair(Lsn{5}, "frame 5")));
}

TEST_F(WalTest, NeverReusesNumbersBelowFrom) {
  { EXPECT_EQ(AppendAll(*Open(100), {"a"}).value(), 100u); }
  { EXPECT_EQ(AppendAll(*Open(200), {"b"}).value(), 200u); }
  Open(200);
  EXPECT_THAT(frames_, ElementsAre(std::pair(Lsn{200}, "b")));
}

TEST_F(WalTest, RotatesAndTruncatesWholeSegments) {
  auto wal = Open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(AppendAll(*wal, {std::string(1000, 'x')}).ok());
  ASSERT_TRUE(wal->Sync().ok());
  EXPECT_THAT(Segments(), SizeIs(7));
  const uint64_t bytes = wal->Bytes();
  ASSERT_TRUE(wal->TruncateBefore(10).ok());
  EXPECT_THAT(Segments(), SizeIs(4));
  EXPECT_LT(wal->Bytes(), bytes);
  ASSERT_TRUE(wal->TruncateBefore(21).ok());
  EXPECT_THAT(Segments(), SizeIs(1)) << "the newest stays";
  wal.reset();
  wal = Open(21);
  EXPECT_THAT(frames_, IsEmpty());
  EXPECT_EQ(wal->next(), 21u);
}

TEST_F(WalTest, RecycledSegmentsDoNotBringOldFramesBack) {
  Lsn lsn = 1;
  for (int round = 0; round < 6; ++round) {
    auto wal = Open(lsn);
    EXPECT_THAT(frames_, IsEmpty());
    for (int i = 0; i < 3 * 7 + round; ++i) {
      ASSERT_EQ(AppendAll(*wal, {std::string(1000, 'x')}).value(), lsn++);
      ASSERT_TRUE(wal->Sync().ok());
      ASSERT_TRUE(wal->TruncateBefore(lsn).ok());
    }
  }
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(WalTest, AFrameLargerThanASegmentGetsItsOwn) {
  const std::string large(10 * kSegment + 3, 'L');
  {
    auto wal = Open();
    ASSERT_TRUE(AppendAll(*wal, {"small"}).ok());
    ASSERT_TRUE(AppendAll(*wal, {large, "beside"}).ok());
    ASSERT_TRUE(AppendAll(*wal, {"after"}).ok());
    ASSERT_TRUE(wal->Sync().ok());
  }
  Open();
  ASSERT_THAT(frames_, SizeIs(4));
  EXPECT_EQ(frames_[1].second, large);
  EXPECT_EQ(frames_[3].second, "after");
}

TEST_F(WalTest, ATailTornAtAnyByteLosesOnlyTheLastFrame) {
  uint64_t end = 0;
  {
    auto wal = Open();
    ASSERT_TRUE(AppendAll(*wal, {"first", "second"}).ok());
    ASSERT_TRUE(wal->Sync().ok());
    end = sizeof(SegmentHeader) + wal->Bytes();
    ASSERT_TRUE(AppendAll(*wal, {"the third frame, which is torn"}).ok());
    ASSERT_TRUE(wal->Sync().ok());
  }
  const std::string path = PathOf(Segments()[0]);
  const std::string intact = ReadFile(fs_, path).value();
  const uint64_t last = end + sizeof(FrameHeader) + 30;
  for (uint64_t cut = end; cut <= last; ++cut) {
    for (const bool zeros : {false, true}) {
      directory_.Clear();
      std::string torn = intact.substr(0, cut);
      if (zeros) torn.resize(intact.size(), '\0');
      ASSERT_TRUE(WriteFileAtomically(fs_, path, torn).ok());
      {
        auto wal = Open();
        ASSERT_THAT(frames_, SizeIs(cut == last ? 3 : 2)) << cut;
        ASSERT_EQ(AppendAll(*wal, {"new"}).value(), cut == last ? 4u : 3u);
        ASSERT_TRUE(wal->Sync().ok());
      }
      Open();
      ASSERT_EQ(frames_.back().second, "new");
      ASSERT_THAT(Problems(), IsEmpty());
    }
  }
}

TEST_F(WalTest, CountsTornBytes) {
  uint64_t end = 0;
  {
    auto wal = Open();
    ASSERT_TRUE(AppendAll(*wal, {"first"}).ok());
    ASSERT_TRUE(wal->Sync().ok());
    end = sizeof(SegmentHeader) + wal->Bytes();
    ASSERT_TRUE(AppendAll(*wal, {std::string(100, 't')}).ok());
  }
  Corrupt(PathOf(Segments()[0]), end + 90);
  EXPECT_THAT(Problems(), IsEmpty());
  EXPECT_EQ(Open()->torn_bytes(), 144u);
  EXPECT_THAT(frames_, SizeIs(1));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(WalTest, CutFramesNeverResurface) {
  // Frames 2 and 3 were written together, not synced, and 2 was lost: 3 must not come back once
  // another frame 2 of the same size was appended.
  uint64_t end = 0;
  {
    auto wal = Open();
    ASSERT_TRUE(AppendAll(*wal, {"one"}).ok());
    ASSERT_TRUE(wal->Sync().ok());
    end = sizeof(SegmentHeader) + wal->Bytes();
    ASSERT_TRUE(AppendAll(*wal, {"two!", "three"}).ok());
  }
  Corrupt(PathOf(Segments()[0]), end + sizeof(FrameHeader));
  {
    auto wal = Open();
    ASSERT_THAT(frames_, SizeIs(1));
    ASSERT_EQ(AppendAll(*wal, {"TWO!"}).value(), 2u);
    ASSERT_TRUE(wal->Sync().ok());
  }
  Open();
  EXPECT_THAT(frames_, ElementsAre(std::pair(Lsn{1}, "one"), std::pair(Lsn{2}, "TWO!")));
}

TEST_F(WalTest, DamageBeforeSyncedFramesIsCorruptionWithFileAndOffset) {
  {
    auto wal = Open();
    for (int i = 0; i < 12; ++i) {
      ASSERT_TRUE(AppendAll(*wal, {std::string(900, 'x')}).ok());
      ASSERT_TRUE(wal->Sync().ok());
    }
  }
  const auto segments = Segments();
  ASSERT_THAT(segments, SizeIs(3));
  for (size_t i = 0; i < 3; ++i) {
    const std::string path = PathOf(segments[i]);
    const std::string intact = ReadFile(fs_, path).value();
    for (const uint64_t offset : {uint64_t{3}, sizeof(SegmentHeader) + 2,
                                  sizeof(SegmentHeader) + 17, sizeof(SegmentHeader) + 500}) {
      Corrupt(path, offset);
      auto wal = TryOpen();
      ASSERT_EQ(wal.status().code(), StatusCode::kCorruption) << path << " " << offset;
      EXPECT_THAT(wal.status().message(), HasSubstr(path));
      EXPECT_THAT(wal.status().message(), HasSubstr(offset == 3 ? "offset 0" : "offset 64"));
      EXPECT_THAT(Problems(), ElementsAre(HasSubstr(path)));
      ASSERT_TRUE(WriteFileAtomically(fs_, path, intact).ok());
    }
  }
  EXPECT_TRUE(TryOpen().ok());
}

TEST_F(WalTest, AMissingSegmentIsCorruption) {
  {
    auto wal = Open();
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(AppendAll(*wal, {std::string(900, 'x')}).ok());
    ASSERT_TRUE(wal->Sync().ok());
  }
  const auto segments = Segments();
  const std::string middle = ReadFile(fs_, PathOf(segments[1])).value();
  ASSERT_TRUE(fs_.Remove(PathOf(segments[1])).ok());
  EXPECT_EQ(TryOpen().status().code(), StatusCode::kCorruption);
  EXPECT_TRUE(TryOpen(9).ok()) << "not needed any more";
  ASSERT_TRUE(WriteFileAtomically(fs_, PathOf(segments[1]), middle).ok());
  ASSERT_TRUE(fs_.Remove(PathOf(segments[0])).ok());
  EXPECT_EQ(TryOpen().status().code(), StatusCode::kCorruption);
}

TEST_F(WalTest, ASinkErrorStopsOpening) {
  { ASSERT_TRUE(AppendAll(*Open(), {"a"}).ok()); }
  auto wal = Wal::Open(fs_, directory_.path(), {}, 1,
                       [](Lsn, std::string_view) { return Internal("no"); });
  EXPECT_EQ(wal.status().message(), "no");
}

TEST_F(WalTest, FullDiskRefusesClearlyAndGoesOnAfterRepair) {
  FaultyFileSystem fs(fs_);
  auto wal = Open(1, &fs);
  ASSERT_TRUE(AppendAll(*wal, {std::string(3000, 'a')}).ok());
  ASSERT_TRUE(wal->Sync().ok());
  fs.SetCapacity(fs.UsedBytes() + 100);
  const auto refused = AppendAll(*wal, {std::string(3000, 'b')});
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(AppendAll(*wal, {"small"}).status().code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(wal->Repair().ok());
  EXPECT_EQ(wal->next(), 2u);
  EXPECT_EQ(AppendAll(*wal, {"still full"}).status().code(), StatusCode::kResourceExhausted);
  fs.SetCapacity(UINT64_MAX);
  ASSERT_TRUE(wal->Repair().ok());
  EXPECT_EQ(AppendAll(*wal, {"fits"}).value(), 2u);
  ASSERT_TRUE(wal->Sync().ok());
  wal.reset();
  Open();
  ASSERT_THAT(frames_, SizeIs(2));
  EXPECT_EQ(frames_[1].second, "fits");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(WalTest, RepairCutsATornWriteAndUnsyncedFrames) {
  FaultyFileSystem fs(fs_);
  auto wal = Open(1, &fs);
  ASSERT_TRUE(AppendAll(*wal, {"synced"}).ok());
  ASSERT_TRUE(wal->Sync().ok());
  ASSERT_TRUE(AppendAll(*wal, {"lost1", "lost2"}).ok());
  fs.TearNthWrite(1, 70);
  EXPECT_FALSE(AppendAll(*wal, {"torn1", "torn2"}).ok());
  ASSERT_TRUE(wal->Repair().ok());
  EXPECT_EQ(AppendAll(*wal, {"again"}).value(), 2u);
  ASSERT_TRUE(wal->Sync().ok());
  wal.reset();
  Open();
  EXPECT_THAT(frames_, ElementsAre(std::pair(Lsn{1}, "synced"), std::pair(Lsn{2}, "again")));
}

TEST_F(WalTest, AFailedSyncIsFinal) {
  FaultyFileSystem fs(fs_);
  auto wal = Open(1, &fs);
  ASSERT_TRUE(AppendAll(*wal, {"a"}).ok());
  fs.FailNth(FaultyFileSystem::Operation::kSync, 1, EIO);
  EXPECT_FALSE(wal->Sync().ok());
  EXPECT_FALSE(wal->Sync().ok());
  EXPECT_FALSE(wal->Repair().ok());
  EXPECT_THAT(AppendAll(*wal, {"b"}).status().message(), HasSubstr("failed before"));
}

TEST_F(WalTest, ErasesEveryFrameOnceTheSegmentIsEnded) {
  auto wal = Open();
  const std::string secret = "secret-" + std::string(50, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(AppendAll(*wal, {secret}).ok());
    ASSERT_TRUE(wal->Sync().ok());
  }
  ASSERT_TRUE(wal->TruncateBefore(90).ok());  // leaves spare files behind
  ASSERT_TRUE(wal->EraseBefore(101).ok());
  EXPECT_THAT(Segments(), SizeIs(1)) << "the newest segment is not ended";
  ASSERT_TRUE(wal->EndSegment().ok());
  ASSERT_TRUE(wal->TruncateBefore(101).ok());
  EXPECT_THAT(Segments(), SizeIs(1));
  ASSERT_TRUE(wal->EraseBefore(100).ok());
  EXPECT_THAT(Segments(), SizeIs(1)) << "frame 100 is still wanted";
  ASSERT_TRUE(wal->EraseBefore(101).ok());
  EXPECT_THAT(fs_.List(directory_.path()).value(), IsEmpty());
  EXPECT_EQ(wal->Bytes(), 0u);
  // The numbers go on, also after a restart.
  EXPECT_EQ(AppendAll(*wal, {"a"}).value(), 101u);
  ASSERT_TRUE(wal->Sync().ok());
  ASSERT_TRUE(wal->EndSegment().ok());
  ASSERT_TRUE(wal->EraseBefore(102).ok());
  wal.reset();
  wal = Open(102);
  EXPECT_THAT(frames_, IsEmpty());
  EXPECT_EQ(AppendAll(*wal, {"b"}).value(), 102u);
}

TEST_F(WalTest, KeepsNothingForReuseWhileASegmentIsToBeErased) {
  auto wal = Open();
  const std::string payload(500, 'p');
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(AppendAll(*wal, {payload}).ok());
  ASSERT_TRUE(wal->Sync().ok());
  ASSERT_TRUE(wal->EndSegment().ok());
  const Lsn end = wal->next();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(AppendAll(*wal, {payload}).ok());
  ASSERT_TRUE(wal->Sync().ok());
  ASSERT_TRUE(wal->TruncateBefore(end).ok());
  const auto names = fs_.List(directory_.path()).value();
  for (const std::string& name : names) EXPECT_FALSE(IsSpareName(name)) << name;
  ASSERT_TRUE(wal->EraseBefore(end).ok());
  wal.reset();
  wal = Open(end);
  EXPECT_THAT(frames_, SizeIs(20));
}

TEST_F(WalTest, TruncatesAndCountsWhileAnotherThreadAppends) {
  auto wal = Open();
  std::atomic<Lsn> synced{0};
  std::thread truncating([&] {
    for (Lsn seen = 0; seen < 2000;) {
      seen = synced.load();
      EXPECT_TRUE(wal->TruncateBefore(seen).ok());
      EXPECT_LE(wal->Bytes(), 2000u * 200u);
    }
  });
  for (Lsn i = 1; i <= 2000; ++i) {
    EXPECT_EQ(AppendAll(*wal, {std::string(100, 'x')}).value(), i);
    EXPECT_TRUE(i % 16 != 0 || wal->Sync().ok());
    synced = i;
  }
  truncating.join();
  wal.reset();
  Open(2000);
  EXPECT_THAT(frames_, SizeIs(1));
}

}  // namespace
}  // namespace ao::storage
