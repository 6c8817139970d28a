#include "search/parser.h"

#include <gtest/gtest.h>

#include <string>

#include <fmt/core.h>

#include "search/fields.h"

namespace ao::search {
namespace {

using model::Comparison;
using model::FilterField;
using model::RunFilter;

const ParseOptions kOptions{[](std::string_view text) -> Result<Nanos> {
  if (text == "1h") return Nanos{1000};
  if (text == "2026-01-31") return Nanos{2000};
  return InvalidArgument("no time");
}};

// The filter as a text of its own, so that a table of queries is readable.
std::string Shown(const RunFilter& filter) {
  const auto join = [&](const char* word) {
    std::string text = "(";
    for (const RunFilter& child : filter.children) {
      text.append(text.size() > 1 ? word : "").append(Shown(child));
    }
    return text + ")";
  };
  switch (filter.kind) {
    case RunFilter::Kind::kAnd: return join(" & ");
    case RunFilter::Kind::kOr: return join(" | ");
    case RunFilter::Kind::kNot: return "!" + Shown(filter.children.at(0));
    case RunFilter::Kind::kTerm: break;
  }
  const model::FilterTerm& term = filter.term;
  std::string name = term.field == FilterField::kAttribute ? "@" + term.key : "";
  for (const Field& field : Fields()) {
    if (field.field == term.field && name.empty()) name = field.name;
  }
  if (model::IsNumber(term.field)) {
    constexpr std::string_view kOps[] = {"=", "<", "<=", ">", ">="};
    const bool nanos = term.field == FilterField::kDuration || term.field == FilterField::kStart;
    const double value = nanos ? static_cast<double>(term.nanos) : term.number;
    return fmt::format("{}{}{}", name, kOps[static_cast<size_t>(term.comparison)], value);
  }
  std::string pattern;
  for (const std::string& piece : term.pattern) {
    pattern.append(pattern.empty() ? "[" : "][").append(piece);
  }
  return name + pattern + "]";
}

struct Case {
  std::string_view query, expected;
};
class Queries : public testing::TestWithParam<Case> {};
TEST_P(Queries, MeanWhatTheySay) {
  const auto filter = ParseQuery(GetParam().query, kOptions);
  ASSERT_TRUE(filter.ok()) << filter.status().message();
  EXPECT_EQ(Shown(*filter), GetParam().expected) << GetParam().query;
}
INSTANTIATE_TEST_SUITE_P(
    All, Queries,
    testing::Values(
        Case{"", "()"}, Case{"  \t", "()"}, Case{"agent:researcher", "agent[researcher]"},
        Case{"agent:a model:gpt-4o* cost>0.10 steps>8",
             "(agent[a] & model[gpt-4o][] & cost>0.1 & steps>8)"},
        Case{"hello", "text[hello]"}, Case{"\"free text\"", "text[free text]"},
        Case{"a OR b c", "(text[a] | (text[b] & text[c]))"},
        Case{"a AND b OR c", "((text[a] & text[b]) | text[c])"},
        Case{"(a OR b) c", "((text[a] | text[b]) & text[c])"},
        Case{"(a OR b)c", "((text[a] | text[b]) & text[c])"}, Case{"-a", "!text[a]"},
        Case{"NOT (a b)", "!(text[a] & text[b])"}, Case{"NOT -a", "!!text[a]"},
        Case{"-status:error", "!status[error]"}, Case{"status!=error", "!status[error]"},
        Case{"and or not", "(text[and] & text[or] & text[not])"},
        Case{"ORDER NOTE", "(text[ORDER] & text[NOTE])"}, Case{"\"OR\"", "text[OR]"},
        Case{"name:*chat*", "name[][chat][]"}, Case{"name:**a**", "name[][a][]"},
        Case{"name:\"*\"", "name[*]"}, Case{"name:\"a b\"*", "name[a b][]"},
        Case{R"(name:"say \"hi\" \\")", R"(name[say "hi" \])"}, Case{"user:\"\"", "user[]"},
        Case{"session:*", "session[][]"},
        Case{"env:prod latency>2s",
             "(environment[prod] & "
             "duration>2000000000)"},
        Case{"duration>=1.5", "duration>=1500000"},
        Case{"duration<1h30m", "duration<5400000000000"}, Case{"tokens:10k", "tokens=10000"},
        Case{"tokens>1.5M", "tokens>1500000"}, Case{"cost:$0.5..2", "(cost>=0.5 & cost<=2)"},
        Case{"steps!=3", "!steps=3"}, Case{"tokens:>100", "tokens>100"},
        Case{"steps:>=3", "steps>=3"},
        Case{"since:1h until:2026-01-31", "(start>=1000 & start<2000)"},
        Case{"start>1h", "start>1000"}, Case{"attr.http.route:/x/*", "@http.route[/x/][]"},
        Case{"attr.a!=b", "!@a[b]"}, Case{"completeness:incomplete", "completeness[incomplete]"},
        Case{"text:\"x y\"", "text[x y]"},
        Case{"caf\xC3\xA9 - x", "(text[caf\xC3\xA9] & text[-] & text[x])"}));

struct BadCase {
  std::string_view query, message, hint;
};
class BadQueries : public testing::TestWithParam<BadCase> {};
TEST_P(BadQueries, AreRefusedWithAPlaceAndAHint) {
  const auto filter = ParseQuery(GetParam().query, kOptions);
  ASSERT_FALSE(filter.ok()) << Shown(*filter);
  EXPECT_EQ(filter.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(filter.status().message(), "cannot read query: " + std::string(GetParam().message));
  EXPECT_EQ(filter.status().hint(), GetParam().hint);
}
INSTANTIATE_TEST_SUITE_P(
    All, BadQueries,
    testing::Values(
        BadCase{"agent:x modle:y", "there is no field \"modle\"\n  agent:x modle:y\n          ^",
                "did you mean \"model\"?"},
        BadCase{"http://x", "there is no field \"http\"\n  http://x\n  ^",
                "attr.NAME:value looks at span attributes; quote text that holds a colon"},
        BadCase{"status:eror", "status is one of ok, error, live\n  status:eror\n         ^",
                "did you mean \"error\"?"},
        BadCase{"agent>5",
                "\"agent\" is text, which cannot be compared with \">\"\n  agent>5\n"
                "       ^",
                "write agent:value"},
        BadCase{"cost>lots", "\"lots\" is not an amount in USD\n  cost>lots\n       ^",
                "write it like cost>0.10"},
        BadCase{"steps:1..x", "\"x\" is not a number\n  steps:1..x\n           ^",
                "write it like steps>8"},
        BadCase{"start>soon", "\"soon\" is not a time\n  start>soon\n        ^",
                "write it like start>2026-01-31T09:00Z"},
        BadCase{"since>1h", "since takes a time after \":\"\n  since>1h\n        ^",
                "compare with start: start>1h"},
        BadCase{"agent:", "a value is missing here\n  agent:\n        ^",
                "write \"\" for an empty value"},
        BadCase{"a \"b", "this quote is never closed\n  a \"b\n    ^", ""},
        BadCase{"a (b", "this \"(\" is never closed\n  a (b\n    ^", ""},
        BadCase{"a) b", "there is a \")\" without a \"(\"\n  a) b\n   ^",
                "quote it to search for it: \")\""},
        BadCase{"()", "there is no condition before \")\"\n  ()\n   ^", ""},
        BadCase{"OR a", "there is no condition before OR\n  OR a\n  ^",
                "quote it to search for the word"},
        BadCase{"a OR", "a condition is missing at the end\n  a OR\n      ^", ""},
        BadCase{"caf\xC3\xA9 modle:x",
                "there is no field \"modle\"\n  caf\xC3\xA9 modle:x\n"
                "       ^",
                "did you mean \"model\"?"}));

TEST(QueryLimits, HoldForHostileText) {
  EXPECT_FALSE(ParseQuery(std::string(5000, 'a'), kOptions).ok());
  EXPECT_FALSE(ParseQuery(std::string(1000, '('), kOptions).ok());
  EXPECT_FALSE(ParseQuery(std::string(1000, '-') + "a", kOptions).ok());
  std::string many;
  for (int i = 0; i < 300; ++i) many += "a ";
  EXPECT_FALSE(ParseQuery(many, kOptions).ok());
  const auto cut = ParseQuery(std::string(500, 'x') + " modle:y", kOptions);
  EXPECT_LT(cut.status().message().size(), 250u);
  EXPECT_TRUE(cut.status().message().ends_with(std::string(39, ' ') + "  ^"))
      << cut.status().message();
}

TEST(FieldsTest, EveryExampleIsAQuery) {
  const ParseOptions options{[](std::string_view) { return Result<Nanos>(1); }};
  for (const Field& field : Fields()) {
    EXPECT_TRUE(ParseQuery(field.example, options).ok()) << field.example;
    EXPECT_EQ(FindField(field.name), &field);
  }
}

}  // namespace
}  // namespace ao::search
