#include "semconv/aliases.h"

#include <cstddef>

namespace ao::semconv {
namespace {

struct Alias {
  std::string_view spelling;
  std::string_view canonical;
};

// Spellings are tried whole, then without their last dotted part, and so on.
constexpr Alias kProviders[] = {
    {"openai", "openai"},
    {"anthropic", "anthropic"},
    {"aws.bedrock", "aws.bedrock"},
    {"aws", "aws.bedrock"},
    {"bedrock", "aws.bedrock"},
    {"amazon-bedrock", "aws.bedrock"},
    {"amazon_bedrock", "aws.bedrock"},
    {"azure.ai.inference", "azure.ai.inference"},
    {"az.ai.inference", "azure.ai.inference"},
    {"azure.ai.openai", "azure.ai.openai"},
    {"az.ai.openai", "azure.ai.openai"},
    {"azure-openai", "azure.ai.openai"},
    {"azure_openai", "azure.ai.openai"},
    {"azure", "azure.ai.openai"},
    {"cohere", "cohere"},
    {"deepseek", "deepseek"},
    {"gcp.gemini", "gcp.gemini"},
    {"gemini", "gcp.gemini"},
    {"google.generative-ai", "gcp.gemini"},
    {"google_generative_ai", "gcp.gemini"},
    {"google-genai", "gcp.gemini"},
    {"gcp.gen_ai", "gcp.gen_ai"},
    {"google", "gcp.gen_ai"},
    {"gcp.vertex_ai", "gcp.vertex_ai"},
    {"vertex_ai", "gcp.vertex_ai"},
    {"vertexai", "gcp.vertex_ai"},
    {"google.vertex", "gcp.vertex_ai"},
    {"gcp.vertex.agent", "gcp.vertex_ai"},
    {"groq", "groq"},
    {"ibm.watsonx.ai", "ibm.watsonx.ai"},
    {"watsonx", "ibm.watsonx.ai"},
    {"mistral_ai", "mistral_ai"},
    {"mistralai", "mistral_ai"},
    {"mistral", "mistral_ai"},
    {"moonshot_ai", "moonshot_ai"},
    {"perplexity", "perplexity"},
    {"x_ai", "x_ai"},
    // Frameworks that name themselves; who answered is not known.
    {"agent_framework", ""},
    {"autogen", ""},
    {"crewai", ""},
    {"langchain", ""},
    {"langgraph", ""},
    {"microsoft.agent_framework", ""},
    {"semantic_kernel", ""},
    {"xai", "x_ai"},
};

constexpr Alias kFinishReasons[] = {
    {"stop", "stop"},
    {"end_turn", "stop"},
    {"stop_sequence", "stop"},
    {"length", "length"},
    {"max_tokens", "length"},
    {"max_output_tokens", "length"},
    {"content_filter", "content_filter"},
    {"content-filter", "content_filter"},
    {"safety", "content_filter"},
    {"refusal", "content_filter"},
    {"tool_call", "tool_call"},
    {"tool_calls", "tool_call"},
    {"recitation", "content_filter"},
    {"blocklist", "content_filter"},
    {"completed", "stop"},
    {"complete", "stop"},
    {"tool-calls", "tool_call"},
    {"tool_use", "tool_call"},
    {"function_call", "tool_call"},
    {"error", "error"},
};

template <size_t N>
const Alias* Lookup(const Alias (&table)[N], std::string_view spelling) {
  for (const Alias& alias : table) {
    if (EqualIgnoringCase(alias.spelling, spelling)) return &alias;
  }
  return nullptr;
}

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

std::string_view CanonicalProvider(std::string_view provider) {
  for (std::string_view part = provider; !part.empty();) {
    if (const Alias* found = Lookup(kProviders, part)) return found->canonical;
    const size_t dot = part.rfind('.');
    if (dot == part.npos) break;
    part = part.substr(0, dot);
  }
  return provider;
}

std::string_view CanonicalFinishReason(std::string_view reason) {
  const size_t dot = reason.rfind('.');  // "FinishReason.STOP"
  const Alias* found = Lookup(kFinishReasons, dot == reason.npos ? reason : reason.substr(dot + 1));
  return found == nullptr ? reason : found->canonical;
}

}  // namespace ao::semconv
