#include "runs/delegation.h"

#include <algorithm>
#include <span>

#include "base/arena.h"
#include "model/value.h"
#include "runs/contains.h"
#include "storage/encode/attributes.h"

namespace ao::runs {
namespace {

using model::EdgeEvidence;
using model::Op;

constexpr size_t kMaxName = 200;  // bytes of an agent's name taken from a tool or an attribute

struct ToolRow {
  std::string_view prefix;  // of the tool's name, simplified
  bool handoff;
};
constexpr ToolRow kTools[] = {{"transfer_to", true},
                              {"transfer_back_to", true},
                              {"handoff_to", true},
                              {"hand_off_to", true},
                              {"delegate_work_to", false},
                              {"delegate_task_to", false},
                              {"delegate_to", false},
                              {"delegate_work", false},
                              {"delegate_task", false},
                              {"delegate", false},
                              {"ask_question_to", false},
                              {"transfer_task", true},
                              {"task", false},
                              {"agent", false}};
// Words that stand for an agent instead of naming it.
constexpr std::string_view kUnnamed[] = {"",         "agent",      "another_agent", "sub_agent",
                                         "subagent", "assistant",  "coworker",      "co_worker",
                                         "member",   "team_member"};
// Where the arguments of such a tool name the agent. Those of tools with names as common as "task"
// must be among the first kPlainArguments.
constexpr std::string_view kArguments[] = {
    "agent_name", "target_agent", "to_agent", "subagent_type", "coworker", "co_worker",
    "member_id",  "recipient",    "agent",    "assistant",     "target",   "to"};
constexpr size_t kPlainArguments = 4;
constexpr std::string_view kAttributes[] = {"agent.delegate.to",         "agent.delegate.target",
                                            "agent.delegate.name",       "agent.delegate.agent",
                                            "agent.delegate.agent_name", "gen_ai.handoff.to_agent"};

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Lower case, everything but letters and digits as '_'. As long as `name`.
std::string Simplified(std::string_view name) {
  std::string simple(name);
  for (char& c : simple) c = IsLetter(c) || IsDigit(c) ? Lower(c) : '_';
  return simple;
}

std::string_view Trimmed(std::string_view text) {
  const auto is_name = [](char c) { return IsLetter(c) || IsDigit(c); };
  while (!text.empty() && !is_name(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_name(text.back()) && text.back() != ')') text.remove_suffix(1);
  return text;
}

std::string Name(std::string_view text) {
  return text.size() > kMaxName ? std::string() : std::string(text);
}

std::string NameInArguments(const storage::SpanRow& row, std::span<const std::string_view> keys) {
  if (row.canonical.tool_arguments.empty()) return {};
  Arena arena;
  const auto arguments = storage::DecodeMap(row.canonical.tool_arguments, nullptr, &arena);
  if (!arguments.ok()) return {};
  for (const std::string_view key : keys) {
    const std::string_view name = model::FindString(*arguments, key);
    if (!name.empty()) return Name(name);
  }
  return {};
}

Delegation OfTool(const storage::SpanRow& row) {
  const std::string_view name = row.canonical.tool_name;
  // The letters that the rows above begin with.
  if (name.empty() || std::string_view("tThHdDaA").find(name[0]) == std::string_view::npos) {
    return {};
  }
  const std::string simple = Simplified(name);
  for (const auto& [prefix, handoff] : kTools) {
    if (!simple.starts_with(prefix)) continue;
    const std::string_view rest = std::string_view(simple).substr(prefix.size());
    if (!rest.empty() && rest[0] != '_') continue;
    const std::string_view plain = rest.substr(std::min<size_t>(rest.size(), 1));
    for (const std::string_view unnamed : kUnnamed) {
      if (plain != unnamed) continue;
      const bool common = prefix == "task" || prefix == "agent";
      const auto keys =
          std::span(kArguments).first(common ? kPlainArguments : std::size(kArguments));
      return {NameInArguments(row, keys), EdgeEvidence::kTool, handoff};
    }
    // "to" makes what follows an agent; task_list and delegate_access are other tools.
    if (!prefix.ends_with("_to")) return {};
    return {Name(Trimmed(name.substr(prefix.size()))), EdgeEvidence::kTool, handoff};
  }
  return {};
}

Delegation OfDelegateSpan(const storage::SpanRow& row) {
  constexpr std::string_view kArrow = "\xE2\x86\x92";  // "a → b.handoff"
  std::string_view target = row.canonical.agent_name;
  const bool handoff = row.name.find("handoff") != row.name.npos;
  if (const size_t arrow = row.name.find(kArrow); arrow != row.name.npos) {
    target = row.name.substr(arrow + kArrow.size());
    if (target.ends_with(".handoff")) target.remove_suffix(8);
    target = Trimmed(target);
  }
  return {Name(target), EdgeEvidence::kAttribute, handoff};
}

Delegation OfAttributes(const storage::SpanRow& row) {
  if (!Contains(row.attributes, "\"agent.delegate.") &&
      !Contains(row.attributes, "\"gen_ai.handoff.")) {
    return {};
  }
  Arena arena;
  const auto attributes = storage::DecodeMap(row.attributes, nullptr, &arena);
  if (!attributes.ok()) return {};
  for (const std::string_view key : kAttributes) {
    const std::string_view name = model::FindString(*attributes, key);
    if (!name.empty()) return {Name(name), EdgeEvidence::kAttribute, key.starts_with("gen_ai")};
  }
  return {};
}

}  // namespace

Delegation DelegationOf(const storage::SpanRow& row) {
  switch (row.canonical.op) {
    case Op::kLlm:
    case Op::kEmbedding:
    case Op::kRerank:
    case Op::kRetrieval: return {};
    case Op::kTool:
      if (Delegation found = OfTool(row); !found.target.empty()) return found;
      break;
    default: break;
  }
  if (Delegation found = OfAttributes(row); !found.target.empty()) return found;
  return row.canonical.op == Op::kDelegate ? OfDelegateSpan(row) : Delegation();
}

bool NamesAgent(std::string_view target, std::string_view name) {
  const auto letters = [](std::string_view text) {
    std::string kept;
    for (const char c : text) {
      if (IsLetter(c) || IsDigit(c)) kept.push_back(Lower(c));
    }
    if (kept.size() > 5 && kept.ends_with("agent")) kept.resize(kept.size() - 5);
    return kept;
  };
  return target == name || (!target.empty() && letters(target) == letters(name));
}

}  // namespace ao::runs
