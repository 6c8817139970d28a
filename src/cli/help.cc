#include "cli/help.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ao::cli {
namespace {

constexpr size_t kWidth = 92;

// `text` broken into lines of at most `width`, the later ones indented.
std::string Wrap(std::string_view text, size_t indent, size_t width) {
  std::string out;
  size_t column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out.push_back(' ');
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string UsageOf(const Command& command) {
  std::string out = "observatory " + command.path;
  for (const Positional& positional : command.positionals) {
    const std::string dots = positional.repeatable ? "..." : "";
    out += positional.required ? fmt::format(" <{}>{}", positional.name, dots)
                               : fmt::format(" [<{}>{}]", positional.name, dots);
  }
  return out + " [flags]";
}

std::string NameOf(const Flag& flag) {
  std::string out = flag.letter != 0 ? fmt::format("-{}, --{}", flag.letter, flag.name)
                                     : fmt::format("    --{}", flag.name);
  if (!flag.value.empty()) out += " " + flag.value;
  return out;
}

std::string DocOf(const Flag& flag) {
  std::string out = flag.doc;
  if (!flag.choices.empty() && flag.value.find('|') == std::string::npos) {
    out += fmt::format(": {}", fmt::join(flag.choices, ", "));
  }
  if (flag.repeatable) out += " (can be repeated)";
  if (!flag.default_value.empty()) out += fmt::format(" [default: {}]", flag.default_value);
  if (!flag.environment.empty()) out += fmt::format(" [env: {}]", flag.environment);
  if (!flag.alias.empty()) out += fmt::format(" [also: --{}]", flag.alias);
  return out;
}

std::string RenderFlags(std::string_view title, const std::vector<Flag>& flags, bool full) {
  constexpr size_t kWidestName = 30;
  size_t widest = 0;
  for (const Flag& flag : flags) {
    if (full || !flag.advanced)
      widest = std::max(widest, std::min(NameOf(flag).size(), kWidestName));
  }
  std::string out;
  for (const Flag& flag : flags) {
    if (!full && flag.advanced) continue;
    std::string name = NameOf(flag);
    const size_t indent = widest + 4;
    out += "  " + name;
    out += name.size() > widest ? "\n" + std::string(indent, ' ')
                                : std::string(widest - name.size() + 2, ' ');
    out += Wrap(DocOf(flag), indent, kWidth) + "\n";
  }
  return out.empty() ? out : fmt::format("\n{}:\n{}", title, out);
}

std::string RenderPositionals(const Command& command) {
  if (command.positionals.empty()) return "";
  size_t widest = 0;
  for (const Positional& p : command.positionals) widest = std::max(widest, p.name.size() + 2);
  std::string out = "\nArguments:\n";
  for (const Positional& p : command.positionals) {
    out +=
        fmt::format("  {:<{}}  {}\n", "<" + p.name + ">", widest, Wrap(p.doc, widest + 4, kWidth));
  }
  return out;
}

// Groups in the order of their first command.
std::vector<std::string> GroupsOf(const std::vector<Command>& commands) {
  std::vector<std::string> groups;
  for (const Command& command : commands) {
    if (std::find(groups.begin(), groups.end(), command.group) == groups.end()) {
      groups.push_back(command.group);
    }
  }
  return groups;
}

}  // namespace

std::string RenderOverview(const std::vector<Command>& commands) {
  std::string out =
      "Agent Observatory: see, query and debug what your agents did.\n\n"
      "Usage: observatory <command> [flags]\n";
  size_t widest = 0;
  for (const Command& command : commands) widest = std::max(widest, command.path.size());
  for (const std::string& group : GroupsOf(commands)) {
    out += fmt::format("\n{}:\n", group);
    for (const Command& command : commands) {
      if (command.group == group) {
        out += fmt::format("  {:<{}}  {}\n", command.path, widest, command.summary);
      }
    }
  }
  out +=
      "\nobservatory <command> --help explains a command. Exit codes: 0 ok, 1 failure, 2 usage,\n"
      "3 not found, 4 not authorised, 5 partly done.\n";
  return out;
}

std::string RenderHelp(const Command& command, bool full) {
  std::string out = command.summary + "\n\nUsage: " + UsageOf(command) + "\n";
  if (!command.examples.empty()) {
    out += "\nExamples:\n";
    for (const Example& example : command.examples) {
      out += fmt::format("  # {}\n  {}\n", example.doc, example.command);
    }
  }
  if (full && !command.details.empty()) out += "\n" + Wrap(command.details, 0, kWidth) + "\n";
  out += RenderPositionals(command);
  out += RenderFlags("Flags", command.flags, full);
  if (command.uses_server) out += RenderFlags("Server", ServerFlags(), full);
  out += RenderFlags("Output", CommonFlags(), full);
  const bool more =
      !command.details.empty() || std::any_of(command.flags.begin(), command.flags.end(),
                                              [](const Flag& flag) { return flag.advanced; });
  if (!full && more) out += fmt::format("\nobservatory {} --help shows more.\n", command.path);
  return out;
}

std::string RenderCliMarkdown(const std::vector<Command>& commands) {
  std::string out =
      "# Command line\n\n"
      "<!-- Generated from the command table by `observatory help --markdown`; do not edit. -->\n\n"
      "Data goes to standard output, everything else to standard error. On a terminal lists are "
      "aligned tables with relative times and shortened ids; in a pipe they are tab-separated "
      "with a header line and full values; `--json` prints objects. `NO_COLOR`, `CLICOLOR_FORCE` "
      "and `--color` are honoured. Errors are `error: cannot ...: ...` and, where something can "
      "be done, a `hint: ...`.\n\n"
      "| Exit code | Meaning |\n|---|---|\n| 0 | ok |\n| 1 | failure |\n| 2 | wrong usage |\n"
      "| 3 | not found; for lists only with `--fail-empty` |\n| 4 | not authenticated or not "
      "allowed |\n"
      "| 5 | partly done: some records were refused |\n";
  for (const std::string& group : GroupsOf(commands)) {
    out += fmt::format("\n## {}\n", group);
    for (const Command& command : commands) {
      if (command.group != group) continue;
      out += fmt::format("\n### {}\n\n```text\n{}```\n", command.path, RenderHelp(command, true));
    }
  }
  return out;
}

}  // namespace ao::cli
