#include <gtest/gtest.h>

#include <filesystem>

#include "storage/duckdb/database.h"

namespace ao::storage::duck {
namespace {

class DuckDbTest : public testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::OpenInMemory({{"threads", "2"}});
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    database_ = std::move(*database);
    connection_ = std::move(*database_->Connect());
  }
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(DuckDbTest, ReadsBackWhatWasAppendedAcrossChunks) {
  ASSERT_TRUE(connection_
                  ->Execute("CREATE TABLE t (id UUID, n BIGINT, u UBIGINT, d DOUBLE, b BOOLEAN, "
                            "k UTINYINT, s VARCHAR, x BLOB)")
                  .ok());
  auto appender = Appender::Create(
      *connection_, "t",
      {DUCKDB_TYPE_UUID, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_DOUBLE,
       DUCKDB_TYPE_BOOLEAN, DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BLOB});
  ASSERT_TRUE(appender.ok()) << appender.status().ToString();
  const TraceId id = *TraceId::FromHex("f123456789abcdef0123456789abcdef");
  const std::string lengthy(100'000, 'x');
  for (int i = 0; i < 5000; ++i) {
    auto& a = **appender;
    a.Set(0, UuidOf(id));
    a.Set<int64_t>(1, -i);
    a.Set<uint64_t>(2, ~0ull - i);
    if (i % 3 == 0) {
      a.SetNull(3);
    } else {
      a.Set<double>(3, i / 2.0);
    }
    a.Set<uint8_t>(4, i % 2 == 0 ? 0 : 1);
    a.Set<uint8_t>(5, static_cast<uint8_t>(i % 200));
    a.SetText(6, i == 7 ? std::string_view(lengthy) : std::string_view("thirteen char"));
    a.SetText(7, std::string_view("a\0b", 3));
    ASSERT_TRUE(a.EndRow().ok());
  }
  ASSERT_TRUE((*appender)->Flush().ok());
  auto rows = connection_->Query("SELECT *, id::VARCHAR FROM t ORDER BY n DESC");
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  int i = 0;
  while (*(*rows)->Next()) {
    const Rows& r = **rows;
    for (size_t row = 0; row < r.size(); ++row, ++i) {
      ASSERT_EQ(r.Trace(0, row), id);
      ASSERT_EQ(r.Int(1, row), -i);
      ASSERT_EQ(r.Uint(2, row), ~0ull - i);
      ASSERT_EQ(r.IsNull(3, row), i % 3 == 0);
      ASSERT_EQ(r.Double(3, row), i % 3 == 0 ? 0 : i / 2.0);
      ASSERT_EQ(r.Bool(4, row), i % 2 == 1);
      ASSERT_EQ(r.Get<uint8_t>(5, row), i % 200);
      ASSERT_EQ(r.Text(6, row), i == 7 ? lengthy : "thirteen char");
      ASSERT_EQ(r.Text(7, row), std::string_view("a\0b", 3));
      ASSERT_EQ(r.Text(8, row), "f1234567-89ab-cdef-0123-456789abcdef");
    }
  }
  EXPECT_EQ(i, 5000);
}

TEST_F(DuckDbTest, ReadsBackListsOfStructsAcrossChunks) {
  static constexpr Field kFields[] = {
      {"name", DUCKDB_TYPE_VARCHAR}, {"n", DUCKDB_TYPE_BIGINT}, {"ok", DUCKDB_TYPE_BOOLEAN}};
  const Type list{std::span<const Field>(kFields)};
  EXPECT_EQ(TypeSql(list), R"(STRUCT("name" VARCHAR, "n" BIGINT, "ok" BOOLEAN)[])");
  ASSERT_TRUE(connection_->Execute("CREATE TABLE t (i BIGINT, l " + TypeSql(list) + ")").ok());
  auto appender = Appender::Create(*connection_, "t", {DUCKDB_TYPE_BIGINT, list});
  ASSERT_TRUE(appender.ok()) << appender.status().ToString();
  const std::string lengthy(50'000, 'y');
  constexpr int kRows = 5000;
  for (int i = 0; i < kRows; ++i) {
    auto& a = **appender;
    a.Set<int64_t>(0, i);
    const size_t items = static_cast<size_t>(i % 7);
    a.SetList(1, items);
    for (size_t k = 0; k < items; ++k) {
      a.SetItemText(0, k, i % 100 == 3 ? std::string_view(lengthy) : std::string_view("short"));
      a.SetItem<int64_t>(1, k, i * 10 + static_cast<int>(k));
      a.SetItem<uint8_t>(2, k, k % 2);
    }
    ASSERT_TRUE(a.EndRow().ok());
  }
  ASSERT_TRUE((*appender)->Flush().ok());
  auto rows = connection_->Query("SELECT l, i FROM t ORDER BY i");
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  int i = 0;
  while (*(*rows)->Next()) {
    const Rows& r = **rows;
    for (size_t row = 0; row < r.size(); ++row, ++i) {
      const auto [first, items] = r.ListOf(0, row);
      ASSERT_EQ(items, static_cast<uint64_t>(i % 7));
      for (size_t k = 0; k < items; ++k) {
        ASSERT_EQ(r.ItemText(0, 0, first + k), i % 100 == 3 ? lengthy : "short");
        ASSERT_EQ(r.Item<int64_t>(0, 1, first + k), i * 10 + static_cast<int>(k));
        ASSERT_EQ(r.Item<uint8_t>(0, 2, first + k), k % 2);
      }
    }
  }
  EXPECT_EQ(i, kRows);
  EXPECT_EQ(*connection_->QueryInt(Sql("SELECT sum(x.n)::BIGINT FROM (SELECT unnest(l) AS x FROM "
                                       "t WHERE i = 13)")),
            130 + 131 + 132 + 133 + 134 + 135);
}

TEST_F(DuckDbTest, AppendsBelongToTheTransactionAroundThem) {
  ASSERT_TRUE(connection_->Execute("CREATE TABLE t (n BIGINT)").ok());
  auto other = std::move(*database_->Connect());
  auto appender = std::move(*Appender::Create(*connection_, "t", {DUCKDB_TYPE_BIGINT}));
  ASSERT_TRUE(connection_->Execute("BEGIN").ok());
  appender->Set<int64_t>(0, 1);
  ASSERT_TRUE(appender->EndRow().ok());
  ASSERT_TRUE(appender->Flush().ok());
  EXPECT_EQ(*other->QueryInt(Sql("SELECT count(*) FROM t")), 0);
  ASSERT_TRUE(connection_->Execute("COMMIT").ok());
  EXPECT_EQ(*other->QueryInt(Sql("SELECT count(*) FROM t")), 1);
}

TEST_F(DuckDbTest, BindsParametersOfEveryKind) {
  Sql sql("SELECT CAST(");
  sql.Bind(int64_t{-5})
      .Add(" + ")
      .Bind(2.0)
      .Add(" + length(")
      .Bind(std::string("it's"))
      .Add(") AS BIGINT)");
  EXPECT_EQ(*connection_->QueryInt(sql), 1);
}

TEST_F(DuckDbTest, ReportsErrorsOfEveryStage) {
  EXPECT_FALSE(connection_->Execute("SELEC").ok());
  EXPECT_NE(connection_->Query("SELECT nothing FROM nowhere").status().message().find("nowhere"),
            std::string::npos);
  auto rows = connection_->Query(
      "SELECT CASE WHEN i = 9999 THEN error('boom') ELSE i::VARCHAR END FROM range(10000) t(i)");
  Status status = rows.status();
  while (status.ok()) {
    auto more = (*rows)->Next();
    status = more.status();
    if (more.ok() && !*more) break;
  }
  EXPECT_NE(status.message().find("boom"), std::string::npos) << status.ToString();
}

}  // namespace
}  // namespace ao::storage::duck
