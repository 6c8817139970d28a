#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "cost/pricer.h"

// Compares every price with what the catalogue's own calculator charges (tools/price_oracle.mjs).
// Differences are allowed only where docs/cost.md says that and why this one goes its own way.

namespace ao::cost {
namespace {

struct Case {
  std::string text, provider, model;
  bool has_provider = false;
  Usage usage;
  UnitSet given = 0;
  Nanos when = 0;
  bool priced = false;
  double total = 0;
  std::string expected_model, error;
};

Case ParseCase(const std::string& line) {
  static thread_local simdjson::dom::parser parser;
  Case out;
  out.text = line;
  const simdjson::dom::element root = parser.parse(line);
  std::string_view text;
  out.has_provider = root["provider"].get(text) == simdjson::SUCCESS;
  if (out.has_provider) out.provider = text;
  out.model = std::string_view(root["model"]);
  out.when = int64_t(root["time_ms"]) * kMillisecond;
  for (const auto member : simdjson::dom::object(root["usage"])) {
    Unit unit;
    EXPECT_NE(FindUsageKey(member.key, &unit), nullptr) << member.key;
    out.usage[unit] = double(member.value);
    out.given |= SetOf(unit);
  }
  simdjson::dom::object expect;
  if (root["expect"].get(expect) != simdjson::SUCCESS) return out;
  if (expect["error"].get(text) == simdjson::SUCCESS) {
    out.error = text;
    return out;
  }
  out.priced = true;
  out.total = expect["total"];
  out.expected_model = std::string_view(expect["model"]);
  return out;
}

// The classes of docs/cost.md, "Where the two differ".
constexpr const char *kSame = "same", *kRefused = "contradictory usage is charged, not refused",
                     *kUnknown = "unknown model: default price",
                     *kFurther = "recognised by its name alone or a provider in its name",
                     *kAlias = "provider named as in OpenTelemetry",
                     *kMinimum = "no minimum of 10 seconds", *kUnexplained = "unexplained";

bool IsAzureOrOtherAlias(const std::string& provider) {
  const std::string name = Lower(provider);
  return name.starts_with("azure.") || name == "gcp.gen_ai" || name == "x_ai" ||
         name == "groq.chat";
}

const char* Compare(const PriceBook& book, const Case& c) {
  const PriceQuery query{.provider = c.provider, .model_answered = c.model, .when = c.when};
  const Explanation price = book.Explain(query, c.usage);
  EXPECT_DOUBLE_EQ(book.Price(query, c.usage).usd, price.usd);
  EXPECT_GE(price.usd, 0) << c.text;
  if (!c.error.empty()) return kRefused;
  if (!c.priced) {
    if (price.source == model::CostSource::kDefault) return kUnknown;
    if (price.recognised != Recognised::kProvider) return kFurther;
    return IsAzureOrOtherAlias(c.provider) ? kAlias : kUnexplained;
  }
  const std::string id = price.row.substr(price.row.find('/') + 1);
  const bool same_row = id == c.expected_model || id.starts_with(c.expected_model + "@");
  if (same_row && std::abs(price.usd - c.total) <= 1e-9 * std::max(1.0, c.total)) return kSame;
  if (IsAzureOrOtherAlias(c.provider)) return kAlias;
  const double seconds = c.usage[Unit::kAudioSeconds];
  if (same_row && c.provider == "groq" && seconds > 0 && seconds < 10) return kMinimum;
  return kUnexplained;
}

std::map<std::string, int> CompareAll(std::istream& lines) {
  const auto book = Pricer::EmbeddedBook();
  EXPECT_TRUE(book.ok()) << book.status().ToString();
  std::map<std::string, int> classes;
  std::string line;
  while (std::getline(lines, line)) {
    const Case c = ParseCase(line);
    const std::string found = Compare(**book, c);
    ++classes[found];
    if (found == kUnexplained && classes[found] <= 5) {
      const auto price = (*book)->Explain(
          {.provider = c.provider, .model_answered = c.model, .when = c.when}, c.usage);
      ADD_FAILURE() << c.text << "\nhere: " << price.usd << " by " << price.row;
    }
  }
  for (const auto& [name, count] : classes) printf("  %6d %s\n", count, name.c_str());
  return classes;
}

TEST(PriceOracle, AgreesWithRecordedCases) {
  std::ifstream lines(std::string(AO_SOURCE_DIR) + "/tests/data/cost/oracle.jsonl");
  ASSERT_TRUE(lines) << "tests/data/cost/oracle.jsonl is missing";
  auto classes = CompareAll(lines);
  EXPECT_GE(classes[kSame], 250);
  EXPECT_EQ(classes[kUnexplained], 0);
}

TEST(PriceOracle, AgreesWithTheCalculatorOnTwentyThousandCases) {
  const std::string command = "node " AO_SOURCE_DIR "/tools/price_oracle.mjs 20000 1 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string text;
  char buffer[1 << 16];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  if (pclose(pipe) != 0) GTEST_SKIP() << "no Node.js, or: " << text.substr(0, 200);
  std::istringstream lines(text);
  auto classes = CompareAll(lines);
  EXPECT_GE(classes[kSame], 14000);
  EXPECT_EQ(classes[kUnexplained], 0);
}

}  // namespace
}  // namespace ao::cost
