#include "scenario/scenario.h"

#include <gtest/gtest.h>

#include "scenario/traffic.h"

namespace ao::scenario {
namespace {

constexpr Nanos kStart = 1'769'817'600 * kSecond;  // 2026-01-31T00:00:00Z

constexpr std::string_view kText = R"yaml(
summary: Something breaks.
agent: loans
services: [{name: writer, program: helper, arguments: [--role, writer]}]
model: {script: model.yaml, first_token: 350ms, per_token: 12ms}
seed: 7
duration: 2d
traffic:
  - {query_type: car, per_hour: 20, daily: 0.8, users: 5, inputs: ["car for {5..9} by {ann|bob}"]}
faults:
  - {name: late, at: 1d12h, until: 1d13h, model: {slow: {factor: 4}},
     truth: {silent: false, kind: latency, cause: slow model, signals: [latency]}}
  - {name: early, at: 1d, until: 1d2h, command: {reindex: "2019"}, undo: {reindex: "2026"},
     truth: {silent: true, kind: drift, cause: old index, query_types: [car]}}
look_at: [observatory runs]
)yaml";

Scenario Parsed(std::string_view text = kText) {
  auto scenario = ParseScenario(text, "examples/loans/scenario.yaml");
  EXPECT_TRUE(scenario.ok()) << scenario.status().ToString();
  return scenario.ok() ? *scenario : Scenario{};
}

std::string MessageOf(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  return ParseScenario(text, "s.yaml").status().message();
}

TEST(ScenarioTest, ReadsEveryPart) {
  const Scenario scenario = Parsed();
  EXPECT_EQ(scenario.name, "loans");
  EXPECT_EQ(scenario.directory, "examples/loans");
  EXPECT_EQ(scenario.agent.program, "loans");
  EXPECT_EQ(scenario.services[0].arguments, (std::vector<std::string>{"--role", "writer"}));
  EXPECT_EQ(scenario.model.first_token, 350 * kMillisecond);
  EXPECT_EQ(scenario.duration, 2 * kDay);
  ASSERT_EQ(scenario.faults.size(), 2U);
  EXPECT_EQ(scenario.faults[0].name, "early");
  EXPECT_EQ(scenario.faults[0].command, R"({"reindex":"2019"})");
  EXPECT_EQ(scenario.faults[0].undo, R"({"reindex":"2026"})");
  EXPECT_EQ(scenario.faults[0].until, kDay + 2 * kHour);
  EXPECT_EQ(scenario.faults[1].model, R"({"slow":{"factor":4}})");
  EXPECT_FALSE(scenario.faults[1].truth.silent);
}

TEST(ScenarioTest, ProblemsNameTheirPlaceAndWhatIsPossible) {
  const std::string text(kText);
  EXPECT_EQ(MessageOf(text, "duration: 2d", "duration: long"),
            "cannot read scenario s.yaml:7:11: 'long' is no duration; write 90s, 2h30m, 3d");
  EXPECT_EQ(MessageOf(text, "seed: 7", "sead: 7"),
            "cannot read scenario s.yaml:6:1: a scenario has no 'sead'; it has summary, agent, "
            "services, model, seed, duration, traffic, faults, look_at");
  EXPECT_EQ(MessageOf(text, "at: 1d12h", "at: 3d"),
            "cannot read scenario s.yaml:11:22: the scenario has ended by then");
  EXPECT_EQ(MessageOf(text, "name: late", "name: early"),
            "cannot read scenario s.yaml:13:5: there are two faults named 'early'");
  EXPECT_EQ(MessageOf(text, "agent: loans\n", ""),
            "cannot read scenario s.yaml:2:1: a scenario needs 'agent'");
  EXPECT_EQ(MessageOf(text, ", undo: {reindex: \"2026\"}", ""),
            "cannot read scenario s.yaml:13:34: a command ends with another one: it needs `undo`");
  EXPECT_EQ(MessageOf(text, "agent: loans\n", "agent: loans\nservices: one\n"),
            "cannot read scenario s.yaml:4:11: expected a list of services");
  EXPECT_FALSE(ParseScenario("[", "s.yaml").ok());
  EXPECT_FALSE(ParseScenario("", "s.yaml").ok());
}

TEST(TrafficTest, IsTheSameForTheSameSeedAndByTime) {
  const auto jobs = Schedule(Parsed(), kStart), again = Schedule(Parsed(), kStart);
  ASSERT_EQ(jobs.size(), again.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(jobs[i].at, again[i].at);
    EXPECT_EQ(jobs[i].input, again[i].input);
    if (i > 0) {
      EXPECT_GE(jobs[i].at, jobs[i - 1].at);
    }
  }
}

TEST(TrafficTest, HasItsRateAndItsDay) {
  const auto jobs = Schedule(Parsed(), kStart);
  EXPECT_NEAR(static_cast<double>(jobs.size()), 48 * 20, 120);
  int64_t day = 0;
  for (const Job& job : jobs) {
    const Nanos hour = job.at % kDay / kHour;
    day += hour >= 8 && hour < 20 ? 1 : 0;
  }
  EXPECT_GT(day, static_cast<int64_t>(jobs.size()) * 7 / 10);
}

TEST(TrafficTest, DrawsNumbersAndWords) {
  uint64_t state = 3;
  for (int i = 0; i < 100; ++i) {
    const std::string text = DrawInput("{5..9} {ann|bob} {x} {9..5} {", &state);
    EXPECT_GE(text[0], '5');
    EXPECT_LE(text[0], '9');
    EXPECT_TRUE(text.substr(2) == "ann {x} {9..5} {" || text.substr(2) == "bob {x} {9..5} {")
        << text;
  }
}

}  // namespace
}  // namespace ao::scenario
