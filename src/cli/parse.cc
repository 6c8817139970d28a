#include "cli/parse.h"

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/suggest.h"

namespace ao::cli {
namespace {

std::vector<std::string> WordsOf(const std::string& path) {
  std::vector<std::string> words;
  for (size_t start = 0; start < path.size();) {
    const size_t end = std::min(path.find(' ', start), path.size());
    words.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

std::vector<Flag> AllFlagsOf(const Command& command) {
  std::vector<Flag> flags = command.flags;
  if (command.uses_server) {
    flags.insert(flags.end(), ServerFlags().begin(), ServerFlags().end());
  }
  flags.insert(flags.end(), CommonFlags().begin(), CommonFlags().end());
  return flags;
}

// Moves flags in front of the command behind its name: `--color never runs` is `runs --color
// never`.
std::vector<std::string> CommandFirst(const std::vector<std::string>& arguments) {
  std::vector<Flag> flags = CommonFlags();
  flags.insert(flags.end(), ServerFlags().begin(), ServerFlags().end());
  size_t taken = 0;
  while (taken < arguments.size() && arguments[taken].starts_with("--")) {
    const std::string& word = arguments[taken++];
    for (const Flag& flag : flags) {
      if (word == "--" + flag.name && !flag.value.empty() && taken < arguments.size()) ++taken;
    }
  }
  std::vector<std::string> out(arguments.begin() + static_cast<std::ptrdiff_t>(taken),
                               arguments.end());
  // Behind the words of the command, in front of a possible "--".
  size_t words = 0;
  while (words < out.size() && !out[words].starts_with('-')) ++words;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(words), arguments.begin(),
             arguments.begin() + static_cast<std::ptrdiff_t>(taken));
  return out;
}

Status UnknownCommand(const std::vector<Command>& commands, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.path);
  // `run` alone is the beginning of `run show`.
  std::vector<std::string> beginnings;
  for (const std::string& name : names) {
    if (name.starts_with(words[0] + " ")) beginnings.push_back(name);
  }
  if (!beginnings.empty()) {
    const std::string given = words.size() > 1 ? words[0] + " " + words[1] : words[0];
    return InvalidArgument(fmt::format("unknown command '{}'", given),
                           fmt::format("commands that begin so: {}", fmt::join(beginnings, ", ")));
  }
  std::string hint;
  if (words.size() > 1) hint = config::Nearest(words[0] + " " + words[1], names);
  if (hint.empty()) hint = config::Nearest(words[0], names);
  return InvalidArgument(fmt::format("unknown command '{}'", words[0]),
                         hint.empty() ? "observatory help lists the commands"
                                      : fmt::format("did you mean '{}'?", hint));
}

Status UnknownArgument(const std::string& word, const Command& command) {
  if (!word.starts_with('-') || word == "-") {
    return InvalidArgument(fmt::format("unexpected argument '{}' for {}", word, command.path),
                           fmt::format("observatory {} --help", command.path));
  }
  std::vector<std::string> names;
  for (const Flag& flag : AllFlagsOf(command)) names.push_back("--" + flag.name);
  const std::string name = word.substr(0, word.find('='));
  std::string hint = config::DidYouMean(name, names);
  if (hint.empty()) hint = fmt::format("observatory {} --help lists the flags", command.path);
  return InvalidArgument(fmt::format("unknown flag {} for {}", name, command.path), hint);
}

// The values of one command line, filled by CLI11.
struct Slots {
  std::map<std::string, std::vector<std::string>> flags;
  std::map<std::string, CLI::Option*> switches;
  std::map<std::string, std::vector<std::string>> positionals;
  int short_help = 0;
  int full_help = 0;
};

void Declare(const Command& command, const std::vector<Flag>& flags, CLI::App* app, Slots* slots) {
  app->set_help_flag();
  app->allow_extras();
  app->add_flag("-h", slots->short_help);
  app->add_flag("--help", slots->full_help);
  for (const Flag& flag : flags) {
    std::string names = "--" + flag.name;
    if (flag.letter != 0) names = fmt::format("-{},{}", flag.letter, names);
    if (!flag.alias.empty()) names += ",--" + flag.alias;
    if (flag.value.empty()) {
      slots->switches[flag.name] = app->add_flag(names);
      continue;
    }
    CLI::Option* option = app->add_option(names, slots->flags[flag.name]);
    option->allow_extra_args(false)->expected(1);
    option->multi_option_policy(flag.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                : CLI::MultiOptionPolicy::TakeLast);
  }
  for (const Positional& positional : command.positionals) {
    CLI::Option* option = app->add_option(positional.name, slots->positionals[positional.name]);
    option->expected(positional.repeatable ? -1 : 1)->allow_extra_args(positional.repeatable);
  }
}

Status CheckChoice(const Flag& flag, const std::string& value) {
  if (flag.choices.empty() || std::count(flag.choices.begin(), flag.choices.end(), value) > 0) {
    return OkStatus();
  }
  return InvalidArgument(fmt::format("cannot use '{}' for --{}", value, flag.name),
                         fmt::format("write one of {}", fmt::join(flag.choices, ", ")));
}

Status Collect(const Command& command, const std::vector<Flag>& flags, const Slots& slots,
               const Io& io, Invocation* invocation) {
  for (const Flag& flag : flags) {
    if (!flag.default_value.empty()) invocation->defaults_[flag.name] = flag.default_value;
    std::vector<std::string> values;
    if (flag.value.empty()) {
      values = slots.switches.at(flag.name)->results();
    } else {
      values = slots.flags.at(flag.name);
    }
    if (!values.empty()) invocation->given_.insert(flag.name);
    if (values.empty() && !flag.environment.empty()) {
      const std::string value = io.Environment(flag.environment);
      if (!value.empty()) values.push_back(value);
    }
    for (const std::string& value : values) AO_TRY(CheckChoice(flag, value));
    if (!values.empty()) invocation->values_[flag.name] = std::move(values);
  }
  for (const Positional& positional : command.positionals) {
    const auto& values = slots.positionals.at(positional.name);
    if (values.empty() && positional.required) {
      return InvalidArgument(fmt::format("{} needs <{}>: {}", command.path, positional.name,
                                         positional.doc),
                             fmt::format("observatory {} --help", command.path));
    }
    if (!values.empty()) invocation->arguments_[positional.name] = values;
  }
  return OkStatus();
}

// CLI11 reports by exception; what it can still complain about here is a flag without its value.
Status Translate(const CLI::ParseError& error, const Command& command) {
  std::string text = error.what();
  if (const size_t colon = text.find(':'); colon != std::string::npos) {
    text = fmt::format("flag {} needs a value", text.substr(0, colon));
  }
  return InvalidArgument(text, fmt::format("observatory {} --help", command.path));
}

}  // namespace

const Command* FindCommand(const std::vector<Command>& commands,
                           const std::vector<std::string>& words, size_t* consumed) {
  const Command* best = nullptr;
  *consumed = 0;
  for (const Command& command : commands) {
    const std::vector<std::string> path = WordsOf(command.path);
    if (path.size() > *consumed && path.size() <= words.size() &&
        std::equal(path.begin(), path.end(), words.begin())) {
      best = &command;
      *consumed = path.size();
    }
  }
  return best;
}

Result<Parsed> ParseArguments(const std::vector<Command>& commands,
                              const std::vector<std::string>& arguments, const Io& io) {
  const std::vector<std::string> words = CommandFirst(arguments);
  if (words.empty() || words[0].starts_with('-')) {
    return InvalidArgument("cannot run: no command given", "observatory help lists the commands");
  }
  size_t consumed = 0;
  Parsed parsed;
  parsed.command = FindCommand(commands, words, &consumed);
  if (parsed.command == nullptr) return UnknownCommand(commands, words);

  CLI::App app;
  Slots slots;
  const std::vector<Flag> flags = AllFlagsOf(*parsed.command);
  std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(consumed), words.end());
  std::reverse(rest.begin(), rest.end());  // as CLI11 wants it
  try {
    Declare(*parsed.command, flags, &app, &slots);
    app.parse(rest);
  } catch (const CLI::ParseError& error) {
    if (slots.full_help == 0 && slots.short_help == 0) return Translate(error, *parsed.command);
  }
  parsed.short_help = slots.short_help > 0;
  parsed.full_help = slots.full_help > 0;
  if (parsed.short_help || parsed.full_help) return parsed;
  const std::vector<std::string> extras = app.remaining();
  for (const std::string& extra : extras) {
    if (extra != "--") return UnknownArgument(extra, *parsed.command);
  }
  AO_TRY(Collect(*parsed.command, flags, slots, io, &parsed.invocation));
  return parsed;
}

}  // namespace ao::cli
