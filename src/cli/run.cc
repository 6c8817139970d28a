#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "semconv/document.h"

namespace ao::cli {
namespace {

bool WantsColour(const Invocation& invocation, const Io& io) {
  const std::string mode = invocation.Get("color");
  if (mode == "always") return true;
  if (mode == "never" || !io.Environment("NO_COLOR").empty()) return false;
  const std::string force = io.Environment("CLICOLOR_FORCE");
  return io.out_is_tty || (!force.empty() && force != "0");
}

Command HelpCommand(const std::vector<Command>& commands) {
  return {.path = "help",
          .summary = "Explain a command",
          .examples = {{"observatory help run show", "What `run show` does"}},
          .flags = {{.name = "markdown", .doc = "Print docs/cli.md", .advanced = true},
                    {.name = "dialects", .doc = "Print docs/dialects.md", .advanced = true}},
          .positionals = {{"command", "Words of the command", false, true}},
          .run = [commands](const Invocation& invocation, Io& io) {
            const std::vector<Command> all = WithBuiltIns(commands);
            if (invocation.Has("markdown")) {
              io.out << RenderCliMarkdown(all);
              return kExitOk;
            }
            if (invocation.Has("dialects")) {
              io.out << semconv::RenderDialectsMarkdown();
              return kExitOk;
            }
            std::vector<std::string> words = invocation.Arguments("command");
            if (words.empty()) {
              io.out << RenderOverview(all);
              return kExitOk;
            }
            words.emplace_back("--help");
            return Run(commands, words, io);
          }};
}

Command CompletionCommand(const std::vector<Command>& commands) {
  return {.path = "completion",
          .summary = "Print the completion script of a shell",
          .examples = {{"observatory completion bash > /etc/bash_completion.d/observatory",
                        "Install for bash"},
                       {"source <(observatory completion zsh)", "Try it in this zsh"}},
          .positionals = {{"shell", "bash, zsh or fish"}},
          .run = [commands](const Invocation& invocation, Io& io) {
            auto script = RenderCompletion(WithBuiltIns(commands), invocation.Argument("shell"));
            if (!script.ok()) return ReportError(io, script.status());
            io.out << *script;
            return kExitOk;
          }};
}

}  // namespace

std::string Invocation::Get(std::string_view flag) const {
  if (const auto found = values_.find(flag); found != values_.end()) return found->second.back();
  const auto fallback = defaults_.find(flag);
  return fallback == defaults_.end() ? "" : fallback->second;
}

std::vector<std::string> Invocation::All(std::string_view flag) const {
  const auto found = values_.find(flag);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

Result<int64_t> Invocation::Integer(std::string_view flag, int64_t min) const {
  const std::string text = Get(flag);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= min) return value;
  return InvalidArgument(fmt::format("cannot use '{}' for --{}", text, flag),
                         fmt::format("write a whole number of at least {}", min));
}

Result<double> Invocation::Number(std::string_view flag, double min, double max) const {
  const std::string text = Get(flag);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= min && value <= max) {
    return value;
  }
  return InvalidArgument(fmt::format("cannot use '{}' for --{}", text, flag),
                         fmt::format("write a number from {} to {}", min, max));
}

std::string Invocation::Argument(std::string_view positional) const {
  const auto found = arguments_.find(positional);
  return found == arguments_.end() ? "" : found->second.front();
}

std::vector<std::string> Invocation::Arguments(std::string_view positional) const {
  const auto found = arguments_.find(positional);
  return found == arguments_.end() ? std::vector<std::string>() : found->second;
}

std::string Io::Environment(std::string_view name) const {
  for (const auto& [key, value] : environment) {
    if (key == name) return value;
  }
  return "";
}

const std::vector<Flag>& CommonFlags() {
  static const std::vector<Flag> flags = {
      {.name = "json", .doc = "Print JSON"},
      {.name = "color",
       .value = "<when>",
       .doc = "Colour the output",
       .default_value = "auto",
       .choices = {"auto", "always", "never"}},
  };
  return flags;
}

const std::vector<Flag>& ServerFlags() {
  static const std::vector<Flag> flags = {
      {.name = "server",
       .value = "<url>",
       .doc = "Where the server is",
       .default_value = "http://localhost:4318",
       .environment = "OBSERVATORY_URL"},
      {.name = "api-key",
       .value = "<key>",
       .doc = "API key, when the server needs one",
       .environment = "OBSERVATORY_API_KEY"},
      {.name = "timeout",
       .value = "<duration>",
       .doc = "Give up on a request after this time",
       .default_value = "1m",
       .advanced = true},
  };
  return flags;
}

int ReportError(Io& io, const Status& status) {
  std::string_view rest = status.message();
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    io.err << "error: " << rest.substr(0, end) << "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!status.hint().empty()) io.err << "hint: " << status.hint() << "\n";
  return ExitCodeOf(status.code());
}

std::vector<Command> WithBuiltIns(const std::vector<Command>& commands) {
  std::vector<Command> all = commands;
  all.push_back(CompletionCommand(commands));
  all.push_back(HelpCommand(commands));
  return all;
}

int Run(const std::vector<Command>& commands, const std::vector<std::string>& arguments, Io& io) {
  const std::vector<Command> all = WithBuiltIns(commands);
  if (arguments.empty() || arguments[0] == "-h" || arguments[0] == "--help") {
    io.out << RenderOverview(all);
    return arguments.empty() ? kExitUsage : kExitOk;
  }
  std::vector<std::string> words = arguments;
  if (words[0] == "--version" || words[0] == "-V") words[0] = "version";
  auto parsed = ParseArguments(all, words, io);
  if (!parsed.ok()) {
    ReportError(io, parsed.status());
    return kExitUsage;
  }
  if (parsed->short_help || parsed->full_help) {
    io.out << RenderHelp(*parsed->command, parsed->full_help);
    return kExitOk;
  }
  io.colour = WantsColour(parsed->invocation, io);
  return parsed->command->run(parsed->invocation, io);
}

}  // namespace ao::cli
