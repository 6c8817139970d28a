#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "storage/content/content_format.h"
#include "storage/content/content_store.h"

namespace ao::storage {
namespace {

constexpr uint64_t kSeed = 99;

// The pieces view a copy that lives until the end of the program.
std::vector<ContentPiece> Cut(const std::string& original, ContentAddress* address = nullptr) {
  static std::deque<std::string> texts;
  const std::string& text = texts.emplace_back(original);
  std::vector<ContentPiece> pieces;
  const ContentAddress whole = CutIntoPieces(text, kSeed, 5, &pieces);
  if (address != nullptr) *address = whole;
  std::string joined;
  ContentAddress node;
  for (const ContentPiece& piece : pieces) {
    joined.append(piece.bytes);
    EXPECT_EQ(piece.parent, node);
    EXPECT_EQ(piece.piece_address, Hash128(piece.bytes, kSeed));
    EXPECT_EQ(piece.address, NodeAddress(node, piece.piece_address, kSeed));
    EXPECT_EQ(piece.partition_time, 5);
    node = piece.address;
  }
  EXPECT_EQ(joined, text);
  EXPECT_EQ(node, whole);
  return pieces;
}

std::string Message(int i, size_t size = 300) {
  return R"({"role":"user","content":")" + std::to_string(i) + " " + std::string(size, 'm') +
         R"( [not] {an} \"element\", \\"})";
}

std::string Conversation(int messages, const std::string& head = "[") {
  std::string text = head;
  for (int i = 0; i < messages; ++i) text += (i > 0 ? "," : "") + Message(i);
  return text + "]";
}

size_t CommonPieces(const std::vector<ContentPiece>& a, const std::vector<ContentPiece>& b) {
  size_t common = 0;
  while (common < std::min(a.size(), b.size()) && a[common].address == b[common].address) ++common;
  return common;
}

TEST(CutIntoPiecesTest, ShortAndPlainTextsAreOnePieceWithItsAddress) {
  for (const std::string& text :
       {std::string(), std::string("x"), Conversation(2), std::string(100'000, 'x'),
        "plain " + Conversation(20), std::string(5000, ' ')}) {
    ContentAddress address;
    const auto pieces = Cut(text, &address);
    ASSERT_EQ(pieces.size(), 1u) << text.substr(0, 30);
    EXPECT_EQ(address, pieces[0].piece_address);
    EXPECT_FALSE(address.empty());
  }
}

TEST(CutIntoPiecesTest, EachMessageIsAPieceAndTheEndIsOneOfItsOwn) {
  const auto pieces = Cut(Conversation(5));
  ASSERT_EQ(pieces.size(), 6u);
  EXPECT_EQ(pieces[0].bytes, "[" + Message(0));
  EXPECT_EQ(pieces[3].bytes, "," + Message(3));
  EXPECT_EQ(pieces[5].bytes, "]");
}

TEST(CutIntoPiecesTest, AGrowingListSharesAllPiecesButTheEnd) {
  for (const char* head : {"[", "  [", R"({"model":"m","messages":[)"}) {
    for (int n = 4; n < 20; ++n) {
      const auto shorter = Cut(Conversation(n, head));
      const auto longer = Cut(Conversation(n + 1, head));
      EXPECT_EQ(CommonPieces(shorter, longer), static_cast<size_t>(n));
      EXPECT_EQ(longer.size(), shorter.size() + 1);
    }
  }
}

TEST(CutIntoPiecesTest, CutsInsideNestedArraysAndLongStrings) {
  std::string text = "[";
  for (int i = 0; i < 4; ++i) {
    text += R"({"role":"user","content":[{"type":"text","text":")" + std::string(200, 'a') +
            R"("},{"type":"text","text":")" + std::string(200, 'b') + R"("}]},)";
  }
  text += "\"" + std::string(500, 's') + "\",\"" + std::string(500, 't') + "\"]";
  EXPECT_EQ(Cut(text).size(), 4 * 2 + 2 + 1u);
}

TEST(CutIntoPiecesTest, SmallElementsAreGathered) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += R"({"name":"a tool","value":)" + std::to_string(i) + "},";
  for (const ContentPiece& piece : Cut(text + "1]")) {
    EXPECT_TRUE(piece.bytes.size() >= 128 || piece.bytes.ends_with("1]"));
  }
  EXPECT_EQ(Cut("[" + std::string(3000, '1') + "]").size(), 1u);
}

TEST(CutIntoPiecesTest, EscapesAndUnterminatedStringsDoNotConfuse) {
  // The bracket and the comma are inside a string that ends in an escaped backslash.
  const std::string tricky = R"({"a":"],\\\"}{[,","b":"\\"})" + std::string(100, ' ');
  std::string text = "[";
  for (int i = 0; i < 30; ++i) text += tricky.substr(0, 27) + std::string(100, ' ') + ",";
  Cut(text);
  Cut("[\"" + std::string(2000, '\\'));
  Cut("[\"" + std::string(2000, 'x'));
  Cut("[" + Message(1) + ",\"" + std::string(1001, '\\') + "\"," + Message(2) + "]");
}

TEST(CutIntoPiecesTest, HostileNestingIsStillCutLosslessly) {
  Cut(std::string(100'000, '['));
  Cut(std::string(100'000, '{') + std::string(200'000, '}'));
  Cut("[" + std::string(5000, ']') + Conversation(9));
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "[{\"a\":";
  Cut(deep + Message(1) + "}]}]," + Message(2));
}

TEST(CutIntoPiecesTest, AnyBytesAreCutLosslesslyAndPrefixStable) {
  std::mt19937 random(17);
  const std::string alphabet = "[]{},\"\\:ab\n";
  for (int round = 0; round < 300; ++round) {
    std::string text = "[";
    const size_t size = 1024 + random() % 4000;
    while (text.size() < size) {
      if (random() % 20 == 0) text += std::string(random() % 300, 'x');
      text += random() % 30 == 0 ? static_cast<char>(random()) : alphabet[random() % 11];
    }
    const auto pieces = Cut(text);
    const auto longer = Cut(text + Message(1) + "]");
    EXPECT_GE(CommonPieces(pieces, longer) + 1, pieces.size());
  }
}

}  // namespace
}  // namespace ao::storage
