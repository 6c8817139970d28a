#include <benchmark/benchmark.h>

#include <cstring>

#include "runs/assembler.h"

namespace ao::runs {
namespace {

// A million spans in traces of 20, observed in batches of 100 traces.
void ObserveMillion(benchmark::State& state) {
  constexpr size_t kSpans = 1'000'000, kTrace = 20, kBatch = 2000;
  std::vector<storage::SpanRow> rows(kSpans);
  for (size_t i = 0; i < kSpans; ++i) {
    storage::SpanRow& row = rows[i];
    const uint64_t trace = i / kTrace + 1;
    std::memcpy(row.trace_id.bytes.data(), &trace, 8);
    row.span_id.value = i + 1;
    row.parent_span_id.value = i % kTrace == 0 ? 0 : i / kTrace * kTrace + 1;
    row.start = static_cast<Nanos>(i);
    row.duration = 100;
    row.service = "loan-service";
    row.environment = "production";
    const size_t kind = i % kTrace;
    row.name = kind == 0 ? "agent.run" : kind % 2 == 0 ? "chat gpt-4o" : "execute_tool search";
    row.canonical.op = kind == 0       ? model::Op::kAgent
                       : kind % 2 == 0 ? model::Op::kLlm
                                       : model::Op::kTool;
    if (kind % 2 == 0) {
      row.canonical.model_answered = "gpt-4o-2024-08-06";
      row.canonical.input_tokens = 100;
      row.canonical.output_tokens = 10;
    } else {
      row.canonical.tool_name = "search";
    }
  }
  std::vector<const storage::SpanRow*> pointers;
  for (const auto& row : rows) pointers.push_back(&row);
  ManualClock clock(1);
  for (auto _ : state) {
    auto owner = std::make_unique<Assembler>(Assembler::Options{5 * kSecond, kHour, &clock});
    Assembler& assembler = *owner;
    for (size_t i = 0; i < kSpans; i += kBatch) {
      assembler.Observe("p", 1, std::span(pointers).subspan(i, kBatch));
    }
    state.counters["bytes/span"] = static_cast<double>(assembler.MemoryUsage()) / kSpans;
    state.PauseTiming();
    const auto begin = SystemClock().Monotonic();
    benchmark::DoNotOptimize(assembler.TakeChanged());
    state.counters["render ns/span"] =
        static_cast<double>(SystemClock().Monotonic() - begin) / kSpans;
    owner.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kSpans));
}
BENCHMARK(ObserveMillion)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ao::runs

BENCHMARK_MAIN();
