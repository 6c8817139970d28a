// ao_cases [--update] [--data FOLDER] [--shared FOLDER] FILE...: runs text cases (README.md).
// --update writes what the commands print into the files instead of comparing.

#include <regex.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "cases/commands.h"

namespace ao::cases {
namespace {

constexpr int kExitSkipped = 77;

enum class Outcome : uint8_t { kPassed, kFailed, kSkipped };

struct Options {
  bool update = false;
  Folders folders;
  std::vector<std::string> files;
};

std::string Indented(std::string_view text) {
  std::string out = "    ";
  for (const char c : text) {
    out.push_back(c);
    if (c == '\n') out += "    ";
  }
  return out;
}

// A POSIX extended regular expression, found anywhere in the text.
bool Matches(const std::string& text, const std::string& pattern) {
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

// Empty when the block did what it says.
std::string Compare(const Block& block, const Result<std::string>& output) {
  if (!output.ok()) {
    const std::string message = output.status().ToString();
    if (block.expected_error.empty()) return "failed: " + message + "\n";
    if (Matches(message, block.expected_error)) return {};
    return fmt::format("failed with: {}\n  expected: {}\n", message, block.expected_error);
  }
  if (!block.expected_error.empty()) {
    return fmt::format("succeeded, expected to fail with: {}\n", block.expected_error);
  }
  if (*output == block.expected) return {};
  return fmt::format("printed:\n{}\n  expected:\n{}\n", Indented(*output),
                     Indented(block.expected));
}

Outcome RunFile(const std::string& path, const Options& options) {
  const auto fail = [&](const Status& status) {
    fmt::print("{}: {}\n", path, status.ToString());
    return Outcome::kFailed;
  };
  const Result<std::string> text = ReadFile(PosixFileSystem(), path);
  if (!text.ok()) return fail(text.status());
  Result<CaseFile> file = ParseCase(*text);
  if (!file.ok()) return fail(file.status());
  auto world = World::Create();
  if (!world.ok()) return fail(world.status());
  Outcome outcome = Outcome::kPassed;
  for (Block& block : file->blocks) {
    Result<std::string> output = Run(block, options.folders, **world);
    if (!output.ok() && output.status().code() == StatusCode::kUnavailable) {
      fmt::print("{}: skipped: {}\n", path, output.status().message());
      return Outcome::kSkipped;
    }
    if (options.update && output.ok() && block.expected_error.empty()) {
      block.expects_output = block.expects_output || !output->empty();
      block.expected = std::move(*output);
      continue;
    }
    const std::string difference = Compare(block, output);
    if (difference.empty()) continue;
    fmt::print("{}:{}: {} {}: {}", path, block.line, block.command, block.arguments, difference);
    outcome = Outcome::kFailed;
  }
  if (const std::string now = FormatCase(*file); options.update && now != *text) {
    if (const Status s = WriteFileAtomically(PosixFileSystem(), path, now); !s.ok()) return fail(s);
    fmt::print("{}: updated\n", path);
  }
  return outcome;
}

int Main(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--update") {
      options.update = true;
    } else if (argument == "--data" && i + 1 < count) {
      options.folders.data = arguments[++i];
    } else if (argument == "--shared" && i + 1 < count) {
      options.folders.shared = arguments[++i];
    } else {
      options.files.push_back(argument);
    }
  }
  int passed = 0, failed = 0, skipped = 0;
  for (const std::string& path : options.files) {
    switch (RunFile(path, options)) {
      case Outcome::kPassed: ++passed; break;
      case Outcome::kFailed: ++failed; break;
      case Outcome::kSkipped: ++skipped; break;
    }
  }
  fmt::print("{} passed, {} failed, {} skipped\n", passed, failed, skipped);
  if (failed > 0 || options.files.empty()) return 1;
  return passed == 0 ? kExitSkipped : 0;
}

}  // namespace
}  // namespace ao::cases

int main(int count, char** arguments) { return ao::cases::Main(count, arguments); }
