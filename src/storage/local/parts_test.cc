#include <gtest/gtest.h>

#include <random>

#include "base/temporary_directory.h"
#include "storage/local/manifest.h"
#include "storage/local/trace_index.h"
#include "storage/local/view.h"

namespace ao::storage::local {
namespace {

TEST(TraceIndex, FindsExactlyWhatItHolds) {
  TemporaryDirectory directory;
  std::mt19937_64 random(7);
  for (const size_t count : {0, 1, 2, 63, 64, 65, 1000, 50'000}) {
    std::vector<uint64_t> hashes;
    for (size_t i = 0; i < count; ++i) hashes.push_back(random());
    const std::string path = directory.path() + "/x.traces";
    ASSERT_TRUE(TraceIndex::Write(PosixFileSystem(), path, hashes).ok());
    auto index = TraceIndex::Open(path);
    ASSERT_TRUE(index.ok()) << index.status().ToString();
    EXPECT_TRUE((*index)->Intact());
    for (const uint64_t h : hashes) ASSERT_TRUE((*index)->Contains(h)) << h;
    for (int i = 0; i < 1000; ++i) ASSERT_FALSE((*index)->Contains(random()));
    EXPECT_FALSE((*index)->Contains(0));
    EXPECT_FALSE((*index)->Contains(~0ull));
  }
}

TEST(TraceIndex, FindsSkewedHashes) {
  TemporaryDirectory directory;
  std::vector<uint64_t> hashes;
  for (uint64_t i = 0; i < 10'000; ++i) hashes.push_back(i * i);
  hashes.push_back(~0ull);
  const std::string path = directory.path() + "/x.traces";
  ASSERT_TRUE(TraceIndex::Write(PosixFileSystem(), path, hashes).ok());
  auto index = std::move(*TraceIndex::Open(path));
  for (const uint64_t h : hashes) ASSERT_TRUE(index->Contains(h)) << h;
  EXPECT_FALSE(index->Contains(3));
}

TEST(TraceIndex, RefusesDamagedFiles) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/x.traces";
  ASSERT_TRUE(TraceIndex::Write(PosixFileSystem(), path, {1, 2, 3}).ok());
  auto file = std::move(*PosixFileSystem().Open(path, FileSystem::Mode::kReadWrite));
  ASSERT_TRUE(file->Truncate(30).ok());
  EXPECT_EQ(TraceIndex::Open(path).status().code(), StatusCode::kCorruption);
  ASSERT_TRUE(file->Truncate(3).ok());
  EXPECT_EQ(TraceIndex::Open(path).status().code(), StatusCode::kCorruption);
}

Manifest SampleManifest() {
  Manifest m;
  m.sealed_before = 17;
  m.next_file = 5;
  m.files.push_back(
      {Table::kSpans, 3, "segments/3.parquet", "segments/3.traces", 10, 2000, ~0ull, 5, 9});
  m.files.push_back({Table::kRuns, 4, "segments/4.parquet", "", 1, 2, 3, -4, 5});
  m.content.push_back({"p", 20'000, "p/20000/1.content", 7, 8, ~0ull - 1});
  const TraceId id = *TraceId::FromHex("0123456789abcdef0123456789abcdef");
  m.tombstones.push_back({"p", 11, {id}, {20'000, 20'001}});
  m.stale_runs[4] = {{"p", id}};
  m.open_runs = SegmentFile{Table::kRuns, 6, "segments/6.parquet", "segments/6.traces", 1, 2, 3};
  m.changed_runs = {{"q", id}};
  return m;
}

TEST(Manifest, ReadsBackWhatItWrote) {
  const Manifest m = SampleManifest();
  auto read = DecodeManifest(EncodeManifest(m));
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(EncodeManifest(*read), EncodeManifest(m));
  EXPECT_EQ(read->tombstones[0].days, m.tombstones[0].days);
  EXPECT_EQ(read->stale_runs, m.stale_runs);
}

TEST(Manifest, RefusesEveryChangedByte) {
  const std::string text = EncodeManifest(SampleManifest());
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(DecodeManifest(changed).ok()) << i;
    EXPECT_FALSE(DecodeManifest(text.substr(0, i)).ok()) << i;
  }
}

TEST(Cursor, RefusesForeignAndDamagedOnes) {
  const std::string cursor = EncodeCursor("logs", {"1", "2", "3"});
  EXPECT_EQ(DecodeCursor("logs", cursor, 3).value().at(2), "3");
  EXPECT_EQ(DecodeCursor("runs", cursor, 3).status().code(), StatusCode::kInvalidArgument);
  for (size_t i = 0; i < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == cursor) continue;
    EXPECT_FALSE(DecodeCursor("logs", changed, 3).ok()) << i;
  }
  for (const char* bad : {"", "x", "not base64 !", "AAAA"}) {
    EXPECT_FALSE(DecodeCursor("logs", bad, 3).ok()) << bad;
  }
}

TEST(Project, RefusesNamesThatAreNoFileNames) {
  for (const char* bad : {"", ".", "..", "a/b", "a b", "a'b", "\xff"}) {
    EXPECT_FALSE(CheckProject(bad).ok()) << bad;
  }
  EXPECT_FALSE(CheckProject(std::string(129, 'a')).ok());
  EXPECT_TRUE(CheckProject("default").ok());
  EXPECT_TRUE(CheckProject("A-1_b.c").ok());
}

}  // namespace
}  // namespace ao::storage::local
