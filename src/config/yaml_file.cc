#include "config/yaml_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace ao::config {
namespace {

constexpr int kMaxDepth = 16;

std::string Position(const YAML::Mark& mark) {
  return fmt::format("{}:{}", mark.line + 1, mark.column + 1);
}

std::optional<YamlProblem> Flatten(const YAML::Node& node, const std::string& prefix, int depth,
                                   std::vector<YamlEntry>* entries);

std::optional<YamlProblem> AddSequence(const YAML::Node& node, const std::string& key,
                                       std::vector<YamlEntry>* entries) {
  std::string joined;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) {
      return YamlProblem{Position(item.Mark()),
                         fmt::format("{}: list items must be plain values", key)};
    }
    if (item.Scalar().find(',') != std::string::npos) {
      return YamlProblem{Position(item.Mark()),
                         fmt::format("{}: list items cannot contain commas", key)};
    }
    if (!joined.empty()) joined.push_back(',');
    joined += item.Scalar();
  }
  entries->push_back({key, joined, node.Mark().line + 1, node.Mark().column + 1});
  return std::nullopt;
}

std::optional<YamlProblem> AddMember(const YAML::Node& key_node, const YAML::Node& value,
                                     const std::string& prefix, int depth,
                                     std::vector<YamlEntry>* entries) {
  if (!key_node.IsScalar())
    return YamlProblem{Position(key_node.Mark()), "keys must be plain words"};
  const std::string key = prefix.empty() ? key_node.Scalar() : prefix + "." + key_node.Scalar();
  switch (value.Type()) {
    case YAML::NodeType::Map: return Flatten(value, key, depth + 1, entries);
    case YAML::NodeType::Sequence: return AddSequence(value, key, entries);
    case YAML::NodeType::Scalar:
      entries->push_back({key, value.Scalar(), value.Mark().line + 1, value.Mark().column + 1});
      return std::nullopt;
    default:
      entries->push_back({key, "", key_node.Mark().line + 1, key_node.Mark().column + 1});
      return std::nullopt;
  }
}

std::optional<YamlProblem> Flatten(const YAML::Node& node, const std::string& prefix, int depth,
                                   std::vector<YamlEntry>* entries) {
  if (depth > kMaxDepth) return YamlProblem{Position(node.Mark()), "nested too deeply"};
  for (const auto& member : node) {
    if (auto problem = AddMember(member.first, member.second, prefix, depth, entries)) {
      return problem;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<YamlProblem> ParseYaml(std::string_view text, std::vector<YamlEntry>* entries) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (root.IsNull()) return std::nullopt;  // an empty file sets nothing
    if (!root.IsMap()) {
      return YamlProblem{Position(root.Mark()),
                         "cannot read settings: expected `key: value` lines"};
    }
    return Flatten(root, "", 0, entries);
  } catch (const YAML::Exception& error) {
    return YamlProblem{Position(error.mark), fmt::format("cannot parse YAML: {}", error.msg)};
  }
}

}  // namespace ao::config
