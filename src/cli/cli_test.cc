// The framework: parsing, suggestions, help, completion, exit codes.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/fake_io.h"
#include "cli/help.h"

namespace ao::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A command that prints what it was given.
Command EchoCommand() {
  return {.path = "echo now",
          .summary = "Repeat the arguments",
          .details = "Long explanation that only the full help shows.",
          .examples = {{"observatory echo now a b", "Two words"}},
          .flags = {{.name = "count",
                     .value = "<n>",
                     .doc = "How often",
                     .default_value = "1",
                     .environment = "ECHO_COUNT",
                     .letter = 'n'},
                    {.name = "tag", .value = "<text>", .doc = "A tag", .repeatable = true},
                    {.name = "loud", .doc = "Louder", .alias = "noisy"},
                    {.name = "mode", .value = "<mode>", .doc = "Mode", .choices = {"a", "b"}},
                    {.name = "secret", .doc = "Rarely needed", .advanced = true}},
          .positionals = {{"first", "The first word"}, {"rest", "The others", false, true}},
          .run =
              [](const Invocation& invocation, Io& io) {
                io.out << invocation.Argument("first") << "|";
                for (const auto& word : invocation.Arguments("rest")) io.out << word << ",";
                io.out << "|" << invocation.Get("count") << "|";
                for (const auto& tag : invocation.All("tag")) io.out << tag << ",";
                io.out << "|" << invocation.On("loud");
                return kExitOk;
              },
          .group = "Test"};
}

struct Echo : FakeTerminal {
  int Run(const std::vector<std::string>& arguments) {
    out.str("");
    err.str("");
    return cli::Run({EchoCommand()}, arguments, io);
  }
};

TEST(ParseTest, FlagsAndPositionalsMix) {
  Echo echo;
  EXPECT_EQ(echo.Run({"echo", "now", "a", "-n", "3", "b", "--tag=x", "--tag", "y", "c", "--loud"}),
            kExitOk);
  EXPECT_EQ(echo.out.str(), "a|b,c,|3|x,y,|1");
  EXPECT_EQ(echo.Run({"echo", "now", "a", "--noisy"}), kExitOk);
  EXPECT_THAT(echo.out.str(), ::testing::EndsWith("|1"));
  EXPECT_EQ(echo.Run({"echo", "now", "a", "--loud=false"}), kExitOk);
  EXPECT_THAT(echo.out.str(), ::testing::EndsWith("|0"));
}

TEST(ParseTest, FlagBeatsEnvironmentBeatsDefault) {
  Echo echo;
  echo.Run({"echo", "now", "a"});
  EXPECT_EQ(echo.out.str(), "a||1||0");
  echo.io.environment = {{"ECHO_COUNT", "5"}};
  echo.Run({"echo", "now", "a"});
  EXPECT_EQ(echo.out.str(), "a||5||0");
  echo.Run({"echo", "now", "a", "--count", "7"});
  EXPECT_EQ(echo.out.str(), "a||7||0");
}

TEST(ParseTest, CommonFlagsMayStandInFront) {
  Echo echo;
  EXPECT_EQ(echo.Run({"--color", "never", "echo", "now", "a"}), kExitOk) << echo.err.str();
  EXPECT_EQ(echo.out.str(), "a||1||0");
}

TEST(ParseTest, UsageErrorsExitWithTwoAndSuggest) {
  Echo echo;
  EXPECT_EQ(echo.Run({"ehco", "now"}), kExitUsage);
  EXPECT_EQ(echo.err.str(), "error: unknown command 'ehco'\nhint: did you mean 'echo now'?\n");
  EXPECT_EQ(echo.Run({"echo"}), kExitUsage);
  EXPECT_THAT(echo.err.str(), HasSubstr("commands that begin so: echo now"));
  EXPECT_EQ(echo.Run({"echo", "now", "a", "--cuont", "1"}), kExitUsage);
  EXPECT_EQ(echo.err.str(),
            "error: unknown flag --cuont for echo now\nhint: did you mean --count?\n");
  EXPECT_EQ(echo.Run({"echo", "now"}), kExitUsage);
  EXPECT_THAT(echo.err.str(), HasSubstr("echo now needs <first>: The first word"));
  EXPECT_EQ(echo.Run({"echo", "now", "a", "--mode", "c"}), kExitUsage);
  EXPECT_EQ(echo.err.str(), "error: cannot use 'c' for --mode\nhint: write one of a, b\n");
  EXPECT_EQ(echo.Run({"echo", "now", "a", "--count"}), kExitUsage);
  EXPECT_THAT(echo.err.str(), HasSubstr("--count needs a value"));
  EXPECT_EQ(echo.Run({"completion", "bash", "extra"}), kExitUsage);
  EXPECT_THAT(echo.err.str(), HasSubstr("unexpected argument 'extra'"));
  EXPECT_EQ(echo.Run({}), kExitUsage);
  EXPECT_THAT(echo.out.str(), HasSubstr("Usage: observatory <command>"));
}

TEST(ParseTest, SqlMayBeginWithADash) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"columns":[],"rows":[]})");
  EXPECT_EQ(terminal.Run({"sql", "--", "-- a comment\nSELECT 1"}), kExitOk) << terminal.err.str();
  EXPECT_THAT(terminal.http.requests.at(0).body, HasSubstr("-- a comment\\nSELECT 1"));
}

TEST(HelpTest, ShortHelpIsGolden) {
  Echo echo;
  EXPECT_EQ(echo.Run({"echo", "now", "-h"}), kExitOk);
  EXPECT_EQ(echo.out.str(), R"(Repeat the arguments

Usage: observatory echo now <first> [<rest>...] [flags]

Examples:
  # Two words
  observatory echo now a b

Arguments:
  <first>  The first word
  <rest>   The others

Flags:
  -n, --count <n>    How often [default: 1] [env: ECHO_COUNT]
      --tag <text>   A tag (can be repeated)
      --loud         Louder [also: --noisy]
      --mode <mode>  Mode: a, b

Output:
      --json          Print JSON
      --color <when>  Colour the output: auto, always, never [default: auto]

observatory echo now --help shows more.
)");
}

TEST(HelpTest, FullHelpAddsDetailsAndAdvancedFlags) {
  Echo echo;
  EXPECT_EQ(echo.Run({"echo", "now", "--help"}), kExitOk);
  EXPECT_THAT(echo.out.str(), HasSubstr("Long explanation"));
  EXPECT_THAT(echo.out.str(), HasSubstr("--secret"));
  const std::string full = echo.out.str();
  EXPECT_EQ(echo.Run({"help", "echo", "now"}), kExitOk);
  EXPECT_EQ(echo.out.str(), full);
}

TEST(HelpTest, HelpWinsOverMissingArguments) {
  FakeTerminal terminal;
  EXPECT_EQ(terminal.Run({"run", "show", "--help"}), kExitOk);
  EXPECT_THAT(terminal.out.str(), HasSubstr("Usage: observatory run show <trace_id>"));
}

TEST(HelpTest, EveryCommandHasSummaryAndExamplesThatParse) {
  for (const Command& command : WithBuiltIns(ClientCommands())) {
    EXPECT_FALSE(command.summary.empty()) << command.path;
    EXPECT_FALSE(command.summary.ends_with('.')) << command.path;
    EXPECT_FALSE(command.examples.empty()) << command.path;
    for (const Example& example : command.examples) {
      EXPECT_THAT(example.command, HasSubstr("observatory " + command.path));
    }
  }
}

TEST(VersionTest, DashDashVersionIsTheCommand) {
  FakeTerminal terminal;
  EXPECT_EQ(terminal.Run({"--version"}), kExitOk);
  EXPECT_THAT(terminal.out.str(), ::testing::StartsWith("observatory "));
  EXPECT_EQ(terminal.Run({"version", "--json"}), kExitOk);
  EXPECT_THAT(terminal.out.str(), HasSubstr("\"version\":\""));
}

TEST(CompletionTest, UnknownShellIsAUsageError) {
  FakeTerminal terminal;
  EXPECT_EQ(terminal.Run({"completion", "tcsh"}), kExitUsage);
  EXPECT_THAT(terminal.err.str(), HasSubstr("bash, zsh, fish"));
}

// What bash offers for the words of a command line.
std::string CompleteInBash(const std::string& script, const std::string& words, int index) {
  const std::string path = ::testing::TempDir() + "completion.bash";
  std::ofstream(path) << script << "COMP_WORDS=(" << words << ")\nCOMP_CWORD=" << index
                      << "\n_observatory\necho \"${COMPREPLY[@]}\"\n";
  const std::string output = path + ".out";
  const int code = std::system(("bash " + path + " > " + output + " 2>&1").c_str());
  EXPECT_EQ(code, 0);
  std::ifstream in(output);
  std::string line;
  std::getline(in, line);
  return line;
}

TEST(CompletionTest, BashOffersCommandsFlagsAndChoices) {
  FakeTerminal terminal;
  ASSERT_EQ(terminal.Run({"completion", "bash"}), kExitOk);
  const std::string script = terminal.out.str();
  EXPECT_EQ(CompleteInBash(script, "observatory ru", 1), "runs run");
  EXPECT_EQ(CompleteInBash(script, "observatory keys ''", 2), "create list revoke");
  EXPECT_EQ(CompleteInBash(script, "observatory runs --sta", 2), "--status");
  EXPECT_EQ(CompleteInBash(script, "observatory runs --status ''", 3), "ok error live");
  EXPECT_EQ(CompleteInBash(script, "observatory run show --asc", 3), "--ascii");
}

TEST(CompletionTest, ZshAndFishNameEveryCommand) {
  for (const std::string shell : {"zsh", "fish"}) {
    const auto script = RenderCompletion(WithBuiltIns(ClientCommands()), shell);
    ASSERT_TRUE(script.ok());
    for (const std::string word : {"runs", "show", "create", "--origin", "fail-empty"}) {
      const std::string bare = word.starts_with("--") ? word.substr(2) : word;
      EXPECT_THAT(*script, HasSubstr(bare)) << shell;
    }
  }
}

TEST(ColourTest, NoColorAndFlagAndPipeDecide) {
  const auto painted = [](bool tty, std::vector<std::pair<std::string, std::string>> environment,
                          std::vector<std::string> words) {
    FakeTerminal terminal;
    terminal.io.out_is_tty = tty;
    terminal.io.environment = std::move(environment);
    terminal.Run(words);
    return terminal.io.colour;
  };
  EXPECT_TRUE(painted(true, {}, {"version"}));
  EXPECT_FALSE(painted(false, {}, {"version"}));
  EXPECT_FALSE(painted(true, {{"NO_COLOR", "1"}}, {"version"}));
  EXPECT_TRUE(painted(true, {{"NO_COLOR", "1"}}, {"version", "--color", "always"}));
  EXPECT_TRUE(painted(false, {{"CLICOLOR_FORCE", "1"}}, {"version"}));
  EXPECT_FALSE(painted(true, {}, {"version", "--color=never"}));
}

TEST(SettingFlagsTest, AFlagBeatsTheEnvironmentOfItsSetting) {
  FakeTerminal terminal;
  terminal.io.environment = {{"AO_DATA_DIR", "from-env"}, {"AO_HTTP_LISTEN", ":1"}};
  EXPECT_EQ(terminal.Run({"config", "show", "--origin", "--data-dir", "from-flag",
                          "--allow-unauthenticated"}),
            kExitOk)
      << terminal.err.str();
  EXPECT_THAT(terminal.out.str(), HasSubstr("data_dir\tfrom-flag\tflag --data-dir\n"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("http.listen\t:1\tenvironment AO_HTTP_LISTEN\n"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("auth.allow_unauthenticated\ttrue\tflag"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("log.level\tinfo\tdefault\n"));
}

TEST(ConfigCheckTest, ReportsProblemsWithPositionAndExitsWithOne) {
  const std::string path = ::testing::TempDir() + "check.yaml";
  std::ofstream(path) << "http:\n  lisen: :1\n";
  FakeTerminal terminal;
  EXPECT_EQ(terminal.Run({"config", "check", path}), kExitFailure);
  EXPECT_THAT(terminal.err.str(), HasSubstr("check.yaml:2:10: unknown setting http.lisen"));
  EXPECT_THAT(terminal.err.str(), HasSubstr("hint: did you mean http.listen?"));
  std::ofstream(path) << "http:\n  listen: :1\n";
  EXPECT_EQ(terminal.Run({"config", "check", path}), kExitOk);
  EXPECT_THAT(terminal.out.str(), HasSubstr("ok, 1 settings"));
}

TEST(KeysCommandTest, CreateListRevoke) {
  const std::string directory = ::testing::TempDir() + "cli-keys";
  std::filesystem::remove_all(directory);
  FakeTerminal terminal;
  EXPECT_EQ(terminal.Run(
                {"keys", "create", "--project", "team", "--name", "ci", "--data-dir", directory}),
            kExitOk)
      << terminal.err.str();
  const std::string secret = terminal.out.str();
  EXPECT_THAT(secret, ::testing::MatchesRegex("ao_team_[0-9A-Za-z]{40}\n"));
  EXPECT_EQ(terminal.Run({"keys", "list", "--data-dir", directory}), kExitOk);
  EXPECT_THAT(terminal.out.str(), HasSubstr("\tteam\tci\tingest,read\t2026-01-31T10:00:00.000Z\t"));
  EXPECT_THAT(terminal.out.str(), Not(HasSubstr(secret.substr(0, 30))));
  std::istringstream lines(terminal.out.str());
  std::string header, id;
  std::getline(lines, header);
  std::getline(lines, id, '\t');
  EXPECT_EQ(terminal.Run({"keys", "revoke", id, "--data-dir", directory}), kExitOk);
  EXPECT_EQ(terminal.Run({"keys", "revoke", "nope", "--data-dir", directory}), kExitNothingFound);
  EXPECT_EQ(terminal.Run({"keys", "create", "--scopes", "fly", "--data-dir", directory}),
            kExitUsage);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace ao::cli
