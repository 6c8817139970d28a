#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "observatory/observatory.h"

namespace observatory {
namespace {

// Takes everything at once.
class Accept final : public Transport {
 public:
  ExportResponse send(const ExportRequest&) noexcept override {
    return {.outcome = ExportResponse::Outcome::kAccepted};
  }
};

// The server is away: after the first megabytes everything is dropped.
class Away final : public Transport {
 public:
  ExportResponse send(const ExportRequest&) noexcept override { return {}; }
};

Sdk Make(std::shared_ptr<Sampler> sampler,
         std::shared_ptr<Transport> transport = std::make_shared<Accept>()) {
  Options options;
  options.service_name = "bench";
  options.transport = std::move(transport);
  options.on_problem = [](std::string_view) {};
  options.sampler = std::move(sampler);
  options.traces.max_queue_bytes = size_t{256} << 20;
  return Sdk::create(std::move(options));
}

const Tracer& Recording() {
  static const Tracer tracer = Make(always_on()).tracer("bench");
  return tracer;
}
const Tracer& Unsampled() {
  static const Tracer tracer = Make(always_off()).tracer("bench");
  return tracer;
}

void EmptySpans(benchmark::State& state, const Tracer& tracer) {
  for (auto _ : state) {
    Span span = tracer.start_span("llm.call");
    span.end();
  }
}

void BM_RecordedSpan(benchmark::State& state) { EmptySpans(state, Recording()); }
BENCHMARK(BM_RecordedSpan);

void BM_RecordedSpanThreeAttributes(benchmark::State& state) {
  const Tracer& tracer = Recording();
  for (auto _ : state) {
    Span span = tracer.start_span("llm.call");
    span.set_attribute("llm.model", "gpt-4o");
    span.set_attribute("llm.tokens", 1234);
    span.set_attribute("gen_ai.operation.name", "chat");
  }
}
BENCHMARK(BM_RecordedSpanThreeAttributes);

void BM_RecordedActiveChild(benchmark::State& state) {
  const Tracer& tracer = Recording();
  ActiveSpan root = tracer.start_active_span("agent.run");
  for (auto _ : state) {
    ActiveSpan span = tracer.start_active_span("llm.call");
    span->set_attribute("llm.model", "gpt-4o");
  }
}
BENCHMARK(BM_RecordedActiveChild);

void BM_RecordedSpanServerAway(benchmark::State& state) {
  static const Tracer tracer = [] {
    const Sdk sdk = Make(always_on(), std::make_shared<Away>());
    for (int i = 0; i < 500000; ++i) sdk.tracer().start_span("fill").end();
    return sdk.tracer("bench");
  }();
  EmptySpans(state, tracer);
}
BENCHMARK(BM_RecordedSpanServerAway);

void BM_UnsampledSpan(benchmark::State& state) {
  const Tracer& tracer = Unsampled();
  for (auto _ : state) {
    Span span = tracer.start_span("llm.call");
    span.set_attribute("llm.model", "gpt-4o");
    benchmark::DoNotOptimize(span);
  }
}
BENCHMARK(BM_UnsampledSpan);

void BM_UnsampledSpanWithOptions(benchmark::State& state) {
  const Tracer& tracer = Unsampled();
  for (auto _ : state) {
    Span span = tracer.start_span("llm.call", {.kind = SpanKind::kClient});
    benchmark::DoNotOptimize(span);
  }
}
BENCHMARK(BM_UnsampledSpanWithOptions);

void BM_UnsampledActiveSpan(benchmark::State& state) {
  const Tracer& tracer = Unsampled();
  for (auto _ : state) {
    ActiveSpan span = tracer.start_active_span("llm.call");
    benchmark::DoNotOptimize(span);
  }
}
BENCHMARK(BM_UnsampledActiveSpan);

}  // namespace
}  // namespace observatory

BENCHMARK_MAIN();
