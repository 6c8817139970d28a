#include "semconv/log_spans.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "semconv/convert.h"

namespace ao::semconv {
namespace {

using model::Attributes;
using model::KeyValue;
using model::Value;

enum class Part : uint8_t { kSession, kTurn, kCall, kTool };

struct EventRow {
  std::string_view event;  // behind the agent's prefix
  Part part;
  std::string_view span_name;
  bool failed = false;
};

struct Agent {
  std::string_view prefix;  // of event names and bodies
  std::string_view name;    // of the agent
  std::string_view session_key;
  std::string_view turn_key;  // attribute that all events of a turn share; empty: there is none
  std::span<const EventRow> events;
  bool spans_count = true;  // where it sends some; else its events do (ScopeRow::events_count)
};

constexpr EventRow kClaudeEvents[] = {
    {"user_prompt", Part::kTurn, "claude_code.interaction"},
    {"api_request", Part::kCall, "claude_code.llm_request"},
    {"api_error", Part::kCall, "claude_code.llm_request", true},
    {"tool_result", Part::kTool, "claude_code.tool"},
};
constexpr EventRow kCodexEvents[] = {
    {"conversation_starts", Part::kSession, "codex.session"},
    {"user_prompt", Part::kTurn, "codex.turn"},
    {"sse_event", Part::kCall, "codex.llm_request"},
    {"tool_result", Part::kTool, "codex.tool"},
};
constexpr EventRow kGeminiEvents[] = {
    {"user_prompt", Part::kTurn, "gemini_cli.turn"},
    {"api_response", Part::kCall, "gemini_cli.llm_request"},
    {"api_error", Part::kCall, "gemini_cli.llm_request", true},
    {"tool_call", Part::kTool, "gemini_cli.tool"},
};
constexpr Agent kAgents[] = {
    {"claude_code.", "claude-code", "session.id", "prompt.id", kClaudeEvents},
    {"codex.", "codex", "conversation.id", "", kCodexEvents},
    {"gemini_cli.", "gemini-cli", "session.id", "prompt_id", kGeminiEvents, false},
};

struct Found {
  const Agent* agent = nullptr;
  std::string_view event;
};

// The event's name is its attribute event.name, its event_name (for which Codex 0.169 has a place
// in its source) or its body, with or without the agent's prefix; without it the scope says whose
// it is.
Found FindEvent(const model::Scope& scope, const model::LogRecord& log) {
  std::string_view name = model::FindString(log.attributes, "event.name");
  if (name.empty()) name = log.event_name;
  const std::string_view body = log.body.is_string() ? log.body.as_string() : std::string_view();
  for (const Agent& agent : kAgents) {
    if (name.starts_with(agent.prefix)) return {&agent, name.substr(agent.prefix.size())};
    if (name.empty() && body.starts_with(agent.prefix)) {
      return {&agent, body.substr(agent.prefix.size())};
    }
    const std::string_view stem = agent.prefix.substr(0, agent.prefix.size() - 1);
    if (!name.empty() &&
        (body.starts_with(agent.prefix) || scope.name.find(stem) != std::string_view::npos)) {
      return {&agent, name};
    }
  }
  return {};
}

std::string Text(Attributes attributes, std::string_view key, Arena* arena) {
  const Value* value = model::Find(attributes, key);
  return value == nullptr ? std::string() : std::string(ToText(*value, arena));
}

TraceId TraceOf(std::string_view seed) {
  const ContentAddress hash = Hash128(seed);
  return *TraceId::FromHex(hash.ToHex());
}

SpanId SpanOf(std::string_view seed) {
  const uint64_t hash = Hash64(seed);
  return {hash == 0 ? 1 : hash};
}

bool IsFalse(const Value* value) {
  if (value == nullptr) return false;
  return value->kind() == model::ValueKind::kBool
             ? !value->as_bool()
             : value->is_string() && value->as_string() == "false";
}

}  // namespace

std::optional<model::Span> SpanOfLog(const model::Scope& scope, const model::LogRecord& log,
                                     Arena* arena) {
  const Found found = FindEvent(scope, log);
  if (found.agent == nullptr) return std::nullopt;
  if (found.agent->spans_count && !log.trace_id.empty()) return std::nullopt;
  const EventRow* row = nullptr;
  for (const EventRow& candidate : found.agent->events) {
    if (candidate.event == found.event) row = &candidate;
  }
  if (row == nullptr) return std::nullopt;
  const Attributes in = log.attributes;
  // Codex tells of every piece of a stream. The last one has the usage; later versions send it
  // twice, first with its duration only.
  if (row->event == "sse_event" && (model::FindString(in, "event.kind") != "response.completed" ||
                                    model::Find(in, "input_token_count") == nullptr)) {
    return std::nullopt;
  }
  const std::string session = Text(in, found.agent->session_key, arena);
  if (session.empty()) return std::nullopt;
  const std::string turn =
      found.agent->turn_key.empty() ? std::string() : Text(in, found.agent->turn_key, arena);
  // A trace is a turn where events say which, else the session.
  const std::string trace_seed =
      std::string(found.agent->prefix) + session + (turn.empty() ? "" : "/" + turn);
  const std::string root_seed = trace_seed + "/root";
  const bool is_root = turn.empty() ? row->part == Part::kSession : row->part == Part::kTurn;

  const uint64_t time = log.time != 0 ? log.time : log.observed_time;
  const Value* duration = model::Find(in, "duration_ms");
  const auto millis = duration == nullptr ? std::nullopt : ToNumber(*duration);
  const uint64_t length =
      millis && *millis > 0 && *millis < 1e9 ? static_cast<uint64_t>(*millis * 1e6) : 0;

  model::Span span;
  span.trace_id = TraceOf(trace_seed);
  span.span_id = SpanOf(root_seed);
  if (!is_root) {
    std::string seed = trace_seed + "/" + std::string(found.event) + "/" + std::to_string(time);
    for (const std::string_view key : {"event.sequence", "request_id", "call_id", "tool_use_id"}) {
      seed += "/" + Text(in, key, arena);
    }
    span.parent_span_id = span.span_id;
    span.span_id = SpanOf(seed);
  }
  span.name = row->span_name;
  span.end = time;
  span.start = length < time ? time - length : time;
  if (row->failed || IsFalse(model::Find(in, "success"))) {
    span.status = model::StatusCode::kError;
    span.status_message = arena->Copy(Text(in, "error", arena));
  }
  std::vector<KeyValue> attributes(in.begin(), in.end());
  attributes.push_back({kDerivedFrom, Value::String(arena->Copy(std::string(found.agent->prefix) +
                                                                std::string(found.event)))});
  if (row->part == Part::kTurn || row->part == Part::kSession) {
    attributes.push_back({"gen_ai.agent.name", Value::String(found.agent->name)});
  }
  span.attributes = arena->Copy(attributes);
  return span;
}

}  // namespace ao::semconv
