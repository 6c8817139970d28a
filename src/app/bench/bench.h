#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"

// `observatory bench`: speed and size of the real server process, measured over loopback by a load
// generator on the same machine, in one run. Figures are for reading side by side, never for tests.

namespace ao::bench {

struct BenchOptions {
  std::string directory;             // scratch data directories; removed afterwards
  int64_t query_spans = 10'000'000;  // how much is stored before the larger query round
  int seconds = 10;                  // of each ingest phase
  std::vector<std::string> only;     // phases by name; empty: all
};

struct Figure {
  std::string name;  // "ingest_small_spans_per_second"
  double value = 0;
  std::string unit;
  std::string goal;  // what docs/performance.md compares it with; may be empty
};

// Runs the phases in order; `on_figure` sees each figure as soon as it is known.
Status RunBench(const BenchOptions& options, const std::function<void(const Figure&)>& on_figure);

// The names of the phases, for --help.
std::vector<std::string> BenchPhases();

}  // namespace ao::bench
