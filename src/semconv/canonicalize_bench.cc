#include <benchmark/benchmark.h>

#include "semconv/canonicalize.h"

namespace ao::semconv {
namespace {

using model::KeyValue;
using model::Value;

const KeyValue kUnknown[] = {
    {"http.request.method", Value::String("GET")},
    {"http.response.status_code", Value::Int(200)},
    {"url.path", Value::String("/v1/users")},
    {"server.address", Value::String("api.example.com")},
    {"server.port", Value::Int(443)},
    {"network.protocol.version", Value::String("1.1")},
    {"user_agent.original", Value::String("curl")},
    {"client.address", Value::String("10.0.0.1")},
    {"thread.id", Value::Int(7)},
    {"code.function", Value::String("handle")},
};
const KeyValue kChat[] = {
    {"gen_ai.operation.name", Value::String("chat")},
    {"gen_ai.provider.name", Value::String("openai")},
    {"gen_ai.request.model", Value::String("gpt-4o-mini")},
    {"gen_ai.response.model", Value::String("gpt-4o-mini-2024-07-18")},
    {"gen_ai.usage.input_tokens", Value::Int(1234)},
    {"gen_ai.usage.output_tokens", Value::Int(56)},
    {"gen_ai.conversation.id", Value::String("c-19283")},
    {"server.address", Value::String("api.example.com")},
    {"server.port", Value::Int(443)},
    {"gen_ai.request.stream", Value::Bool(true)},
};

void Run(benchmark::State& state, model::Attributes attributes) {
  Arena arena;
  model::Span span;
  span.name = "handle";
  span.attributes = attributes;
  for (auto _ : state) {
    model::Canonical out;
    Canonicalize({}, {}, span, &arena, &out);
    benchmark::DoNotOptimize(out);
  }
}
BENCHMARK_CAPTURE(Run, ten_unknown_keys, kUnknown);
BENCHMARK_CAPTURE(Run, chat, kChat);

}  // namespace
}  // namespace ao::semconv

BENCHMARK_MAIN();
