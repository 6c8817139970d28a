#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/faulty_file_system.h"
#include "storage/local/store_fixture.h"

// What must hold after restarts, faults of the disk, deletions and damage.

namespace ao::storage {
namespace {

namespace stdfs = std::filesystem;

std::string Contents(const stdfs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class RecoveryTest : public StoreTest {
 protected:
  std::vector<stdfs::path> Files(const std::string& ending = {}) const {
    std::vector<stdfs::path> files;
    for (const auto& entry : stdfs::recursive_directory_iterator(options_.directory)) {
      if (entry.is_regular_file() && entry.path().string().ends_with(ending)) {
        files.push_back(entry.path());
      }
    }
    std::sort(files.begin(), files.end());
    return files;
  }
  size_t FilesWith(const std::string& text) const {
    size_t count = 0;
    for (const auto& path : Files()) count += Contents(path).find(text) != std::string::npos;
    return count;
  }
  int64_t RunCount() {
    auto page = store_->ListRuns({.project = "p"});
    EXPECT_TRUE(page.ok()) << page.status().ToString();
    return page.ok() ? page->total : -1;
  }
};

TEST_F(RecoveryTest, RefusedBatchesDoNotComeBackWithARestart) {
  store_.reset();
  options_.memory_bytes = 64 << 20;
  Reopen();
  Put({{.trace = 1, .span = 1}});
  auto refused = Send(Make({{.trace = 2, .span = 1, .name = std::string(80 << 20, 'n')}})).get();
  ASSERT_FALSE(refused.ok());
  Put({{.trace = 3, .span = 1}});
  options_.memory_bytes = 1ull << 30;
  Reopen();
  EXPECT_EQ(SpansOf(1), 1u);
  EXPECT_EQ(SpansOf(2), 0u);
  EXPECT_EQ(SpansOf(3), 1u);
  EXPECT_EQ(RunCount(), 2);
  // The client's retry is a batch of its own.
  EXPECT_EQ(Put({{.trace = 2, .span = 1}}).stored, 1u);
  Seal();
  Reopen();
  EXPECT_EQ(SpansOf(2), 1u);
}

TEST_F(RecoveryTest, ShowsUnsettledRunsAfterSealAndRestart) {
  Put({{.trace = 1, .span = 1, .name = "root"}, {.trace = 2, .span = 5, .parent = 4}});
  Seal();
  for (int round = 0; round < 2; ++round) {
    Reopen();
    EXPECT_EQ(runs_->restored, 0) << "no span is read again";
    EXPECT_EQ(RunCount(), 2) << round;
    auto run = store_->GetRun("p", Trace(1), RunDetail::kLists);
    ASSERT_TRUE(run.ok()) << run.status().ToString();
    EXPECT_EQ(run->completeness, model::Completeness::kComplete);
    EXPECT_EQ(run->root_name, "root");
    EXPECT_NE(store_->GetRun("p", Trace(2), RunDetail::kLists)->completeness,
              model::Completeness::kLive);
  }
  Put({{.trace = 1, .span = 2, .parent = 1}});
  EXPECT_EQ(store_->GetRun("p", Trace(1), RunDetail::kLists)->spans, 2);
  EXPECT_EQ(RunCount(), 2);
  Reopen();  // the log has the second span
  EXPECT_EQ(store_->GetRun("p", Trace(1), RunDetail::kLists)->spans, 2);
  clock_.Advance(kHour);
  Put({{.trace = 3, .span = 1}});
  Seal();
  Reopen();
  EXPECT_EQ(store_->GetRun("p", Trace(1), RunDetail::kLists)->spans, 2);
  EXPECT_EQ(RunCount(), 3);
}

TEST_F(RecoveryTest, ReplaysManyTracesThatStraddleASeal) {
  constexpr uint64_t kTraces = 60;
  std::vector<TestSpan> first, second;
  for (uint64_t t = 1; t <= kTraces; ++t) {
    first.push_back({.trace = t, .span = 1});
    second.push_back({.trace = t, .span = 1, .name = "again"});
    second.push_back({.trace = t, .span = 2, .parent = 1});
  }
  Put(first);
  Seal();
  EXPECT_EQ(Put(second).duplicates, kTraces);
  Reopen();
  EXPECT_EQ(RunCount(), static_cast<int64_t>(kTraces));
  for (uint64_t t = 1; t <= kTraces; ++t) {
    ASSERT_EQ(SpansOf(t), 2u) << t;
    ASSERT_EQ(store_->GetRun("p", Trace(t), RunDetail::kLists)->spans, 2) << t;
  }
  EXPECT_EQ(Put(second).duplicates, 2 * kTraces);
}

TEST_F(RecoveryTest, KnowsDuplicatesOfEveryEarlierSeal) {
  for (uint64_t s = 1; s <= 5; ++s) {
    Put({{.trace = 1, .span = s}, {.trace = 2, .span = s}});
    Seal();
    if (s % 2 == 0) {
      Put({{.trace = 7, .span = s}});
      Seal();
    }
    for (uint64_t t = 1; t <= 2; ++t) {
      std::vector<TestSpan> all;
      for (uint64_t old = 1; old <= s; ++old) all.push_back({.trace = t, .span = old});
      if (t == 1 || s == 5) {
        EXPECT_EQ(Put(all).duplicates, s) << t;
      }
    }
  }
  EXPECT_EQ(SpansOf(1), 5u);
  EXPECT_EQ(SpansOf(2), 5u);
}

TEST_F(RecoveryTest, KeepsARunVisibleWhenItsOldAndNewRowAreMerged) {
  Put({{.trace = 1, .span = 1}});
  for (uint64_t t = 2; t <= 6; ++t) {
    clock_.Advance(kHour);
    if (t == 3) Put({{.trace = 1, .span = 2, .parent = 1}});
    Put({{.trace = t, .span = 1}});
    Seal();
  }
  for (int i = 0; i < 5; ++i) Maintain();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(RunCount(), 6);
    auto run = store_->GetRun("p", Trace(1), RunDetail::kLists);
    ASSERT_TRUE(run.ok()) << run.status().ToString();
    EXPECT_EQ(run->spans, 2);
    Reopen();
  }
}

TEST_F(RecoveryTest, DeletedDataLeavesTheDisk) {
  // Random digits: nothing compresses them away.
  const std::string secret = "secret-5e8f1c07b94d2a6631f0";
  const std::string kept = "kept-93ab40c1d7e25f6688aa";
  for (const bool restart : {false, true}) {
    Put({{.trace = 1, .span = 1, .name = secret, .attributes = {{"k", secret}}}});
    Seal();
    Put({{.trace = 1, .span = 2, .parent = 1, .name = secret}, {.trace = 2, .span = 1}});
    Put({{.trace = 3, .span = restart ? 2u : 1u, .name = kept}});
    EXPECT_GT(FilesWith(secret), 0u);
    auto report = store_->Delete({.project = "p", .trace_ids = {Trace(1)}});
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    if (restart) Reopen();
    Maintain();
    EXPECT_EQ(FilesWith(secret), 0u) << restart;
    EXPECT_EQ(SpansOf(1), 0u);
    EXPECT_EQ(RunCount(), 2);
    Reopen();
    EXPECT_EQ(RunCount(), 2);
    EXPECT_EQ(SpansOf(3), restart ? 2u : 1u);
  }
  store_.reset();
  EXPECT_THAT(Problems(), testing::IsEmpty());
}

TEST_F(RecoveryTest, KeepsWhatIsSentAgainAfterADeletion) {
  Put({{.trace = 1, .span = 1, .name = "old"}});
  ASSERT_TRUE(store_->Delete({.project = "p", .trace_ids = {Trace(1)}}).ok());
  Put({{.trace = 1, .span = 1, .name = "new"}});
  Reopen();  // one replayed group has both
  ASSERT_EQ(SpansOf(1), 1u);
  EXPECT_EQ(store_->GetTrace("p", Trace(1))->spans[0].name, "new");
  Maintain();
  Reopen();
  ASSERT_EQ(SpansOf(1), 1u);
  EXPECT_EQ(RunCount(), 1);
}

TEST_F(RecoveryTest, RefusesAFullDiskAndGoesOnWhenThereIsSpace) {
  store_.reset();
  FaultyFileSystem disk(PosixFileSystem());
  runs_ = std::make_unique<CountingRuns>();
  auto opened = TryOpen(disk);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  store_ = std::move(*opened);
  Put({{.trace = 1, .span = 1}});
  const uint64_t used = disk.UsedBytes();
  disk.SetCapacity(used);
  const std::string big(80u << 20, 'b');  // more than the log has reserved
  auto refused = Send(Make({{.trace = 2, .span = 1, .attributes = {{"b", big}}}})).get();
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted) << refused.status().ToString();
  EXPECT_NE(store_->Stats().write_error, "");
  disk.SetCapacity(UINT64_MAX);
  Put({{.trace = 3, .span = 1}});
  EXPECT_EQ(store_->Stats().write_error, "");
  EXPECT_EQ(SpansOf(2), 0u);
  Reopen();
  EXPECT_EQ(SpansOf(1), 1u);
  EXPECT_EQ(SpansOf(2), 0u);
  EXPECT_EQ(SpansOf(3), 1u);
}

TEST_F(RecoveryTest, RefusesForGoodAfterAFailedSync) {
  store_.reset();
  FaultyFileSystem disk(PosixFileSystem());
  runs_ = std::make_unique<CountingRuns>();
  auto opened = TryOpen(disk);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  store_ = std::move(*opened);
  Put({{.trace = 1, .span = 1}});
  disk.FailNth(FaultyFileSystem::Operation::kSync, 1, EIO);
  for (int i = 0; i < 3; ++i) {
    auto refused = Send(Make({{.trace = 2, .span = 1}})).get();
    EXPECT_EQ(refused.status().code(), StatusCode::kInternal) << i;
  }
  EXPECT_NE(store_->Stats().write_error.find("the disk failed"), std::string::npos);
  EXPECT_EQ(SpansOf(1), 1u);
  Reopen();
  EXPECT_EQ(SpansOf(1), 1u);
  Put({{.trace = 3, .span = 1}});
}

TEST_F(RecoveryTest, LosesNothingAcknowledgedWhenThePowerFails) {
  store_.reset();
  for (uint64_t n = 1; n <= 40; n += 3) {
    FaultyFileSystem disk(PosixFileSystem(), n);
    options_.directory = directory_.path() + "/power" + std::to_string(n);
    std::vector<uint64_t> acknowledged;
    disk.CutPowerAt(n);
    runs_ = std::make_unique<CountingRuns>();
    if (auto opened = TryOpen(disk); opened.ok()) {
      store_ = std::move(*opened);
      for (uint64_t t = 1; t <= 12; ++t) {
        if (Send(Make({{.trace = t, .span = 1}})).get().ok()) acknowledged.push_back(t);
      }
    }
    store_.reset();
    disk.Crash(FaultyFileSystem::Survival::kRandom);
    Reopen();
    for (const uint64_t t : acknowledged) ASSERT_EQ(SpansOf(t), 1u) << n << " " << t;
    EXPECT_LE(store_->Stats().spans, 12u);
    store_.reset();
  }
}

TEST_F(RecoveryTest, RefusesADirectoryThatLostItsManifest) {
  Put({{.trace = 1, .span = 1}});
  Seal();
  store_.reset();
  const auto segments = Files(".parquet");
  stdfs::rename(options_.directory + "/MANIFEST", options_.directory + "/kept");
  runs_ = std::make_unique<CountingRuns>();
  EXPECT_EQ(TryOpen().status().code(), StatusCode::kCorruption);
  EXPECT_EQ(Files(".parquet"), segments);
  stdfs::rename(options_.directory + "/kept", options_.directory + "/MANIFEST");
  Reopen();
  EXPECT_EQ(SpansOf(1), 1u);
}

TEST_F(RecoveryTest, VerifyFindsDamageOfEveryKindOfFileAndChangesNothing) {
  const std::string text(3000, 't');
  Put({{.trace = 1, .span = 1, .attributes = {{"long", text + "1"}}}});
  clock_.Advance(kHour);
  Put({{.trace = 2, .span = 1}});
  Seal();
  ASSERT_TRUE(store_->PutScore({.project = "p", .trace_id = Trace(1), .name = "n"}).ok());
  for (uint64_t t = 3; t <= 6; ++t) Put({{.trace = t, .span = 1}});
  EXPECT_EQ(VerifyDirectory(PosixFileSystem(), options_.directory, [](std::string) {}).code(),
            StatusCode::kFailedPrecondition);
  store_.reset();
  std::ofstream(options_.directory + "/segments/9999999999-spans.parquet") << "unlisted";
  const auto state = [&] {
    std::map<std::string, std::string> files;
    for (const auto& path : Files()) files[path.string()] = Contents(path);
    return files;
  };
  const auto before = state();
  EXPECT_THAT(Problems(), testing::IsEmpty());
  EXPECT_EQ(state(), before);
  for (const auto& [path, bytes] : before) {
    if (path.ends_with("/LOCK") || path.find("9999999999") != path.npos) continue;
    if (path.ends_with("-wal") || path.ends_with("-shm")) continue;
    const bool is_log = path.find("/wal/") != path.npos;
    std::string damaged = bytes;
    const size_t at = is_log ? 64 + 60 : bytes.size() / 2;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    // SQLite notices damage of its structure, not of every byte.
    if (path.ends_with(".db")) std::fill(damaged.begin() + 100, damaged.end(), '\x77');
    std::ofstream(path, std::ios::binary) << damaged;
    const auto damage = state();
    EXPECT_THAT(Problems(), testing::Not(testing::IsEmpty())) << path;
    EXPECT_EQ(state(), damage) << path;
    if (!is_log && !path.ends_with(".db") && !path.ends_with("store.json")) {
      stdfs::remove(path);
      EXPECT_THAT(Problems(), testing::Not(testing::IsEmpty())) << path;
    }
    std::ofstream(path, std::ios::binary) << bytes;
  }
  EXPECT_THAT(Problems(), testing::IsEmpty());
}

TEST_F(RecoveryTest, OneBatchThatCannotBeAppliedDoesNotTakeOthersWithIt) {
  options_.run_settle = kSecond;
  Reopen();
  Put({{.trace = 1, .span = 1}});
  Seal();
  Reopen();
  // The sealed spans of trace 1 can no longer be read.
  for (const auto& path : Files("-spans.parquet")) std::ofstream(path) << "gone";
  std::vector<std::future<Result<Ack>>> acks;
  for (uint64_t t = 1; t <= 20; ++t) acks.push_back(Send(Make({{.trace = t, .span = 2}})));
  for (uint64_t t = 1; t <= 20; ++t) EXPECT_EQ(acks[t - 1].get().ok(), t != 1) << t;
}

}  // namespace
}  // namespace ao::storage
