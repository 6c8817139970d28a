#include <atomic>
#include <thread>

#include "storage/local/store_fixture.h"

namespace ao::storage {
namespace {

TEST_F(StoreTest, ReadsWhatWasAcknowledged) {
  const Ack ack = Put({{.span = 1, .name = "root", .attributes = {{"k", "v"}}},
                       {.span = 2, .parent = 1, .start = kNoon + 5, .error = true}});
  EXPECT_EQ(ack.stored, 2u);
  auto trace = store_->GetTrace("p", Trace(1));
  ASSERT_TRUE(trace.ok()) << trace.status().ToString();
  ASSERT_EQ(trace->spans.size(), 2u);
  EXPECT_EQ(trace->spans[0].name, "root");
  EXPECT_EQ(trace->spans[1].status, model::StatusCode::kError);
  auto run = store_->GetRun("p", Trace(1), RunDetail::kLists);
  ASSERT_TRUE(run.ok()) << run.status().ToString();
  EXPECT_EQ(run->spans, 2);
  EXPECT_TRUE(run->error);
  EXPECT_EQ(store_->GetRun("q", Trace(1), RunDetail::kLists).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(store_->GetTrace("p", Trace(2)).status().code(), StatusCode::kNotFound);
}

TEST_F(StoreTest, GivesSpansBackByteForByteAlsoAfterSealAndReopen) {
  std::string prompt;
  for (uint64_t i = 0; prompt.size() < 40u << 20; ++i)
    prompt += "line " + std::to_string(i * 7919) + "\n";
  Put({{.span = 1, .attributes = {{"prompt", prompt}, {"short", "x\"y\\z\n"}}}});
  for (int round = 0; round < 3; ++round) {
    auto batch = store_->ReadSpans("p", Trace(1), SpanId{1});
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    ASSERT_EQ(batch->spans.size(), 1u);
    const model::Span& span = batch->spans[0].records[0];
    EXPECT_TRUE(model::FindString(span.attributes, "prompt") == prompt) << round;
    EXPECT_EQ(model::FindString(span.attributes, "short"), "x\"y\\z\n");
    EXPECT_EQ(model::FindString(batch->spans[0].resource->attributes, "service.name"), "svc");
    EXPECT_EQ(batch->spans[0].scope->name, "test-scope");
    if (round == 0) Seal();
    if (round == 1) Reopen();
  }
}

TEST_F(StoreTest, KeepsTheFirstOfDuplicateSpansHotAndSealed) {
  Put({{.span = 1, .name = "first"}});
  Ack ack = Put({{.span = 1, .name = "second"}, {.span = 2, .parent = 1}});
  EXPECT_EQ(ack.stored, 1u);
  EXPECT_EQ(ack.duplicates, 1u);
  Seal();
  ack = Put({{.span = 1, .name = "third"}, {.span = 3, .parent = 1}});
  EXPECT_EQ(ack.duplicates, 1u);
  EXPECT_EQ(SpansOf(1), 3u);
  Reopen();
  EXPECT_EQ(Put({{.span = 3, .parent = 1}}).duplicates, 1u);
  Seal();
  EXPECT_EQ(Put({{.span = 2}, {.span = 3}}).duplicates, 2u);
  EXPECT_EQ(SpansOf(1), 3u);
  EXPECT_EQ(store_->GetTrace("p", Trace(1))->spans[0].name, "first");
  // The same ids in another project are other spans.
  EXPECT_EQ(Put({{.span = 1}}, "q").stored, 1u);
}

TEST_F(StoreTest, ReopensARunWhenALateSpanComesAfterItsRowWasSealed) {
  Put({{.span = 1, .name = "root"}});
  clock_.Advance(kHour);
  Put({{.trace = 2, .span = 1}});
  Seal();
  clock_.Advance(kHour);
  Put({{.span = 2, .parent = 1, .error = true}});
  EXPECT_GE(runs_->restored, 1);
  for (int round = 0; round < 3; ++round) {
    auto page = store_->ListRuns({.project = "p"});
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    EXPECT_EQ(page->total, 2) << round;
    auto run = store_->GetRun("p", Trace(1), RunDetail::kLists);
    ASSERT_TRUE(run.ok());
    EXPECT_EQ(run->spans, 2) << round;
    EXPECT_EQ(run->root_name, "root");
    if (round == 0) {
      clock_.Advance(kHour);
      Seal();
    } else {
      Reopen();
    }
  }
}

TEST_F(StoreTest, RecoversUnsealedAndSealedDataAndOpenRuns) {
  for (uint64_t t = 1; t <= 20; ++t) {
    Put({{.trace = t, .span = 1, .name = "root"}, {.trace = t, .span = 2, .parent = 1}});
    if (t == 10) Seal();
  }
  Reopen();
  auto page = store_->ListRuns({.project = "p", .limit = 100});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->total, 20);
  for (uint64_t t = 1; t <= 20; ++t) ASSERT_EQ(SpansOf(t), 2u) << t;
  EXPECT_EQ(store_->Stats().replayed_batches, 10u);
  EXPECT_EQ(store_->Stats().spans, 40u);
}

TEST_F(StoreTest, RefusesASecondOwner) {
  CountingRuns other;
  auto second = LocalStore::Open(options_, PosixFileSystem(), clock_, {}, other);
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(second.status().message().find(std::to_string(getpid())), std::string::npos);
}

TEST_F(StoreTest, PagesThroughRunsInEveryOrderWithoutGapsOrRepeats) {
  for (uint64_t t = 1; t <= 37; ++t) {
    Put({{.trace = t, .span = 1, .start = kNoon + static_cast<Nanos>(t % 5) * kSecond}});
    if (t == 20) {
      clock_.Advance(kHour);
      Seal();
    }
  }
  for (const RunSort sort :
       {RunSort::kStart, RunSort::kDuration, RunSort::kCost, RunSort::kSpans}) {
    for (const bool ascending : {false, true}) {
      RunQuery q{.project = "p", .sort = sort, .ascending = ascending, .limit = 5};
      std::set<TraceId> seen;
      do {
        auto page = store_->ListRuns(q);
        ASSERT_TRUE(page.ok()) << page.status().ToString();
        EXPECT_EQ(page->total, 37);
        for (const auto& run : page->runs) EXPECT_TRUE(seen.insert(run.trace_id).second);
        q.cursor = page->next_cursor;
      } while (!q.cursor.empty());
      EXPECT_EQ(seen.size(), 37u);
    }
  }
  RunQuery q{.project = "p", .cursor = "garbage"};
  EXPECT_EQ(store_->ListRuns(q).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(StoreTest, DeletesTracesAtOnceAndFromDisk) {
  const std::string secret(5000, 'S');
  Put({{.trace = 1, .span = 1, .attributes = {{"prompt", secret}, {"session.id", "s1"}}}});
  Put({{.trace = 2, .span = 1, .attributes = {{"prompt", "kept" + std::string(5000, 'k')}}}});
  Seal();
  Put({{.trace = 1, .span = 2, .parent = 1}});
  auto report = store_->Delete({.project = "p", .trace_ids = {Trace(1)}});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->traces, 1);
  EXPECT_EQ(SpansOf(1), 0u);
  EXPECT_EQ(store_->ListRuns({.project = "p"})->total, 1);
  Reopen();
  EXPECT_EQ(SpansOf(1), 0u);
  EXPECT_EQ(store_->ListRuns({.project = "p"})->total, 1);
  // The same ids again are new data.
  EXPECT_EQ(Put({{.trace = 1, .span = 1, .name = "again"}}).stored, 1u);
  EXPECT_EQ(SpansOf(1), 1u);
  Maintain();
  EXPECT_EQ(SpansOf(1), 1u);
  EXPECT_EQ(store_->GetTrace("p", Trace(1))->spans[0].name, "again");
  auto other = store_->ReadSpans("p", Trace(2), std::nullopt);
  ASSERT_TRUE(other.ok()) << other.status().ToString();
  ASSERT_TRUE(store_->Close().ok());
  store_.reset();
  EXPECT_THAT(Problems(), testing::IsEmpty());
}

TEST_F(StoreTest, RetentionByAgeDropsWholeDays) {
  options_.retention_age = 2 * kDay;
  Reopen();
  Put({{.trace = 1,
        .span = 1,
        .start = kNoon - 5 * kDay,
        .attributes = {{"p", std::string(999, 'a')}}}});
  Put({{.trace = 2, .span = 1}});
  Seal();
  const uint64_t before = store_->Stats().segments;
  Maintain();
  EXPECT_LT(store_->Stats().segments, before);
  EXPECT_EQ(SpansOf(1), 0u);
  EXPECT_EQ(SpansOf(2), 1u);
  Reopen();
  EXPECT_EQ(SpansOf(2), 1u);
}

TEST_F(StoreTest, RetentionDropsScoresAndUnsettledRunsToo) {
  options_.retention_age = 2 * kDay;
  Reopen();
  runs_->describe = [](model::Run* run, const SpanRow&) {
    run->completeness = model::Completeness::kLive;  // its rows are never sealed
  };
  Put({{.trace = 1, .span = 1, .start = kNoon - 9 * kDay}, {.trace = 2, .span = 2}});
  for (const Nanos time : {kNoon - 9 * kDay, kNoon}) {
    Score score;
    score.project = "p";
    score.trace_id = Trace(time == kNoon ? 2 : 1);
    score.name = "helpful";
    score.time = time;
    ASSERT_TRUE(store_->PutScore(score).ok());
  }
  Seal();
  Maintain();
  ScoreQuery scores;
  scores.project = "p";
  const auto left = store_->ListScores(scores);
  ASSERT_TRUE(left.ok()) << left.status().ToString();
  ASSERT_EQ(left->scores.size(), 1u);
  EXPECT_EQ(left->scores[0].trace_id, Trace(2));
  RunQuery runs;
  runs.project = "p";
  const auto page = store_->ListRuns(runs);
  ASSERT_TRUE(page.ok()) << page.status().ToString();
  ASSERT_EQ(page->runs.size(), 1u);
  EXPECT_EQ(page->runs[0].trace_id, Trace(2));
}

TEST_F(StoreTest, RetentionByBytesDropsTheOldest) {
  for (uint64_t t = 1; t <= 4; ++t) {
    Put({{.trace = t, .span = 1, .start = kNoon - static_cast<Nanos>(10 - t) * kDay}});
    Seal();
  }
  options_.retention_bytes = store_->Stats().segment_bytes / 2;
  Reopen();
  Maintain();
  EXPECT_EQ(SpansOf(1), 0u);
  EXPECT_EQ(SpansOf(4), 1u);
  EXPECT_LE(store_->Stats().segment_bytes, options_.retention_bytes);
}

TEST_F(StoreTest, RetentionByBytesKeepsTheRunsAndScoresOfSpansThatStay) {
  Put({{.trace = 1, .span = 1}});
  Seal();
  options_.retention_bytes = 1;
  Reopen();
  Put({{.trace = 2, .span = 1}});
  Score score;
  score.project = "p";
  score.trace_id = Trace(2);
  score.name = "helpful";
  score.time = kNoon;
  ASSERT_TRUE(store_->PutScore(score).ok());
  Maintain();
  EXPECT_EQ(SpansOf(1), 0u);
  EXPECT_EQ(SpansOf(2), 1u);
  ScoreQuery scores;
  scores.project = "p";
  const auto left = store_->ListScores(scores);
  ASSERT_TRUE(left.ok()) << left.status().ToString();
  EXPECT_EQ(left->scores.size(), 1u);
  EXPECT_TRUE(store_->GetRun("p", Trace(2), RunDetail::kOverview).ok());
}

TEST_F(StoreTest, MergesSmallFilesOfADay) {
  for (uint64_t t = 1; t <= 6; ++t) {
    Put({{.trace = t, .span = 1}});
    clock_.Advance(kHour);
    Seal();
  }
  const uint64_t before = store_->Stats().segments;
  for (int i = 0; i < 4; ++i) Maintain();
  EXPECT_LT(store_->Stats().segments, before);
  for (uint64_t t = 1; t <= 6; ++t) EXPECT_EQ(SpansOf(t), 1u);
  EXPECT_EQ(store_->ListRuns({.project = "p"})->total, 6);
  store_.reset();
  EXPECT_THAT(Problems(), testing::IsEmpty());
}

TEST_F(StoreTest, ReadersSeeEveryAcknowledgedSpanWhileSealsGoOn) {
  std::atomic<uint64_t> acknowledged{0};
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      const uint64_t at_least = acknowledged;
      auto trace = store_->GetTrace("p", Trace(1));
      if (!trace.ok()) continue;
      ASSERT_GE(trace->spans.size(), at_least);
    }
  });
  for (uint64_t s = 1; s <= 60; ++s) {
    Put({{.trace = 1, .span = s}});
    acknowledged = s;
    if (s % 15 == 0) Seal();
  }
  done = true;
  reader.join();
  EXPECT_EQ(SpansOf(1), 60u);
}

TEST_F(StoreTest, AnswersSqlOverHotAndSealedRows) {
  Put({{.trace = 1, .span = 1, .name = "a"}, {.trace = 1, .span = 2, .parent = 1, .name = "b"}});
  Put({{.trace = 9, .span = 1, .name = "other"}}, "q");
  Seal();
  Put({{.trace = 2, .span = 1, .name = "a", .error = true}});
  auto result =
      store_->Sql({.project = "p",
                   .text = "SELECT name, count(*) AS n, 'nan'::DOUBLE FROM spans GROUP BY "
                           "name ORDER BY name -- end;"});
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_THAT(result->rows, testing::ElementsAre(R"(["a",2,"nan"])", R"(["b",1,"nan"])"));
  EXPECT_EQ(result->columns[1].name, "n");
  for (const char* ok :
       {"SELECT * FROM spans", "SELECT * FROM runs", "SELECT * FROM logs", "SELECT * FROM scores",
        "SELECT * FROM metric_points JOIN metric_series USING (series_id)",
        "WITH x AS (SELECT 1 AS a) SELECT * FROM x, range(3)",
        "SELECT trace_id FROM spans WHERE trace_id = '00' UNION ALL SELECT 'x'"}) {
    auto r = store_->Sql({.project = "p", .text = ok});
    EXPECT_TRUE(r.ok()) << ok << ": " << r.status().ToString();
  }
  auto few = store_->Sql({.project = "p", .text = "SELECT * FROM range(100)", .max_rows = 10});
  ASSERT_TRUE(few.ok());
  EXPECT_TRUE(few->truncated);
  EXPECT_EQ(few->rows.size(), 10u);
}

TEST_F(StoreTest, RefusesSqlThatReachesOutOfTheProject) {
  Put({{.trace = 1, .span = 1}});
  Put({{.trace = 9, .span = 1, .name = "secret"}}, "q");
  Seal();
  const std::string segments = options_.directory + "/segments/";
  for (const std::string& attack : std::vector<std::string>{
           "SELECT * FROM hot_spans_1",
           "SELECT * FROM hot_spans_2",
           "SELECT * FROM main.spans",
           "SELECT * FROM memory.main.hot_spans_2",
           "SELECT * FROM hot_runs_2",
           "SELECT * FROM read_parquet('" + segments + "*.parquet')",
           "SELECT * FROM '" + segments + "*.parquet'",
           "SELECT * FROM parquet_scan('" + segments + "*.parquet')",
           "SELECT * FROM glob('" + segments + "*')",
           "SELECT * FROM glob('/etc/*')",
           "SELECT * FROM read_csv('/etc/passwd')",
           "SELECT * FROM read_text('/etc/passwd')",
           "SELECT * FROM read_blob('/etc/passwd')",
           "SELECT * FROM '/etc/passwd'",
           "SELECT * FROM read_json_auto('/etc/passwd')",
           "SELECT * FROM duckdb_settings()",
           "SELECT * FROM duckdb_tables()",
           "SELECT * FROM information_schema.tables",
           "SELECT * FROM pg_catalog.pg_tables",
           "SELECT * FROM sqlite_master",
           "SELECT * FROM query('SELECT * FROM hot_spans_2')",
           "SELECT * FROM query_table('hot_spans_2')",
           "SELECT * FROM pragma_table_info('x')",
           "FROM hot_spans_2",
           "SELECT (SELECT count(*) FROM hot_spans_2)",
           "SELECT * FROM spans WHERE name IN (SELECT name FROM hot_spans_2)",
           "SELECT * FROM spans, LATERAL (SELECT * FROM hot_spans_2)",
           "WITH hot_spans_2 AS (SELECT 1) SELECT * FROM (SELECT 2), hot_spans_2",
           "SELECT * FROM (WITH hot_spans_2 AS (SELECT 1) SELECT * FROM hot_spans_2), hot_spans_2",
           "WITH \"" + segments + "a.parquet\" AS (SELECT 1) SELECT 1",
           "SELECT current_setting('temp_directory')",
           "SELECT getenv('HOME')",
           "SELECT 1; SELECT 2",
           "SELECT 1; DROP TABLE hot_spans_2",
           "DROP TABLE hot_spans_2",
           "DELETE FROM hot_spans_2",
           "INSERT INTO hot_spans_2 SELECT * FROM hot_spans_2",
           "CREATE TABLE x AS SELECT 1",
           "CREATE VIEW x AS SELECT 1",
           "ATTACH '/tmp/x.db'",
           "COPY (SELECT 1) TO '/tmp/x'",
           "COPY (SELECT 1) TO '" + segments + "x'",
           "EXPORT DATABASE '/tmp/x'",
           "IMPORT DATABASE '/tmp/x'",
           "INSTALL httpfs",
           "LOAD httpfs",
           "PRAGMA database_list",
           "SET memory_limit='1GB'",
           "RESET memory_limit",
           "CALL range(3)",
           "CHECKPOINT",
           "VACUUM",
           "EXPLAIN SELECT 1",
           "DESCRIBE spans",
           "SHOW TABLES",
           "SUMMARIZE spans",
           "FROM (DESCRIBE hot_spans_2)",
           "SELECT * FROM (SHOW TABLES)",
           "SELECT * FROM (SUMMARIZE hot_spans_2)",
           "PREPARE x AS SELECT 1",
           "BEGIN",
           "ROLLBACK",
           "PIVOT hot_spans_2 ON name USING count(*)",
           "SELECT * FROM json_execute_serialized_sql('')",
           "SELECT nextval('x')",
           "TABLE hot_spans_2",
           "",
           ";",
           "--",
           "SELECT",
           "(((",
           std::string(5000, '(') + "1" + std::string(5000, ')')}) {
    auto r = store_->Sql({.project = "p", .text = attack});
    EXPECT_EQ(r.status().code(), StatusCode::kInvalidArgument)
        << attack.substr(0, 200) << ": " << r.status().ToString();
    if (attack.find(options_.directory) == std::string::npos) {
      EXPECT_EQ(r.status().message().find(options_.directory), std::string::npos)
          << r.status().message();
    }
  }
  auto slow =
      store_->Sql({.project = "p",
                   .text = "SELECT sum(hash(a.range)) FROM range(100000000) a, range(1000) b",
                   .timeout = 100 * kMillisecond});
  EXPECT_EQ(slow.status().code(), StatusCode::kDeadlineExceeded) << slow.status().ToString();
  EXPECT_EQ(SpansOf(1), 1u);
}

TEST_F(StoreTest, ExportsEverySpanOnce) {
  for (uint64_t t = 1; t <= 30; ++t) {
    Put({{.trace = t, .span = 1, .start = kNoon + static_cast<Nanos>(t) * kHour}});
    if (t == 15) Seal();
  }
  size_t spans = 0;
  const Status status =
      store_->Export({.project = "p", .batch_records = 4}, [&](const model::Batch& batch) {
        EXPECT_LE(batch.accepted, 4u);
        for (const auto& group : batch.spans) spans += group.records.size();
        return OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(spans, 30u);
  const std::string out = directory_.path() + "/out";
  const Status copied = store_->ExportParquet(out);
  EXPECT_TRUE(copied.ok()) << copied.ToString();
  EXPECT_GE(PosixFileSystem().List(out)->size(), 6u);
}

TEST_F(StoreTest, KeepsScoresAndFindsThemByTraceAndCursor) {
  for (int i = 0; i < 5; ++i) {
    auto put = store_->PutScore({.project = "p",
                                 .trace_id = Trace(1),
                                 .name = "quality",
                                 .number = i / 4.0,
                                 .time = kNoon + i});
    ASSERT_TRUE(put.ok()) << put.status().ToString();
    EXPECT_FALSE(put->id.empty());
  }
  EXPECT_FALSE(store_->PutScore({.project = "p", .name = "nothing"}).ok());
  ScoreQuery q{.project = "p", .trace_id = Trace(1), .limit = 2};
  std::vector<double> numbers;
  do {
    auto page = store_->ListScores(q);
    ASSERT_TRUE(page.ok()) << page.status().ToString();
    for (const auto& s : page->scores) numbers.push_back(s.number);
    q.cursor = page->next_cursor;
  } while (!q.cursor.empty());
  EXPECT_THAT(numbers, testing::ElementsAre(1, 0.75, 0.5, 0.25, 0));
}

}  // namespace
}  // namespace ao::storage
