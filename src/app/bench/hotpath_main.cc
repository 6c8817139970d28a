// What one span costs on its way to the store, without sockets and disk: decode, canonical columns
// and encoding, run assembly. Prints nanoseconds; under `valgrind --tool=callgrind` its
// instruction count is the regression gate (tests/perf/check_instructions.py).
//
//   ao_hotpath_bench small|llm ROUNDS

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/bench/payload.h"
#include "ingest/otlp/decode.h"
#include "runs/assembler.h"
#include "storage/encode/prepare.h"

int main(int argc, char** argv) {
  using namespace ao;
  if (argc != 3) {
    fmt::print(stderr, "usage: ao_hotpath_bench small|llm ROUNDS\n");
    return 2;
  }
  const bool small = std::string_view(argv[1]) == "small";
  const int rounds = std::atoi(argv[2]);
  bench::Payload payload(small ? bench::PayloadKind::kSmall : bench::PayloadKind::kLlm,
                         small ? 400 : 60, 42);
  const ManualClock clock(1'800'000'000 * kSecond);
  runs::Assembler assembler({.quiet_period = 5 * kSecond, .clock = &clock});
  Nanos spent = 0;
  for (int i = 0; i < rounds; ++i) {
    std::string body = payload.Stamp(clock.Now());
    const Nanos begin = SystemClock().Monotonic();
    auto batch = ingest::otlp::DecodeProtobuf(model::Signal::kTraces, std::move(body), {});
    if (!batch.ok()) {
      fmt::print(stderr, "{}\n", batch.status().ToString());
      return 1;
    }
    const storage::PreparedBatch prepared = storage::Prepare(
        "default", clock.Now(), "otlp/traces/protobuf", std::move(batch).value(), {});
    std::vector<const storage::SpanRow*> rows;
    rows.reserve(prepared.spans.size());
    for (const storage::SpanRow& row : prepared.spans) rows.push_back(&row);
    assembler.Observe("default", clock.Now(), rows);
    spent += SystemClock().Monotonic() - begin;
  }
  const int spans = payload.spans() * rounds;
  fmt::print("{} spans, {:.0f} ns/span\n", spans, static_cast<double>(spent) / std::max(spans, 1));
  return 0;
}
