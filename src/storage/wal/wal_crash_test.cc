#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/faulty_file_system.h"
#include "base/log.h"
#include "base/temporary_directory.h"
#include "storage/wal/wal.h"

// A workload of appends, rotations, truncations and recycling is interrupted at every single file
// operation. Whatever was acknowledged by a Sync must come back exactly once, in order.

namespace ao::storage {
namespace {

using Survival = FaultyFileSystem::Survival;

std::string PayloadOf(Lsn lsn, int incarnation) {
  const size_t size = 1 + lsn * 37 % 700;
  std::string payload = std::to_string(lsn) + "/" + std::to_string(incarnation) + " ";
  payload.resize(payload.size() + size, static_cast<char>('a' + lsn % 26));
  return payload;
}

class Workload {
 public:
  Workload(FileSystem& fs, std::string directory) : fs_(fs), directory_(std::move(directory)) {
    SetLogLevel(LogLevel::kError);
  }

  // Opens the log and checks that it kept what it acknowledged.
  Status Open() {
    std::map<Lsn, std::string> found;
    Lsn expected = applied_ + 1;
    auto wal = Wal::Open(fs_, directory_, {.segment_bytes = 2048}, applied_ + 1,
                         [&](Lsn lsn, std::string_view payload) {
                           EXPECT_EQ(lsn, expected++);
                           found[lsn] = std::string(payload);
                           return OkStatus();
                         });
    if (!wal.ok()) return wal.status();
    wal_ = std::move(wal).value();
    for (Lsn lsn = applied_ + 1; lsn <= acknowledged_; ++lsn) {
      EXPECT_EQ(found[lsn], written_[lsn]) << "acknowledged frame " << lsn << " was lost";
    }
    for (const auto& [lsn, payload] : found) {
      EXPECT_TRUE(payload == written_[lsn]) << "frame " << lsn << " is not what was written last";
    }
    EXPECT_GT(wal_->next(), acknowledged_);
    acknowledged_ = wal_->next() - 1;
    ++incarnation_;
    return OkStatus();
  }

  Status Run(int groups) {
    for (int group = 0; group < groups; ++group) {
      AO_TRY(AppendGroup(1 + group % 3));
      if (group % 4 != 1) AO_TRY(Sync());
      if (group % 5 == 4) {
        applied_ = acknowledged_;
        AO_TRY(wal_->TruncateBefore(applied_ + 1));
      }
    }
    return Sync();
  }

  Status Repair() { return wal_->Repair(); }
  // What a caller does after Repair: frames below next() count, the others were refused.
  void Accept() { acknowledged_ = wal_->next() - 1; }
  void Close() { wal_.reset(); }
  Lsn acknowledged() const { return acknowledged_; }

 private:
  Status AppendGroup(int count) {
    std::vector<std::string> payloads;
    for (int i = 0; i < count; ++i) {
      payloads.push_back(PayloadOf(wal_->next() + static_cast<Lsn>(i), incarnation_));
      written_[wal_->next() + static_cast<Lsn>(i)] = payloads.back();
    }
    const std::vector<std::string_view> parts(payloads.begin(), payloads.end());
    std::vector<std::span<const std::string_view>> frames;
    for (const std::string_view& part : parts) frames.emplace_back(&part, 1);
    return wal_->Append(frames).status();
  }
  Status Sync() {
    const Lsn last = wal_->next() - 1;
    AO_TRY(wal_->Sync());
    acknowledged_ = last;
    return OkStatus();
  }

  FileSystem& fs_;
  const std::string directory_;
  std::unique_ptr<Wal> wal_;
  std::map<Lsn, std::string> written_;  // the last payload offered under each number
  Lsn acknowledged_ = 0;
  Lsn applied_ = 0;
  int incarnation_ = 0;
};

class WalCrashTest : public ::testing::TestWithParam<Survival> {
 protected:
  TemporaryDirectory directory_;
};

TEST_P(WalCrashTest, KeepsEveryAcknowledgedFrameWhereverThePowerIsCut) {
  uint64_t n = 1;
  for (;; ++n) {
    directory_.Clear();
    FaultyFileSystem fs(PosixFileSystem(), n);
    Workload workload(fs, directory_.path());
    fs.CutPowerAt(n);
    if (workload.Open().ok()) (void)workload.Run(40);
    if (!fs.fired()) break;
    // Cut again during and after recovery, then go on.
    for (uint64_t again = 1; again <= 12; ++again) {
      workload.Close();
      fs.Crash(GetParam());
      fs.CutPowerAt(again);
      if (workload.Open().ok()) (void)workload.Run(3);
    }
    workload.Close();
    fs.Crash(GetParam());
    const Status opened = workload.Open();
    ASSERT_TRUE(opened.ok()) << "step " << n << ": " << opened.message();
    ASSERT_TRUE(workload.Run(12).ok());
    ASSERT_TRUE(workload.Open().ok());
    ASSERT_FALSE(HasFailure()) << "step " << n;
  }
  EXPECT_GT(n, 100u);
}

INSTANTIATE_TEST_SUITE_P(Survivals, WalCrashTest,
                         ::testing::Values(Survival::kNothing, Survival::kRandom,
                                           Survival::kEverything));

TEST(WalFaultTest, RepairsAfterAFaultAtAnyWriteAllocationOrRename) {
  using Operation = FaultyFileSystem::Operation;
  for (const Operation operation :
       {Operation::kOpen, Operation::kWrite, Operation::kAllocate, Operation::kRename,
        Operation::kRemove, Operation::kSyncDirectory}) {
    uint64_t n = 1;
    for (;; ++n) {
      TemporaryDirectory directory;
      FaultyFileSystem fs(PosixFileSystem(), n);
      Workload workload(fs, directory.path());
      ASSERT_TRUE(workload.Open().ok());
      fs.FailNth(operation, n, ENOSPC);
      const Status status = workload.Run(40);
      if (!fs.fired()) break;
      if (!status.ok()) {
        EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status.message();
      }
      ASSERT_TRUE(workload.Repair().ok());
      workload.Accept();
      ASSERT_TRUE(workload.Run(20).ok());
      workload.Close();
      fs.Crash(Survival::kRandom);
      ASSERT_TRUE(workload.Open().ok());
      ASSERT_FALSE(::testing::Test::HasFailure()) << static_cast<int>(operation) << " " << n;
    }
    EXPECT_GT(n, 1u) << static_cast<int>(operation);
  }
}

TEST(WalFaultTest, AFailedSyncNeverLosesWhatWasAcknowledgedBefore) {
  for (uint64_t n = 1;; ++n) {
    TemporaryDirectory directory;
    FaultyFileSystem fs(PosixFileSystem(), n);
    Workload workload(fs, directory.path());
    ASSERT_TRUE(workload.Open().ok());
    fs.FailNth(FaultyFileSystem::Operation::kSync, n, EIO, true);
    const Status status = workload.Run(40);
    if (!fs.fired()) break;
    EXPECT_FALSE(status.ok());
    workload.Close();
    fs.Crash(Survival::kRandom);
    ASSERT_TRUE(workload.Open().ok());
    ASSERT_TRUE(workload.Run(5).ok());
    ASSERT_FALSE(::testing::Test::HasFailure()) << n;
  }
}

}  // namespace
}  // namespace ao::storage
