// How long decoding takes a span of ten attributes and about 450 bytes. BareWalk only touches
// every field of the same bytes with protozero's own reader and is the yardstick.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <protozero/pbf_message.hpp>
#include <protozero/pbf_reader.hpp>

#include "ingest/otlp/decode.h"
#include "ingest/otlp/encode.h"

namespace ao::ingest::otlp {
namespace {

constexpr int kSpans = 512;

model::Batch MakeBatch() {
  model::Batch batch;
  auto text = [&](const std::string& s) { return batch.arena.Copy(s); };
  std::vector<model::Span> spans(kSpans);
  for (int i = 0; i < kSpans; ++i) {
    model::Span& span = spans[static_cast<size_t>(i)];
    span.trace_id.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    span.span_id = {static_cast<uint64_t>(i) + 1};
    span.parent_span_id = {7};
    span.name = "chat gpt-4o-mini";
    span.kind = model::SpanKind::kClient;
    span.start = 1'700'000'000'000'000'000;
    span.end = span.start + 1'000'000;
    span.flags = 257;
    const std::vector<model::KeyValue> attributes = {
        {"gen_ai.operation.name", model::Value::String("chat")},
        {"gen_ai.provider.name", model::Value::String("openai")},
        {"gen_ai.request.model", model::Value::String("gpt-4o-mini")},
        {"gen_ai.response.model", model::Value::String("gpt-4o-mini-2024")},
        {"gen_ai.usage.input_tokens", model::Value::Int(1200 + i)},
        {"gen_ai.usage.output_tokens", model::Value::Int(300)},
        {"gen_ai.request.temperature", model::Value::Double(0.2)},
        {"gen_ai.conversation.id", model::Value::String(text(fmt::format("session-{}", i)))},
        {"gen_ai.agent.name", model::Value::String("loan-approval")},
        {"server.address", model::Value::String("api.example.com")}};
    span.attributes = batch.arena.Copy(attributes);
  }
  const auto* resource = new (batch.arena.AllocateArray<model::Resource>(1)) model::Resource;
  const auto* scope = new (batch.arena.AllocateArray<model::Scope>(1)) model::Scope;
  batch.spans.push_back({resource, scope, batch.arena.Copy(spans)});
  return batch;
}

void PerSpan(benchmark::State& state, size_t bytes) {
  state.SetItemsProcessed(state.iterations() * kSpans);
  state.counters["span_bytes"] = static_cast<double>(bytes) / kSpans;
  state.counters["s/span"] = benchmark::Counter(
      kSpans, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void Protobuf(benchmark::State& state) {
  const std::string body = EncodeProtobuf(MakeBatch());
  for (auto _ : state) {
    auto batch = DecodeProtobuf(model::Signal::kTraces, body);  // copies the body: about 10 ns
    benchmark::DoNotOptimize(batch);
  }
  PerSpan(state, body.size());
}
BENCHMARK(Protobuf);

void Json(benchmark::State& state) {
  const std::string body = EncodeJson(MakeBatch());
  for (auto _ : state) {
    auto batch = DecodeJson(model::Signal::kTraces, body);
    benchmark::DoNotOptimize(batch);
  }
  PerSpan(state, body.size());
}
BENCHMARK(Json);

// Visits every field; descends into the groups, the spans, their attributes and values.
uint64_t Walk(protozero::data_view bytes, int level) {
  uint64_t sum = 0;
  for (protozero::pbf_reader r(bytes); r.next();) {
    switch (r.wire_type()) {
      case protozero::pbf_wire_type::varint: sum += r.get_uint64(); break;
      case protozero::pbf_wire_type::fixed64: sum += r.get_fixed64(); break;
      case protozero::pbf_wire_type::fixed32: sum += r.get_fixed32(); break;
      default: {
        const uint32_t tag = r.tag();
        const auto view = r.get_view();
        const bool down = (level == 0 && tag == 1) || (level < 3 && level > 0 && tag == 2) ||
                          (level == 3 && tag == 9) || (level == 4 && tag == 2);
        sum += down ? Walk(view, level + 1) : view.size();
      }
    }
  }
  return sum;
}

void BareWalk(benchmark::State& state) {
  const std::string body = EncodeProtobuf(MakeBatch());
  for (auto _ : state) {
    const std::string copy = body;
    benchmark::DoNotOptimize(Walk(protozero::data_view(copy), 0));
  }
  PerSpan(state, body.size());
}
BENCHMARK(BareWalk);

void EncodeToProtobuf(benchmark::State& state) {
  const model::Batch batch = MakeBatch();
  for (auto _ : state) benchmark::DoNotOptimize(EncodeProtobuf(batch));
  PerSpan(state, EncodeProtobuf(batch).size());
}
BENCHMARK(EncodeToProtobuf);

}  // namespace
}  // namespace ao::ingest::otlp

BENCHMARK_MAIN();
