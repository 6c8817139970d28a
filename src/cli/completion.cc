#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/help.h"

namespace ao::cli {
namespace {

std::vector<Flag> FlagsOf(const Command& command) {
  std::vector<Flag> flags = command.flags;
  if (command.uses_server) flags.insert(flags.end(), ServerFlags().begin(), ServerFlags().end());
  flags.insert(flags.end(), CommonFlags().begin(), CommonFlags().end());
  flags.push_back({.name = "help", .value = "", .doc = "Show the full help"});
  return flags;
}

// "run": {"show"}; a command of one word has no entry.
std::vector<std::string> SecondWords(const std::vector<Command>& commands, std::string_view first) {
  std::vector<std::string> words;
  for (const Command& command : commands) {
    const std::string prefix = std::string(first) + " ";
    if (command.path.starts_with(prefix)) words.push_back(command.path.substr(prefix.size()));
  }
  return words;
}

std::vector<std::string> FirstWords(const std::vector<Command>& commands) {
  std::vector<std::string> words;
  for (const Command& command : commands) {
    std::string word = command.path.substr(0, command.path.find(' '));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words;
}

std::string Quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out.push_back(c);
    }
  }
  return "'" + out + "'";
}

std::string FlagNames(const Command& command) {
  std::vector<std::string> names;
  for (const Flag& flag : FlagsOf(command)) names.push_back("--" + flag.name);
  return fmt::format("{}", fmt::join(names, " "));
}

std::string Bash(const std::vector<Command>& commands) {
  std::string by_path, by_value;
  for (const Command& command : commands) {
    by_path += fmt::format("    '{}') words='{}' ;;\n", command.path, FlagNames(command));
    for (const Flag& flag : FlagsOf(command)) {
      if (flag.choices.empty()) continue;
      by_value += fmt::format(
          "    '{} --{}') COMPREPLY=($(compgen -W '{}' -- \"$current\")); "
          "return ;;\n",
          command.path, flag.name, fmt::join(flag.choices, " "));
    }
  }
  std::string second;
  for (const std::string& word : FirstWords(commands)) {
    const auto words = SecondWords(commands, word);
    if (!words.empty())
      second += fmt::format("    {}) words='{}' ;;\n", word, fmt::join(words, " "));
  }
  return fmt::format(R"(# bash completion for observatory
_observatory() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words=
  local command=${{COMP_WORDS[1]}}
  case "$command" in
    {0}) [ "$COMP_CWORD" -gt 2 ] && command="$command ${{COMP_WORDS[2]}}" ;;
  esac
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{1}' -- "$current"))
    return
  fi
  case "$command $previous" in
{2}  esac
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "$command" in
{3}    esac
    if [ -n "$words" ] && [[ "$current" != -* ]]; then
      COMPREPLY=($(compgen -W "$words" -- "$current"))
      return
    fi
  fi
  case "$command" in
{4}  esac
  [[ "$current" == -* ]] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _observatory observatory
)",
                     [&] {
                       std::vector<std::string> nested;
                       for (const std::string& word : FirstWords(commands)) {
                         if (!SecondWords(commands, word).empty()) nested.push_back(word);
                       }
                       return nested.empty() ? std::string("-")
                                             : fmt::format("{}", fmt::join(nested, "|"));
                     }(),
                     fmt::join(FirstWords(commands), " "), by_value, second, by_path);
}

// In zsh's _arguments specifications brackets and colons are syntax.
std::string ZshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string ZshArguments(const Command& command) {
  std::string out = "_arguments";
  for (const Flag& flag : FlagsOf(command)) {
    std::string spec =
        fmt::format("{}--{}[{}]", flag.repeatable ? "*" : "", flag.name, ZshText(flag.doc));
    if (!flag.value.empty()) {
      spec += flag.choices.empty() ? ":value:_default"
                                   : fmt::format(":value:({})", fmt::join(flag.choices, " "));
    }
    out += " \\\n        " + Quoted(spec);
  }
  return out + " \\\n        '*:argument:_default'";
}

std::string Zsh(const std::vector<Command>& commands) {
  std::string names, cases, nested;
  for (const std::string& word : FirstWords(commands)) {
    const auto second = SecondWords(commands, word);
    std::string summary = fmt::format("{}", fmt::join(second, ", "));
    for (const Command& command : commands) {
      if (command.path == word) summary = command.summary;
    }
    names += "    " + Quoted(word + ":" + ZshText(summary)) + "\n";
    if (second.empty()) continue;
    nested += fmt::format(
        "    {})\n      if (( CURRENT == 3 )); then\n        compadd {}\n        return\n      fi\n"
        "      command=\"$command ${{words[3]}}\" ;;\n",
        word, fmt::join(second, " "));
  }
  for (const Command& command : commands) {
    cases += fmt::format("    '{}')\n      {} ;;\n", command.path, ZshArguments(command));
  }
  return fmt::format(R"(#compdef observatory
_observatory() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=${{words[2]}}
  case "$command" in
{}  esac
  case "$command" in
{}  esac
}}
if [ "$funcstack[1]" = "_observatory" ]; then
  _observatory "$@"
else
  compdef _observatory observatory
fi
)",
                     names, nested, cases);
}

std::string Fish(const std::vector<Command>& commands) {
  std::string out = "# fish completion for observatory\ncomplete -c observatory -f\n";
  for (const std::string& word : FirstWords(commands)) {
    std::string summary;
    for (const Command& command : commands) {
      if (command.path == word) summary = command.summary;
    }
    out += fmt::format("complete -c observatory -n __fish_use_subcommand -a {} -d {}\n", word,
                       Quoted(summary));
    for (const std::string& second : SecondWords(commands, word)) {
      out += fmt::format(
          "complete -c observatory -n '__fish_seen_subcommand_from {0}; and not "
          "__fish_seen_subcommand_from {1}' -a {2}\n",
          word, fmt::join(SecondWords(commands, word), " "), second);
    }
  }
  for (const Command& command : commands) {
    std::string condition;
    for (size_t start = 0; start < command.path.size();) {
      const size_t end = std::min(command.path.find(' ', start), command.path.size());
      if (!condition.empty()) condition += "; and ";
      condition += "__fish_seen_subcommand_from " + command.path.substr(start, end - start);
      start = end + 1;
    }
    for (const Flag& flag : FlagsOf(command)) {
      out += fmt::format("complete -c observatory -n '{}' -l {} -d {}", condition, flag.name,
                         Quoted(flag.doc));
      if (!flag.value.empty()) out += " -r";
      if (!flag.value.empty() && flag.choices.empty()) out += " -F";
      if (!flag.choices.empty()) out += fmt::format(" -a '{}'", fmt::join(flag.choices, " "));
      out.push_back('\n');
    }
  }
  return out;
}

}  // namespace

Result<std::string> RenderCompletion(const std::vector<Command>& commands, std::string_view shell) {
  if (shell == "bash") return Bash(commands);
  if (shell == "zsh") return Zsh(commands);
  if (shell == "fish") return Fish(commands);
  return InvalidArgument(fmt::format("cannot write completions for '{}'", shell),
                         "write one of bash, zsh, fish");
}

}  // namespace ao::cli
