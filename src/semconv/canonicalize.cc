#include "semconv/canonicalize.h"

#include "semconv/fill.h"

namespace ao::semconv {
namespace {

bool IsAgentLike(std::string_view key) {
  if (key.size() < 4) return false;
  const auto starts = [&](auto... prefixes) { return (key.starts_with(prefixes) || ...); };
  switch (key[0]) {
    case 'a': return starts("agent.", "ai.", "autogen.");
    case 'c': return starts("crewai.", "claude_code.", "codex.");
    case 'g': return starts("gen_ai.", "gcp.vertex.agent.", "gemini_cli.", "genai.");
    case 'l': return starts("llm.", "langfuse.", "langsmith.", "langgraph.", "lk.");
    case 'm': return starts("mcp.", "mlflow.", "message.");
    case 'o': return starts("openinference.", "openai.", "output.");
    case 'p': return starts("pydantic_ai.");
    case 'r': return starts("retrieval.", "reranker.");
    case 's': return starts("sk.");
    case 't': return starts("traceloop.", "tool.");
    default: return false;
  }
}

}  // namespace

bool IsUnmapped(std::string_view key) {
  if (!IsAgentLike(key)) return false;
  const Registry& registry = Registry::Get();
  return registry.Find(key).rows.empty() && registry.FindPrefix(key) == nullptr;
}

void Canonicalize(const model::Resource&, const model::Scope& scope, const model::Span& span,
                  Arena* arena, model::Canonical* out) {
  NoObserver observer;
  Filler<NoObserver>(scope, span, arena, observer, out).Run();
}

}  // namespace ao::semconv
