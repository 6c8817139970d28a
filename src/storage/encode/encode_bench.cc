#include <benchmark/benchmark.h>

#include "storage/encode/attributes.h"
#include "storage/encode/prepare.h"

namespace ao::storage {
namespace {

using model::KeyValue;
using model::Value;

const KeyValue kSmall[] = {
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

void EncodeTenAttributes(benchmark::State& state) {
  const AttributeEncoder encoder(1, 256);
  std::string json;
  std::vector<ContentPiece> pieces;
  std::vector<ContentAddress> refs;
  for (auto _ : state) {
    json.clear();
    encoder.EncodeMap(kSmall, 0, &json, &pieces, &refs);
    benchmark::DoNotOptimize(json.data());
  }
}
BENCHMARK(EncodeTenAttributes);

void DecodeTenAttributes(benchmark::State& state) {
  std::string json;
  std::vector<ContentPiece> pieces;
  std::vector<ContentAddress> refs;
  AttributeEncoder(1, 256).EncodeMap(kSmall, 0, &json, &pieces, &refs);
  for (auto _ : state) {
    Arena arena;
    benchmark::DoNotOptimize(DecodeMap(json, nullptr, &arena));
  }
}
BENCHMARK(DecodeTenAttributes);

void PrepareTwentySpans(benchmark::State& state) {
  const KeyValue service[] = {{"service.name", Value::String("loan")}};
  model::Resource resource;
  resource.attributes = service;
  const model::Scope scope;
  std::vector<model::Span> spans(20);
  for (size_t i = 0; i < spans.size(); ++i) {
    spans[i].trace_id.bytes[0] = 1;
    spans[i].span_id.value = i + 1;
    spans[i].name = "chat gpt-4o-mini";
    spans[i].start = 1000 + i;
    spans[i].end = 2000;
    spans[i].attributes = kSmall;
  }
  for (auto _ : state) {
    model::Batch batch;
    batch.spans.push_back({&resource, &scope, spans});
    benchmark::DoNotOptimize(Prepare("p", 1, "f", std::move(batch), {}));
  }
  state.SetItemsProcessed(state.iterations() * 20);
}
BENCHMARK(PrepareTwentySpans);

}  // namespace
}  // namespace ao::storage

BENCHMARK_MAIN();
