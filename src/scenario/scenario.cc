#include "scenario/scenario.h"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/json_writer.h"
#include "config/units.h"

namespace ao::scenario {
namespace {

constexpr int64_t kMaxUsers = 1'000'000;

// Thrown inside this file only, next to yaml-cpp's own; ParseScenario catches both.
struct Problem {
  YAML::Mark mark;
  std::string reason;
};

[[noreturn]] void Fail(const YAML::Node& node, std::string reason) {
  throw Problem{node.Mark(), std::move(reason)};
}

void CheckKeys(const YAML::Node& map, std::string_view what,
               std::initializer_list<std::string_view> known,
               std::initializer_list<std::string_view> needed) {
  if (!map.IsMap()) Fail(map, fmt::format("{} must be a map of {}", what, fmt::join(known, ", ")));
  for (const auto& member : map) {
    const std::string key = member.first.Scalar();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      Fail(member.first,
           fmt::format("{} has no '{}'; it has {}", what, key, fmt::join(known, ", ")));
    }
  }
  for (const std::string_view key : needed) {
    if (!map[std::string(key)]) Fail(map, fmt::format("{} needs '{}'", what, key));
  }
}

std::string Text(const YAML::Node& node) {
  if (!node.IsScalar()) Fail(node, "expected a text");
  return node.Scalar();
}

std::vector<std::string> Texts(const YAML::Node& node) {
  if (!node.IsSequence()) Fail(node, "expected a list of texts");
  std::vector<std::string> texts;
  for (const YAML::Node& item : node) texts.push_back(Text(item));
  return texts;
}

Nanos Duration(const YAML::Node& node) {
  const auto duration = config::ParseDuration(Text(node));
  if (!duration.ok()) {
    Fail(node, fmt::format("'{}' is no duration; write 90s, 2h30m, 3d", node.Scalar()));
  }
  return *duration;
}

double Number(const YAML::Node& node, double min, double max) {
  double number = 0;
  if (!node.IsScalar() || !YAML::convert<double>::decode(node, number) || !(number >= min) ||
      number > max) {
    Fail(node, fmt::format("expected a number from {} to {}", min, max));
  }
  return number;
}

void WriteJson(const YAML::Node& node, JsonWriter* json) {
  if (node.IsMap()) {
    json->BeginObject();
    for (const auto& member : node) {
      json->Key(member.first.Scalar());
      WriteJson(member.second, json);
    }
    json->EndObject();
  } else if (node.IsSequence()) {
    json->BeginArray();
    for (const YAML::Node& item : node) WriteJson(item, json);
    json->EndArray();
  } else if (node.IsNull()) {
    json->Null();
  } else {
    const bool plain = node.Tag() != "!";
    bool truth = false;
    int64_t integer = 0;
    double number = 0;
    if (plain && YAML::convert<int64_t>::decode(node, integer)) {
      json->Value(integer);
    } else if (plain && YAML::convert<double>::decode(node, number)) {
      json->Value(number);
    } else if (plain && YAML::convert<bool>::decode(node, truth)) {
      json->Value(truth);
    } else {
      json->Value(node.Scalar());
    }
  }
}

std::string JsonOf(const YAML::Node& node) {
  if (!node.IsMap()) Fail(node, "expected a map");
  JsonWriter json;
  WriteJson(node, &json);
  return json.Take();
}

Program ReadProgram(const YAML::Node& node, bool is_service) {
  if (node.IsScalar() && !is_service) return {node.Scalar(), node.Scalar(), {}};
  const std::string_view what = is_service ? "a service" : "the agent";
  CheckKeys(node, what, {"name", "program", "arguments"}, {"program"});
  Program program;
  program.program = Text(node["program"]);
  program.name = node["name"] ? Text(node["name"]) : program.program;
  if (node["arguments"]) program.arguments = Texts(node["arguments"]);
  return program;
}

Model ReadModel(const YAML::Node& node) {
  CheckKeys(node, "the model", {"script", "first_token", "per_token"}, {});
  Model model;
  if (node["script"]) model.script = Text(node["script"]);
  if (node["first_token"]) model.first_token = Duration(node["first_token"]);
  if (node["per_token"]) model.per_token = Duration(node["per_token"]);
  return model;
}

Traffic ReadTraffic(const YAML::Node& node) {
  CheckKeys(node, "traffic", {"query_type", "per_hour", "daily", "users", "inputs"},
            {"query_type", "per_hour", "inputs"});
  Traffic traffic;
  traffic.query_type = Text(node["query_type"]);
  traffic.per_hour = Number(node["per_hour"], 0, 1e6);
  if (node["daily"]) traffic.daily = Number(node["daily"], 0, 1);
  if (node["users"]) traffic.users = static_cast<int64_t>(Number(node["users"], 1, kMaxUsers));
  traffic.inputs = Texts(node["inputs"]);
  if (traffic.inputs.empty()) Fail(node["inputs"], "expected at least one input");
  return traffic;
}

Truth ReadTruth(const YAML::Node& node) {
  CheckKeys(node, "the truth", {"silent", "kind", "cause", "signals", "query_types"},
            {"silent", "kind", "cause"});
  Truth truth;
  if (!YAML::convert<bool>::decode(node["silent"], truth.silent)) {
    Fail(node["silent"], "expected true or false");
  }
  truth.kind = Text(node["kind"]);
  truth.cause = Text(node["cause"]);
  if (node["signals"]) truth.signals = Texts(node["signals"]);
  if (node["query_types"]) truth.query_types = Texts(node["query_types"]);
  return truth;
}

Fault ReadFault(const YAML::Node& node, Nanos duration) {
  CheckKeys(node, "a fault", {"name", "at", "until", "command", "undo", "model", "truth"},
            {"name", "at", "truth"});
  Fault fault;
  fault.name = Text(node["name"]);
  fault.at = Duration(node["at"]);
  fault.until = node["until"] ? Duration(node["until"]) : duration;
  if (fault.at >= duration) Fail(node["at"], "the scenario has ended by then");
  if (fault.until <= fault.at || fault.until > duration) {
    Fail(node["until"], "must be after `at` and within the duration");
  }
  if (node["command"]) fault.command = JsonOf(node["command"]);
  if (node["model"]) fault.model = JsonOf(node["model"]);
  if (fault.command.empty() && fault.model.empty()) {
    Fail(node, fmt::format("fault '{}' needs `command` or `model`: what is it to do?", fault.name));
  }
  if (node["undo"]) fault.undo = JsonOf(node["undo"]);
  if (!fault.command.empty() && node["until"] && fault.undo.empty()) {
    Fail(node["until"], "a command ends with another one: it needs `undo`");
  }
  fault.truth = ReadTruth(node["truth"]);
  return fault;
}

// The list under `key`; an absent one is empty.
YAML::Node List(const YAML::Node& root, const char* key) {
  const YAML::Node node = root[key];
  if (node && !node.IsSequence() && !node.IsNull()) {
    Fail(node, fmt::format("expected a list of {}", key));
  }
  return node;
}

void ReadLists(const YAML::Node& root, Scenario* scenario) {
  for (const YAML::Node& node : List(root, "services")) {
    scenario->services.push_back(ReadProgram(node, true));
  }
  for (const YAML::Node& node : List(root, "traffic")) {
    scenario->traffic.push_back(ReadTraffic(node));
  }
  if (scenario->traffic.empty()) Fail(root["traffic"], "expected at least one kind of traffic");
  for (const YAML::Node& node : List(root, "faults")) {
    scenario->faults.push_back(ReadFault(node, scenario->duration));
    const auto same = std::find_if(
        scenario->faults.begin(), scenario->faults.end(),
        [&](const Fault& other) { return other.name == scenario->faults.back().name; });
    if (same != std::prev(scenario->faults.end())) {
      Fail(node, fmt::format("there are two faults named '{}'", same->name));
    }
  }
  std::stable_sort(scenario->faults.begin(), scenario->faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  if (root["look_at"]) scenario->look_at = Texts(root["look_at"]);
}

Scenario Read(const YAML::Node& root) {
  CheckKeys(
      root, "a scenario",
      {"summary", "agent", "services", "model", "seed", "duration", "traffic", "faults", "look_at"},
      {"summary", "agent", "duration", "traffic"});
  Scenario scenario;
  scenario.summary = Text(root["summary"]);
  scenario.agent = ReadProgram(root["agent"], false);
  if (root["model"]) scenario.model = ReadModel(root["model"]);
  if (root["seed"]) scenario.seed = static_cast<uint64_t>(Number(root["seed"], 0, 1e15));
  scenario.duration = Duration(root["duration"]);
  if (scenario.duration == 0) Fail(root["duration"], "must be longer than nothing");
  ReadLists(root, &scenario);
  return scenario;
}

}  // namespace

Result<Scenario> ParseScenario(std::string_view text, const std::string& path) {
  const auto problem = [&](const YAML::Mark& mark, const std::string& reason) {
    return InvalidArgument(fmt::format("cannot read scenario {}:{}:{}: {}", path, mark.line + 1,
                                       mark.column + 1, reason));
  };
  try {
    Scenario scenario = Read(YAML::Load(std::string(text)));
    const size_t slash = path.rfind('/');
    scenario.directory = slash == std::string::npos ? "." : path.substr(0, slash);
    scenario.name = scenario.directory.substr(scenario.directory.rfind('/') + 1);
    return scenario;
  } catch (const Problem& error) {
    return problem(error.mark, error.reason);
  } catch (const YAML::Exception& error) {
    return problem(error.mark, error.msg);
  }
}

}  // namespace ao::scenario
