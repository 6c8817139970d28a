#include "net/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include <string>

#include <gtest/gtest.h>

#include "net/test_peers.h"

namespace ao::net {
namespace {

struct Outcome {
  Status status;
  std::string text;
};

Outcome Inflate(ContentEncoding encoding, std::string_view data, size_t piece = 1 << 16,
                size_t limit = 1 << 20, size_t memory = 64 << 20) {
  MemoryBudget budget(memory);
  BodyBuffer body(budget.NewLease(), limit);
  auto inflater = Inflater::Create(encoding, budget.NewLease());
  for (size_t at = 0; at < data.size(); at += piece) {
    if (Status status = inflater->Feed(data.substr(at, piece), &body); !status.ok()) {
      return {status, body.text()};
    }
    EXPECT_LE(body.text().capacity(), budget.used() + 16);
  }
  return {inflater->Finish(), body.text()};
}

std::string Text(size_t size) {
  std::string text;
  while (text.size() < size) text += "span " + std::to_string(text.size() * 7919) + ";";
  return text;
}

TEST(Inflater, RoundTripsEveryEncodingInPiecesOfAnySize) {
  const std::string text = Text(200'000);
  for (const size_t piece : {1ul, 2ul, 3ul, 1000ul, 1ul << 20}) {
    EXPECT_EQ(Inflate(ContentEncoding::kGzip, Deflated(text, 31), piece).text, text) << piece;
    EXPECT_EQ(Inflate(ContentEncoding::kDeflate, Deflated(text, 15), piece).text, text) << piece;
    EXPECT_EQ(Inflate(ContentEncoding::kDeflate, Deflated(text, -15), piece).text, text) << piece;
    EXPECT_EQ(Inflate(ContentEncoding::kZstd, Zstd(text), piece).text, text) << piece;
  }
}

TEST(Inflater, AcceptsSeveralGzipMembersAndZstdFrames) {
  EXPECT_EQ(Inflate(ContentEncoding::kGzip, Deflated("one ", 31) + Deflated("two", 31), 5).text,
            "one two");
  const Outcome frames = Inflate(ContentEncoding::kZstd, Zstd("one ") + Zstd("two"), 5);
  EXPECT_TRUE(frames.status.ok());
  EXPECT_EQ(frames.text, "one two");
}

TEST(Inflater, TakesNoDataAsAnEmptyBody) {
  for (const auto encoding :
       {ContentEncoding::kGzip, ContentEncoding::kDeflate, ContentEncoding::kZstd}) {
    EXPECT_TRUE(Inflate(encoding, "").status.ok());
  }
  EXPECT_TRUE(Inflate(ContentEncoding::kGzip, Deflated("", 31)).status.ok());
}

TEST(Inflater, RefusesDataThatAreCutOffAnywhere) {
  const std::string gzip = Deflated("hello", 31);
  for (size_t size = 1; size < gzip.size(); ++size) {
    EXPECT_EQ(Inflate(ContentEncoding::kGzip, gzip.substr(0, size)).status.code(),
              StatusCode::kInvalidArgument)
        << size;
  }
  const std::string zstd = Zstd("hello");
  for (size_t size = 1; size < zstd.size(); ++size) {
    EXPECT_FALSE(Inflate(ContentEncoding::kZstd, zstd.substr(0, size)).status.ok()) << size;
  }
  EXPECT_FALSE(Inflate(ContentEncoding::kDeflate, "x").status.ok());
}

TEST(Inflater, SaysWhatIsWrongWithCorruptData) {
  EXPECT_EQ(Inflate(ContentEncoding::kGzip, "not gzip at all").status.message(),
            "cannot inflate the gzip body: incorrect header check");
  EXPECT_EQ(Inflate(ContentEncoding::kZstd, "not zstd at all").status.code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(Inflate(ContentEncoding::kDeflate, Deflated("a", 15) + "junk").status.message(),
            "cannot inflate the deflate body: there is data after its end");
  std::string damaged = Deflated(Text(1000), 31);
  damaged[damaged.size() - 5] = static_cast<char>(damaged[damaged.size() - 5] ^ 1);
  EXPECT_EQ(Inflate(ContentEncoding::kGzip, damaged).status.message(),
            "cannot inflate the gzip body: incorrect data check");
}

TEST(Inflater, StopsABombAtTheLimit) {
  const std::string zeros(64 << 20, '\0');
  for (const auto& [encoding, bomb] : {std::pair(ContentEncoding::kGzip, Deflated(zeros, 31)),
                                       std::pair(ContentEncoding::kDeflate, Deflated(zeros, -15)),
                                       std::pair(ContentEncoding::kZstd, Zstd(zeros))}) {
    const Outcome outcome = Inflate(encoding, bomb, 1 << 16, 1 << 20);
    EXPECT_EQ(outcome.status.code(), StatusCode::kResourceExhausted);
    EXPECT_LE(outcome.text.size(), 1u << 20);
  }
}

TEST(Inflater, StopsWhenTheMemoryBudgetIsExhausted) {
  const std::string zeros(8 << 20, '\0');
  EXPECT_EQ(Inflate(ContentEncoding::kGzip, Deflated(zeros, 31), 1 << 16, 64 << 20, 1 << 20)
                .status.code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(Inflate(ContentEncoding::kGzip, Deflated("x", 31), 100, 100, 1000).status.code(),
            StatusCode::kUnavailable);
}

TEST(Inflater, ReadsABodyOfExactlyTheLimit) {
  const std::string text = Text(5000);
  EXPECT_TRUE(Inflate(ContentEncoding::kGzip, Deflated(text, 31), 100, text.size()).status.ok());
  EXPECT_EQ(Inflate(ContentEncoding::kGzip, Deflated(text, 31), 100, text.size() - 1).status.code(),
            StatusCode::kResourceExhausted);
}

TEST(ParseContentEncoding, KnowsNamesInAnyCaseAndRefusesOthers) {
  EXPECT_EQ(*ParseContentEncoding(""), ContentEncoding::kIdentity);
  EXPECT_EQ(*ParseContentEncoding(" GZip "), ContentEncoding::kGzip);
  EXPECT_EQ(*ParseContentEncoding("x-gzip"), ContentEncoding::kGzip);
  EXPECT_EQ(*ParseContentEncoding("zstd"), ContentEncoding::kZstd);
  EXPECT_EQ(*ParseContentEncoding("deflate"), ContentEncoding::kDeflate);
  EXPECT_EQ(ParseContentEncoding("br").status().message(),
            "cannot read the body: unknown content-encoding \"br\"");
  EXPECT_FALSE(ParseContentEncoding("gzip, gzip").ok());
}

TEST(BodyBuffer, ChargesItsCapacityAndGivesItBack) {
  MemoryBudget budget(1 << 20);
  {
    BodyBuffer body(budget.NewLease(), 1 << 20);
    body.Expect(5000);
    ASSERT_TRUE(body.Append(std::string(100, 'a')).ok());
    EXPECT_EQ(budget.used(), 5000u);
    EXPECT_LE(body.text().capacity(), 5000u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace ao::net
