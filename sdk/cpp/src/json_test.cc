#include "json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace observatory {
namespace {

TEST(JsonTest, ReadsWhatItWrites) {
  for (const char* text :
       {"null", "[true,false,null]", R"({"a":[1,-2,{"b":"x"}],"":0.125})", "-0", "1e+22",
        R"("quotes \" and \\ and \n and \u0001 and é")", "9223372036854775807"}) {
    const auto value = detail::ParseJson(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->to_json(), text);
  }
}

TEST(JsonTest, MinusZeroKeepsItsSign) {
  ASSERT_NE(detail::ParseJson("-0")->if_double(), nullptr);
  EXPECT_TRUE(std::signbit(*detail::ParseJson("-0")->if_double()));
  EXPECT_EQ(*detail::ParseJson("0")->if_int(), 0);
}

TEST(JsonTest, RefusesWhatIsNoDocument) {
  for (const char* text : {"", "{", "[1,]", "{\"a\"}", "01", "1e999", "+1", "nul", "\"\\x\"",
                           "\"\\ud800\"", "\"\\udc00x\"", "1 2", "\"\n\""}) {
    EXPECT_FALSE(detail::ParseJson(text)) << text;
  }
  EXPECT_FALSE(detail::ParseJson(std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace observatory
