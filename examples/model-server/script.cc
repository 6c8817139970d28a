#include "model-server/script.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include "model-server/random.h"
#include "model-server/template.h"

namespace ao::model_server {
namespace {

struct ScriptedCall {
  std::string name;
  Template arguments;
};

struct Turn {
  std::vector<Condition> conditions;
  double chance = 1;
  std::vector<std::string> say;
  std::vector<ScriptedCall> tools;
  int status = 0;
  std::string error, error_type;
  std::optional<std::pair<int64_t, int64_t>> usage;
  std::vector<Turn> cases;
};

// Thrown inside this file only, next to yaml-cpp's own; Script::Add catches both.
struct ScriptError {
  YAML::Mark mark;
  std::string reason;
};

[[noreturn]] void Fail(const YAML::Node& node, std::string reason) {
  throw ScriptError{node.Mark(), std::move(reason)};
}

void CheckKeys(const YAML::Node& map, std::initializer_list<std::string_view> known) {
  if (!map.IsMap()) Fail(map, "expected a map");
  for (const auto& member : map) {
    const std::string key = member.first.Scalar();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      Fail(member.first,
           fmt::format("unknown key '{}'; known are {}", key, fmt::join(known, ", ")));
    }
  }
}

std::string ScalarOf(const YAML::Node& node) {
  if (!node.IsScalar()) Fail(node, "expected a text");
  return node.Scalar();
}

std::unique_ptr<re2::RE2> ReadPattern(const YAML::Node& node) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<re2::RE2>(ScalarOf(node), options);
  if (!pattern->ok()) {
    Fail(node, fmt::format("'{}' is no regular expression: {}", node.Scalar(), pattern->error()));
  }
  return pattern;
}

Template ReadTemplate(const YAML::Node& node) {
  Template out;
  if (node.IsSequence()) {
    out.kind = Template::Kind::kList;
    for (const YAML::Node& item : node) out.members.emplace_back("", ReadTemplate(item));
  } else if (node.IsMap()) {
    for (const auto& member : node) {
      out.members.emplace_back(member.first.Scalar(), ReadTemplate(member.second));
    }
  } else {
    out.kind = node.Tag() == "!" ? Template::Kind::kQuoted : Template::Kind::kPlain;
    out.text = node.IsNull() ? "null" : node.Scalar();
  }
  return out;
}

Turn ReadTurn(const YAML::Node& node, bool is_case);

void ReadCases(const YAML::Node& node, Turn* turn) {
  if (const YAML::Node conditions = node["if"]) {
    for (const YAML::Node& item : conditions) {
      if (!Condition::Parse(ScalarOf(item), &turn->conditions.emplace_back())) {
        Fail(item, fmt::format("'{}' is no condition; write \"a < b\"", item.Scalar()));
      }
    }
  }
  if (const YAML::Node chance = node["chance"]) turn->chance = chance.as<double>();
  if (const YAML::Node cases = node["cases"]) {
    for (const YAML::Node& item : cases) turn->cases.push_back(ReadTurn(item, true));
    if (turn->cases.empty()) Fail(cases, "expected a list of cases");
  }
}

void ReadWords(const YAML::Node& node, Turn* turn) {
  if (const YAML::Node say = node["say"]) {
    if (say.IsSequence()) {
      for (const YAML::Node& variant : say) turn->say.push_back(ScalarOf(variant));
    } else {
      turn->say.push_back(ScalarOf(say));
    }
  }
  if (const YAML::Node tools = node["tools"]) {
    for (const YAML::Node& call : tools) {
      CheckKeys(call, {"name", "arguments"});
      if (!call["name"]) Fail(call, "a tool call needs a name");
      ScriptedCall scripted{ScalarOf(call["name"]), {}};
      if (call["arguments"]) scripted.arguments = ReadTemplate(call["arguments"]);
      turn->tools.push_back(std::move(scripted));
    }
  }
}

Turn ReadTurn(const YAML::Node& node, bool is_case) {
  CheckKeys(node, {"say", "tools", "status", "error", "type", "usage", "cases", "if", "chance"});
  if (!is_case && (node["if"] || node["chance"])) {
    Fail(node, "`if` and `chance` belong into `cases`");
  }
  Turn turn;
  ReadCases(node, &turn);
  ReadWords(node, &turn);
  if (node["status"]) turn.status = node["status"].as<int>();
  if (node["error"]) turn.error = ScalarOf(node["error"]);
  turn.error_type = node["type"] ? ScalarOf(node["type"]) : "server_error";
  if (const YAML::Node usage = node["usage"]) {
    if (!usage.IsSequence() || usage.size() != 2) Fail(usage, "expected [prompt, completion]");
    turn.usage = {usage[0].as<int64_t>(), usage[1].as<int64_t>()};
  }
  if (turn.say.empty() && turn.tools.empty() && turn.status == 0 && turn.cases.empty()) {
    Fail(node, "a turn needs one of say, tools, status, cases");
  }
  return turn;
}

// The case to take, at any depth; null when none holds.
const Turn* Settle(const Turn& turn, const Values& values, Random* random) {
  if (turn.cases.empty()) return &turn;
  for (const Turn& option : turn.cases) {
    const bool holds = std::all_of(option.conditions.begin(), option.conditions.end(),
                                   [&](const Condition& c) { return c.Holds(values); });
    if (holds && (option.chance >= 1 || random->Uniform() < option.chance)) {
      return Settle(option, values, random);
    }
  }
  return nullptr;
}

Answer Speak(const Turn& turn, const Values& values, Random* random) {
  Answer answer;
  answer.usage = turn.usage;
  if (turn.status != 0) {
    answer.error_status = turn.status;
    answer.error_type = turn.error_type;
    answer.error_message = Fill(turn.error, values);
    return answer;
  }
  if (!turn.say.empty()) answer.text = Fill(turn.say[random->Below(turn.say.size())], values);
  for (const ScriptedCall& call : turn.tools) {
    JsonWriter arguments;
    call.arguments.Write(values, &arguments);
    answer.tool_calls.push_back({call.name, arguments.Take()});
  }
  if (!turn.tools.empty()) answer.finish_reason = "tool_calls";
  return answer;
}

}  // namespace

struct Script::Rule {
  std::unique_ptr<re2::RE2> when, system;
  std::vector<std::pair<std::string, std::unique_ptr<re2::RE2>>> extract;
  std::vector<Turn> turns;

  static std::unique_ptr<Rule> Read(const YAML::Node& node);
  // Groups of `when` and everything extracted; false when the rule does not fit.
  bool Match(const ChatRequest& request, Values* values) const;
};

std::unique_ptr<Script::Rule> Script::Rule::Read(const YAML::Node& node) {
  CheckKeys(node, {"when", "system", "extract", "turns"});
  if (!node["when"]) Fail(node, "a rule needs `when`");
  auto rule = std::make_unique<Rule>();
  rule->when = ReadPattern(node["when"]);
  if (node["system"]) rule->system = ReadPattern(node["system"]);
  if (const YAML::Node extract = node["extract"]) {
    for (const auto& member : extract) {
      auto pattern = ReadPattern(member.second);
      if (pattern->NumberOfCapturingGroups() != 1) {
        Fail(member.second, "an expression to extract with needs exactly one (group)");
      }
      rule->extract.emplace_back(member.first.Scalar(), std::move(pattern));
    }
  }
  const YAML::Node turns = node["turns"];
  if (!turns || !turns.IsSequence() || turns.size() == 0) Fail(node, "a rule needs `turns`");
  for (const YAML::Node& turn : turns) rule->turns.push_back(ReadTurn(turn, false));
  return rule;
}

bool Script::Rule::Match(const ChatRequest& request, Values* values) const {
  if (system != nullptr && !re2::RE2::PartialMatch(request.First("system"), *system)) return false;
  const std::string& question = request.First("user");
  constexpr int kGroups = 10;
  re2::StringPiece groups[kGroups];
  const int wanted = std::min(when->NumberOfCapturingGroups() + 1, kGroups);
  if (!when->Match(question, 0, question.size(), re2::RE2::UNANCHORED, groups, wanted)) {
    return false;
  }
  for (int i = 0; i < wanted; ++i) values->emplace(std::to_string(i), groups[i]);
  for (const auto& [name, pattern] : extract) {
    re2::StringPiece rest(request.conversation);
    std::string last;
    while (!rest.empty() && re2::RE2::FindAndConsume(&rest, *pattern, &last))
      (*values)[name] = last;
  }
  return true;
}

Script::Script() = default;
Script::~Script() = default;
Script::Script(Script&&) noexcept = default;
Script& Script::operator=(Script&&) noexcept = default;

Status Script::Add(std::string_view text, const std::string& name) {
  const auto problem = [&](const YAML::Mark& mark, const std::string& reason) {
    return InvalidArgument(fmt::format("cannot read script {}:{}:{}: {}", name, mark.line + 1,
                                       mark.column + 1, reason));
  };
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (!root.IsSequence()) return problem(root.Mark(), "expected a list of rules");
    for (const YAML::Node& node : root) rules_.push_back(Rule::Read(node));
    return OkStatus();
  } catch (const ScriptError& error) {
    return problem(error.mark, error.reason);
  } catch (const YAML::Exception& error) {
    return problem(error.mark, error.msg);
  }
}

bool Script::Choose(const ChatRequest& request, uint64_t hash, Answer* answer) const {
  for (const auto& rule : rules_) {
    Values values;
    if (!rule->Match(request, &values)) continue;
    const size_t turn =
        std::min(static_cast<size_t>(request.assistant_messages()), rule->turns.size() - 1);
    Random random(hash);
    const Turn* settled = Settle(rule->turns[turn], values, &random);
    if (settled == nullptr) continue;
    *answer = Speak(*settled, values, &random);
    return true;
  }
  return false;
}

}  // namespace ao::model_server
