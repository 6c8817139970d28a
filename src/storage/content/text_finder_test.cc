#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/log.h"
#include "base/temporary_directory.h"
#include "storage/content/content_format.h"
#include "storage/content/content_store.h"
#include "storage/content/text_pattern.h"
#include "storage/content/word_index.h"
#include "storage/content/words.h"

// Words, patterns, the word index of content files, and the search that uses them, which is
// compared with reading every text.

namespace ao::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kSeed = 4711;
constexpr Nanos kTime = 20'000 * kDay + 5;
constexpr Day kToday = DayOf(kTime);

std::vector<std::string> WordsOf(std::string_view text, Reading reading = Reading::kEscaped) {
  std::string read;
  ReadAs(reading, text, &read);
  std::vector<std::string> words;
  ForEachWord(read, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

TEST(WordsTest, AreLettersDigitsAndUnderscores) {
  EXPECT_THAT(WordsOf("The get_weather(42), don't!"),
              ElementsAre("the", "get_weather", "42", "don", "t"));
  EXPECT_THAT(WordsOf(""), IsEmpty());
  EXPECT_THAT(WordsOf("-- !"), IsEmpty());
}

TEST(WordsTest, FoldsCaseBeyondAscii) {
  EXPECT_THAT(WordsOf("\xC3\x9C"
                      "BER \xCE\x91\xCE\xA3 \xD0\x96\xD0\x81"),
              ElementsAre("\xC3\xBC"
                          "ber",
                          "\xCE\xB1\xCF\x83", "\xD0\xB6\xD1\x91"));
}

TEST(WordsTest, CharactersOfScriptsWithoutBlanksAreWords) {
  EXPECT_THAT(WordsOf("gpt\xE4\xB8\xAD\xE6\x96\x87\xE3\x80\x82x"),
              ElementsAre("gpt", "\xE4\xB8\xAD", "\xE6\x96\x87", "x"));
}

TEST(WordsTest, EscapesNeitherGlueNorSplit) {
  EXPECT_THAT(WordsOf(R"(a\nb\tc\\nd\u00e9e\u4e2d \ud83d\ude00 \u0022x\")"),
              ElementsAre("a", "b", "c",
                          "d\xC3\xA9"
                          "e",
                          "\xE4\xB8\xAD", "x"));
  EXPECT_THAT(WordsOf(R"(C:\new\\temp\u00e9)", Reading::kPlain),
              ElementsAre("c", "new", "temp\xC3\xA9"));
}

// A list of 200,000 lines is two words to read a line, not one behind which all others are read
// again: that would not end.
TEST(WordsTest, LinesWithoutBlanksAreReadOnce) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += R"(\nabc\u00e9d)";
  std::string scratch;
  std::set<uint32_t> hashes;
  size_t words = 0;
  ForEachWordHash(text, &scratch, [&](uint32_t hash) {
    ++words;
    hashes.insert(hash);
  });
  EXPECT_EQ(words, 400'000);
  EXPECT_EQ(hashes, (std::set<uint32_t>{WordHash("abc\xC3\xA9"
                                                 "d"),
                                        WordHash("nabc\xC3\xA9"
                                                 "d")}));
}

TEST(WordsTest, PunctuationAboveAsciiEndsWords) {
  EXPECT_THAT(WordsOf("\xE2\x80\x9Cquote\xE2\x80\x9D\xE2\x80\x94"
                      "dash\xC2\xA0"
                      "nbsp\xFF"
                      "bad"),
              ElementsAre("quote", "dash", "nbsp", "bad"));
}

bool Matches(std::string_view pattern, std::string_view text) {
  const TextPattern p(pattern);
  EXPECT_EQ(p.Find(text).has_value(), p.Matches(text)) << pattern;
  return p.Matches(text);
}

TEST(TextPatternTest, WholeWordsInAnyCase) {
  EXPECT_TRUE(Matches("refund POLICY", "Our Refund  policy."));
  EXPECT_TRUE(Matches("refund policy", R"("refund\npolicy")"));
  EXPECT_FALSE(Matches("fund", "refund"));
  EXPECT_FALSE(Matches("refund", "refunds"));
  EXPECT_FALSE(Matches("caf", R"(caf\u00e9)"));
  EXPECT_TRUE(Matches("caf\xC3\x89", R"(ca caf\u00e9)"));
  EXPECT_TRUE(Matches("\xE6\x96\x87", "\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97"));
}

TEST(TextPatternTest, StarsOpenTheEnds) {
  EXPECT_TRUE(Matches("refund*", "refunds"));
  EXPECT_FALSE(Matches("fund*", "refunds"));
  EXPECT_TRUE(Matches("*funds", "refunds"));
  EXPECT_TRUE(Matches("*fund*", "refunds"));
  EXPECT_TRUE(TextPattern("**").empty());
  EXPECT_TRUE(TextPattern(" ").empty());
}

TEST(TextPatternTest, PunctuationOfThePatternCounts) {
  EXPECT_TRUE(Matches("a->b", "x a->b y"));
  EXPECT_FALSE(Matches("a->b", "a - b"));
  EXPECT_TRUE(Matches("\"quoted\" text", R"({"t":"a \"quoted\" text"})"));
  EXPECT_TRUE(Matches(R"(C:\new)", R"({"path":"C:\\new"})"));
  EXPECT_TRUE(Matches(R"(C:\new)", R"(in C:\new)"));
  EXPECT_TRUE(Matches("new", R"(in C:\new)"));
  EXPECT_TRUE(Matches("->", "a -> b"));
}

TEST(TextPatternTest, SaysWhereTheMatchIs) {
  const std::string text = R"({"t":"caf\u00e9  bar\nbaz"})";
  const auto match = TextPattern("CAF\xC3\x89 BAR baz").Find(text);
  ASSERT_TRUE(match);
  EXPECT_EQ(text.substr(match->begin, match->end - match->begin), R"(caf\u00e9  bar\nbaz)");
}

TEST(WordIndexTest, FindsEveryWordInEveryBlockAndLittleElse) {
  std::mt19937_64 random(1);
  WordIndexBuilder builder;
  std::map<uint32_t, std::vector<uint32_t>> expected;
  constexpr uint32_t kBlocks = 300;
  for (uint32_t block = 0; block < kBlocks; ++block) {
    std::string text;
    for (uint64_t i = 0; i < 200; ++i) {
      const uint64_t rank = random() % 1000 * (random() % 1000) / 500;
      text += "w" + std::to_string(rank) + (i % 7 == 0 ? "x" + std::to_string(random()) : "") + " ";
    }
    text += "everywhere ";
    if (block == 17) text += "once";
    std::string scratch;
    ForEachWordHash(text, &scratch, [&](uint32_t hash) {
      auto& blocks = expected[hash];
      if (blocks.empty() || blocks.back() != block) blocks.push_back(block);
    });
    builder.Add(text);
    builder.EndBlock();
  }
  const size_t pairs = builder.size();
  const std::string section = builder.Take();
  EXPECT_LT(section.size(), pairs * 2);
  const auto index = WordIndex::Parse(section);
  ASSERT_TRUE(index.ok() && index->has_value());
  EXPECT_EQ((*index)->blocks(), kBlocks);
  size_t too_many = 0;
  for (const auto& [hash, blocks] : expected) {
    std::vector<uint32_t> found;
    (*index)->ForEachBlock(hash, [&](uint32_t block) { found.push_back(block); });
    ASSERT_TRUE(std::includes(found.begin(), found.end(), blocks.begin(), blocks.end()));
    too_many += found.size() - blocks.size();
  }
  EXPECT_LT(too_many, pairs / 20);
  size_t false_words = 0;
  for (int i = 0; i < 10'000; ++i) {
    bool any = false;
    (*index)->ForEachBlock(WordHash("absent" + std::to_string(i)), [&](uint32_t) { any = true; });
    false_words += any;
  }
  EXPECT_LT(false_words, 10'000 / kFalseWords * 2);
}

TEST(WordIndexTest, SurvivesEveryDamage) {
  WordIndexBuilder builder;
  for (int block = 0; block < 5; ++block) {
    for (int i = 0; i < 100; ++i) builder.Add("word" + std::to_string(i * (block + 1)));
    builder.EndBlock();
  }
  const std::string section = builder.Take();
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = section.substr(0, random() % (section.size() + 1));
    for (int i = 0; i < 3 && !damaged.empty(); ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const auto index = WordIndex::Parse(damaged);
    if (!index.ok() || !index->has_value()) continue;
    (*index)->ForEachBlock(WordHash("word7"),
                           [&](uint32_t block) { ASSERT_LT(block, (*index)->blocks()); });
  }
}

class TextFinderTest : public ::testing::Test {
 protected:
  TextFinderTest() {
    SetLogLevel(LogLevel::kError);
    options_.hash_seed = kSeed;
    options_.block_bytes = 4096;
    Open({});
  }
  void Open(std::vector<ContentFile> files) {
    store_.reset();
    auto store = ContentStore::Open(PosixFileSystem(), directory_.path(), options_, files);
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(store).value();
  }
  ContentAddress Put(const std::string& text, Nanos time = kTime) {
    std::vector<ContentPiece> pieces;
    const ContentAddress address = CutIntoPieces(text, kSeed, time, &pieces);
    store_->Put("p", pieces);
    return address;
  }
  void Seal() {
    store_->Freeze();
    auto files = store_->WriteFrozen();
    ASSERT_TRUE(files.ok()) << files.status().message();
    store_->Publish(*files);
  }
  bool Found(const std::string& pattern, ContentAddress address, Day day = kToday) {
    const TextPattern p(pattern);
    const auto found = store_->FindTexts("p", p)->Matches(day, address);
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    return found.ok() && *found;
  }
  std::vector<std::string> Problems() {
    std::vector<std::string> problems;
    EXPECT_TRUE(store_->Verify([&](std::string line) { problems.push_back(line); }).ok());
    return problems;
  }

  TemporaryDirectory directory_;
  ContentStore::Options options_;
  std::unique_ptr<ContentStore> store_;
};

// Texts with every trap: escapes, CJK, quotes at cuts, shared prefixes.
class Author {
 public:
  explicit Author(uint64_t seed) : random_(seed) {}
  uint64_t Below(uint64_t n) { return random_() % n; }
  std::string Words(size_t count) {
    static const char* const kWords[] = {"alpha",
                                         "Beta",
                                         "gamma_1",
                                         "delta",
                                         "caf\xC3\xA9",
                                         R"(caf\u00e9)",
                                         "\xE4\xB8\xAD",
                                         R"(\u4e2d)",
                                         "new",
                                         "folder",
                                         "na",
                                         R"(\"quoted\")",
                                         "x",
                                         R"(C:\\new)",
                                         "}",
                                         "]",
                                         "refund",
                                         "Refunds",
                                         "\xC3\x9C"
                                         "ber",
                                         R"(\\n)",
                                         "0"};
    static const char* const kBetween[] = {" ", "  ", R"(\n)", R"(\t)", ", ", "", "-"};
    std::string text;
    for (size_t i = 0; i < count; ++i) {
      text += kWords[Below(std::size(kWords))];
      text += kBetween[Below(std::size(kBetween))];
      if (Below(40) == 0) text += "rare" + std::to_string(Below(200)) + " ";
    }
    return text;
  }
  std::string Message() { return R"({"role":"user","content":")" + Words(5 + Below(40)) + "\"}"; }

 private:
  std::mt19937_64 random_;
};

TEST_F(TextFinderTest, AgreesWithReadingEveryText) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Open({});
    Author author(seed);
    std::map<ContentAddress, std::string> texts;
    std::vector<std::string> conversations(8, "[");
    for (int round = 0; round < 120; ++round) {
      std::string& conversation = conversations[author.Below(conversations.size())];
      conversation += (conversation.size() > 1 ? "," : "") + author.Message();
      std::string text = conversation + "]";
      if (author.Below(4) == 0) text = author.Words(1 + author.Below(60));
      if (author.Below(12) == 0)
        text = "[\"" + author.Words(30) + "\" , \"" + author.Words(30) + "\"]";
      texts[Put(text)] = text;
      if (author.Below(25) == 0) Seal();
      if (author.Below(60) == 0) store_->Freeze();
    }
    std::vector<std::string> patterns = {"refund",
                                         "REFUND*",
                                         "*efund",
                                         "*fun*",
                                         "caf\xC3\xA9",
                                         "caf",
                                         "new",
                                         "C:\\new",
                                         "\"quoted\"",
                                         "\xE4\xB8\xAD",
                                         "absent",
                                         "},{",
                                         "\"},{\"role\":\"user\"",
                                         "] , \"",
                                         "-",
                                         "n",
                                         "x",
                                         "alpha beta"};
    for (int i = 0; i < 100; ++i) {
      if (i < 40) patterns.push_back("rare" + std::to_string(i));
      auto it = texts.begin();
      std::advance(it, author.Below(texts.size()));
      size_t begin = author.Below(it->second.size());
      if (i % 4 != 0) begin = it->second.find_first_of(" \\,\"", begin);
      if (begin == std::string::npos) continue;
      patterns.push_back(it->second.substr(begin, 1 + author.Below(60)));
    }
    for (const std::string& text : patterns) {
      const TextPattern pattern(text);
      if (pattern.empty()) continue;
      const auto finder = store_->FindTexts("p", pattern);
      for (const auto& [address, whole] : texts) {
        const auto found = finder->Matches(kToday, address);
        ASSERT_TRUE(found.ok()) << found.status().ToString();
        ASSERT_EQ(*found, pattern.Matches(whole))
            << "seed " << seed << ": " << text << "\nin " << whole;
      }
    }
    Seal();
    EXPECT_THAT(Problems(), IsEmpty());
  }
}

TEST_F(TextFinderTest, RulesOutADayWithoutTheWord) {
  const auto today = Put("[\"" + std::string(2000, 'x') + " refund\"]");
  Put("nothing here", kTime + kDay);
  const TextPattern pattern("refund");
  for (const bool sealed : {false, true}) {
    if (sealed) Seal();
    const auto finder = store_->FindTexts("p", pattern);
    EXPECT_TRUE(*finder->MayMatch(kToday));
    EXPECT_FALSE(*finder->MayMatch(kToday + 1));
    EXPECT_FALSE(*finder->MayMatch(kToday + 2));
    EXPECT_TRUE(*finder->Matches(kToday, today));
    EXPECT_FALSE(*finder->Matches(kToday + 1, today));
  }
}

TEST_F(TextFinderTest, SearchesWhatARewriteKept) {
  const auto kept = Put("the kept refund");
  const auto dropped = Put("the dropped refund");
  Seal();
  const auto files = store_->Rewrite("p", kToday, std::vector{kept});
  ASSERT_TRUE(files.ok());
  const TextPattern pattern("refund");
  const auto before = store_->FindTexts("p", pattern);
  EXPECT_TRUE(*before->Matches(kToday, dropped));
  ASSERT_TRUE(store_->Replace("p", kToday, *files).ok());
  EXPECT_TRUE(Found("refund", kept));
  EXPECT_FALSE(Found("refund", dropped));
  EXPECT_TRUE(*before->Matches(kToday, kept));
  EXPECT_THAT(Problems(), IsEmpty());
}

// The file as version 1 wrote it: without words.
std::string WithoutWords(std::string bytes) {
  ContentFooter footer;
  std::memcpy(&footer, bytes.data() + bytes.size() - sizeof(footer), sizeof(footer));
  std::string meta =
      bytes.substr(footer.meta_offset, footer.meta_bytes - sizeof(WordSectionRecord));
  footer.meta_bytes = meta.size();
  footer.meta_checksum = Hash64(meta);
  footer.checksum = ChecksumOf(footer);
  bytes.resize(footer.meta_offset);
  bytes[8] = 1;
  return bytes.append(meta).append(BytesOf(footer));
}

TEST_F(TextFinderTest, ReadsFilesOfVersionOne) {
  const auto address = Put("an old refund");
  Seal();
  ContentFile file = store_->Files().at(0);
  const std::string path = directory_.path() + "/" + file.path;
  const auto bytes = ReadFile(PosixFileSystem(), path);
  ASSERT_TRUE(bytes.ok());
  const std::string old = WithoutWords(*bytes);
  ASSERT_TRUE(WriteFileAtomically(PosixFileSystem(), path, old).ok());
  file.bytes = old.size();
  file.checksum = Hash64(old);
  Open({file});
  EXPECT_TRUE(Found("refund", address));
  EXPECT_FALSE(Found("absent", address));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(TextFinderTest, SaysWhichFileHasDamagedWords) {
  const auto address = Put("some refund or other");
  Seal();
  ContentFile file = store_->Files().at(0);
  const std::string path = directory_.path() + "/" + file.path;
  auto bytes = ReadFile(PosixFileSystem(), path);
  ASSERT_TRUE(bytes.ok());
  ContentFooter footer;
  std::memcpy(&footer, bytes->data() + bytes->size() - sizeof(footer), sizeof(footer));
  (*bytes)[footer.pieces_offset - 1] ^= 1;
  ASSERT_TRUE(WriteFileAtomically(PosixFileSystem(), path, *bytes).ok());
  Open({file});
  const TextPattern pattern("refund");
  const auto found = store_->FindTexts("p", pattern)->Matches(kToday, address);
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.status().message(),
              ::testing::HasSubstr(file.path + ": its words are damaged"));
  EXPECT_THAT(Problems(), ::testing::Contains(::testing::HasSubstr("its words are damaged")));
}

}  // namespace
}  // namespace ao::storage
