#pragma once

#include <optional>

#include "base/arena.h"
#include "model/telemetry.h"

// Spans for coding agents that send only log events (Claude Code, Codex CLI, Gemini CLI): a turn is
// an agent's run, a request to a model an LLM call, a tool result a tool call. What is derived says
// so (attribute kDerivedFrom), has ids that follow from the event's content, so that the same event
// gives the same span however often it is sent, and leaves the log record as it is. Events that
// belong to a span of their program (a trace id is given) give none, but for Gemini CLI, whose
// spans say less than its events. Pure; thread-safe.

namespace ao::semconv {

// Names the event that a span was derived from.
constexpr std::string_view kDerivedFrom = "observatory.derived_from";

// The span of an event that means one; its views point into the log record or `arena`.
std::optional<model::Span> SpanOfLog(const model::Scope& scope, const model::LogRecord& log,
                                     Arena* arena);

}  // namespace ao::semconv
