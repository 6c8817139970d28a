#include <benchmark/benchmark.h>

#include "cost/pricer.h"

namespace ao::cost {
namespace {

void Price(benchmark::State& state) {
  const auto book = Pricer::EmbeddedBook().value();
  Usage usage;
  usage[Unit::kInput] = 1000;
  usage[Unit::kOutput] = 100;
  usage[Unit::kCacheRead] = 400;
  const PriceQuery query{.project = "default",
                         .provider = "openai",
                         .model_answered = "gpt-4o-2024-08-06",
                         .model_requested = "gpt-4o",
                         .when = 1'769'851'800 * kSecond};
  for (auto _ : state) benchmark::DoNotOptimize(book->Price(query, usage));
}
BENCHMARK(Price);
BENCHMARK(Price)->Threads(2);

void Load(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Pricer::EmbeddedBook());
}
BENCHMARK(Load)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ao::cost

BENCHMARK_MAIN();
