#include "storage/encode/attributes.h"

#include <gtest/gtest.h>

#include <map>

#include "storage/encode/random_values.h"

namespace ao::storage {
namespace {

using model::KeyValue;
using model::Value;

struct Encoded {
  std::string json;
  std::vector<ContentPiece> pieces;
  std::vector<ContentAddress> refs;

  ContentReader Reader() const {
    std::map<ContentAddress, std::string> texts;
    for (const ContentPiece& piece : pieces) {
      texts[piece.address] = texts[piece.parent] + std::string(piece.bytes);
    }
    return [texts](ContentAddress address) -> Result<std::string> {
      const auto it = texts.find(address);
      if (it == texts.end()) return NotFound("no such content");
      return it->second;
    };
  }
};

Encoded Encode(const Value& value, size_t inline_limit = 16) {
  Encoded e;
  AttributeEncoder(7, inline_limit).Encode(value, 0, &e.json, &e.pieces, &e.refs);
  return e;
}

Encoded EncodeMap(model::Attributes map, size_t inline_limit = 16) {
  Encoded e;
  AttributeEncoder(7, inline_limit).EncodeMap(map, 0, &e.json, &e.pieces, &e.refs);
  return e;
}

TEST(AttributeEncoder, WritesScalarsAsPlainJson) {
  EXPECT_EQ(Encode(Value()).json, "null");
  EXPECT_EQ(Encode(Value::Bool(true)).json, "true");
  EXPECT_EQ(Encode(Value::Int(INT64_MIN)).json, "-9223372036854775808");
  EXPECT_EQ(Encode(Value::Double(5)).json, "5.0");
  EXPECT_EQ(Encode(Value::Double(-0.0)).json, "-0.0");
  EXPECT_EQ(Encode(Value::String("a\"b")).json, R"("a\"b")");
  EXPECT_EQ(Encode(Value::Array({})).json, "[]");
  EXPECT_EQ(Encode(Value::Map({})).json, "{}");
}

TEST(AttributeEncoder, TagsWhatJsonCannotHold) {
  EXPECT_EQ(Encode(Value::Double(std::nan(""))).json, R"({"$double":"NaN"})");
  EXPECT_EQ(Encode(Value::Double(-INFINITY)).json, R"({"$double":"-Infinity"})");
  EXPECT_EQ(Encode(Value::Bytes("hi")).json, R"({"$bytes":"aGk="})");
  EXPECT_EQ(Encode(Value::String("\xff")).json, R"({"$string":"/w=="})");
}

TEST(AttributeEncoder, WritesMapsAsPairsWhenKeysAreReservedRepeatedOrInvalid) {
  const KeyValue reserved[] = {{"$ref", Value::Int(1)}};
  EXPECT_EQ(EncodeMap(reserved).json, R"({"$map":[["$ref",1]]})");
  const KeyValue repeated[] = {{"a", Value::Int(1)}, {"a", Value::Int(2)}};
  EXPECT_EQ(EncodeMap(repeated).json, R"({"$map":[["a",1],["a",2]]})");
  const KeyValue invalid[] = {{"\xff", Value::Int(1)}};
  EXPECT_EQ(EncodeMap(invalid).json, R"({"$map":[[{"$string":"/w=="},1]]})");
}

TEST(AttributeEncoder, FindsARepeatedKeyAmongMany) {
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back("key" + std::to_string(i));
  for (const size_t count : {20u, 60u, 200u}) {
    std::vector<KeyValue> map;
    for (size_t i = 0; i < count; ++i) map.push_back({names[i], Value::Int(1)});
    EXPECT_EQ(EncodeMap(map).json.substr(0, 6), "{\"key0");
    map.push_back({names[count / 2], Value::Int(2)});
    EXPECT_EQ(EncodeMap(map).json.substr(0, 7), "{\"$map\"");
  }
}

TEST(AttributeEncoder, TakesLongTextsOutAndListsTheirAddresses) {
  const std::string text(17, 'x');
  const Encoded e = Encode(Value::String(text));
  ASSERT_EQ(e.refs.size(), 1u);
  EXPECT_EQ(e.json, R"({"$ref":")" + e.refs[0].ToHex() + R"(","$size":17})");
  ASSERT_FALSE(e.pieces.empty());
  EXPECT_EQ(e.pieces.back().address, e.refs[0]);
  const Encoded bytes = Encode(Value::Bytes(text));
  EXPECT_NE(bytes.json.find(R"("$type":"bytes")"), std::string::npos);
  EXPECT_TRUE(Encode(Value::String(std::string(16, 'x'))).refs.empty());
}

TEST(AttributeEncoder, RoundTripsRandomValues) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Arena arena;
    RandomTelemetry random(seed, &arena);
    const Value value = random.Value();
    const Encoded e = Encode(value);
    const auto decoded = DecodeValue(e.json, e.Reader(), &arena);
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString() << "\n" << e.json;
    ASSERT_TRUE(Same(value, *decoded)) << e.json;

    const model::Attributes map = random.Map();
    const Encoded m = EncodeMap(map);
    const auto attributes = DecodeMap(m.json, m.Reader(), &arena);
    ASSERT_TRUE(attributes.ok()) << attributes.status().ToString() << "\n" << m.json;
    ASSERT_TRUE(Same(map, *attributes)) << m.json;
  }
}

TEST(DecodeValue, ReportsWhatTheEncoderNeverWrites) {
  Arena arena;
  for (const char* text :
       {"", "{", "18446744073709551615", R"({"$what":1})", R"({"$ref":"xyz","$size":1})",
        R"({"$bytes":"*"})", R"({"$map":[["a"]]})", R"({"$double":"five"})", "[1,]"}) {
    const auto decoded = DecodeValue(text, nullptr, &arena);
    ASSERT_FALSE(decoded.ok()) << text;
    EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption) << text;
  }
  EXPECT_EQ(DecodeMap("[]", nullptr, &arena).status().code(), StatusCode::kCorruption);
}

TEST(DecodeValue, ReportsContentThatIsMissingOrHasAnotherLength) {
  Arena arena;
  const Encoded e = Encode(Value::String("a text that is long"));
  const auto missing = DecodeValue(
      e.json, [](ContentAddress) -> Result<std::string> { return NotFound("gone"); }, &arena);
  EXPECT_EQ(missing.status().code(), StatusCode::kCorruption);
  const auto shorter = DecodeValue(
      e.json, [](ContentAddress) -> Result<std::string> { return std::string("a"); }, &arena);
  EXPECT_EQ(shorter.status().code(), StatusCode::kCorruption);
  EXPECT_EQ(DecodeValue(e.json, nullptr, &arena)->as_string(), "");
}

}  // namespace
}  // namespace ao::storage
