#include "semconv/canonicalize.h"
#include "storage/local/manifest.h"
#include "storage/local/store_fixture.h"
#include "storage/local/view.h"

namespace ao::storage {
namespace {

using local::Table;

class ReindexTest : public StoreTest {
 protected:
  // Makes the sealed span files what the first version wrote: no dialect, mapping version or mark
  // of estimates, and an operation that the mapping of that time knew nothing of.
  void MakeOld() {
    store_.reset();
    runs_.reset();
    FileSystem& fs = PosixFileSystem();
    auto manifest = local::LoadManifest(fs, options_.directory);
    ASSERT_TRUE(manifest.ok()) << manifest.status().ToString();
    auto database = duck::Database::OpenInMemory({});
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    auto connection = (*database)->Connect();
    ASSERT_TRUE(connection.ok());
    for (local::SegmentFile& file : manifest->files) {
      if (file.table != Table::kSpans) continue;
      const std::string path = options_.directory + "/" + file.path;
      const Status status = (*connection)
                                ->Execute(
                                    "COPY (SELECT * EXCLUDE (cost_source, price, dialect, "
                                    "mapping_version, tokens_estimated) REPLACE "
                                    "(0::UTINYINT AS op, NULL::BIGINT AS input_tokens) FROM " +
                                    local::ReadParquetSql({path}) + ") TO " +
                                    duck::Quote(path + ".old") + " (FORMAT parquet)");
      ASSERT_TRUE(status.ok()) << status.ToString();
      ASSERT_TRUE(fs.Rename(path + ".old", path).ok());
      const auto sum = local::SumFile(fs, path);
      ASSERT_TRUE(sum.ok());
      file.checksum = sum->checksum;
      file.schema = 1;
    }
    ASSERT_TRUE(local::SaveManifest(fs, options_.directory, *manifest).ok());
    Reopen();
  }
  std::string Ask(const std::string& sql) {
    auto result = store_->Sql({.project = "p", .text = sql});
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    std::string text;
    for (const std::string& row : result.value_or(SqlResult{}).rows) text += row;
    return text;
  }
  const std::vector<TestSpan> kChat = {
      {.name = "chat",
       .attributes = {{"gen_ai.operation.name", "chat"},
                      {"gen_ai.request.model", "gpt-4o"},
                      {"gen_ai.usage.input_tokens", "12"},
                      {"gen_ai.input.messages", std::string(2000, 'x')}}}};
};

constexpr const char* kColumns =
    "SELECT op, dialect, mapping_version, input_tokens, tokens_estimated FROM spans";

TEST_F(ReindexTest, ReadsFilesOfAnOlderSchema) {
  Put(kChat);
  Seal();
  MakeOld();
  EXPECT_EQ(Ask(kColumns), R"(["other","",0,null,false])");
  EXPECT_EQ(SpansOf(1), 1u);
}

TEST_F(ReindexTest, MergesFilesOfAnOlderSchemaWithNewOnes) {
  for (uint64_t i = 1; i <= 4; ++i) {
    Put({{.trace = i}});
    Seal();
  }
  MakeOld();
  Put({{.trace = 9}});
  Seal();
  Maintain();
  EXPECT_EQ(Ask("SELECT count(*), count(DISTINCT mapping_version) FROM spans"), "[5,2]");
}

TEST_F(ReindexTest, MapsOldRowsAgain) {
  Put(kChat);
  Seal();
  MakeOld();
  const auto report = store_->Reindex({});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->files, 1u);
  EXPECT_EQ(report->spans, 1u);
  const std::string version = std::to_string(semconv::kMappingVersion);
  EXPECT_EQ(Ask(kColumns), "[\"llm\",\"otel\"," + version + ",12,false]");
  store_.reset();  // verification needs the directory to itself
  EXPECT_THAT(Problems(), testing::IsEmpty());
}

TEST_F(ReindexTest, KeepsTheSpansAsTheyWereSent) {
  Put(kChat);
  Seal();
  MakeOld();
  ASSERT_TRUE(store_->Reindex({}).ok());
  const auto batch = store_->ReadSpans("p", Trace(1), {});
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  const model::Span& span = batch->spans.front().records.front();
  EXPECT_EQ(model::FindString(span.attributes, "gen_ai.input.messages"), std::string(2000, 'x'));
}

TEST_F(ReindexTest, HasNothingToDoTheSecondTime) {
  Put(kChat);
  Seal();
  MakeOld();
  ASSERT_TRUE(store_->Reindex({}).ok());
  const auto again = store_->Reindex({});
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->files, 0u);
}

TEST_F(ReindexTest, KeepsRowsDeletedMeanwhileDeleted) {
  Put(kChat);
  Put({{.trace = 2}});
  Seal();
  MakeOld();
  ASSERT_TRUE(store_->Delete({.project = "p", .trace_ids = {Trace(1)}}).ok());
  ASSERT_TRUE(store_->Reindex({}).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM spans"), "[1]");
}

}  // namespace
}  // namespace ao::storage
