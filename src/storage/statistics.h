#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "storage/query.h"

// Figures over many runs, exact: every run that matches counts. Plain values; owned.

namespace ao::storage {

// What a run is measured by.
enum class RunMeasure : uint8_t { kDuration, kCost, kTokens, kSteps, kToolCalls, kSpans };
constexpr std::string_view kRunMeasureNames[] = {"duration", "cost",       "tokens",
                                                 "steps",    "tool_calls", "spans"};
// Of the values of a measure; durations are in nanoseconds. The quantiles are values that occur.
struct Quantiles {
  double p50 = 0, p95 = 0, p99 = 0;
};

struct RunFigures {
  int64_t runs = 0, errors = 0, live = 0;
  int64_t steps = 0, tool_calls = 0, input_tokens = 0, output_tokens = 0, total_tokens = 0;
  double cost_usd = 0;
  Quantiles duration;  // of runs that are not live; 0 without any
};

// What runs can be told apart by: each run is in one group.
constexpr std::string_view kRunGroups[] = {"agent",      "service", "environment", "status",
                                           "query_type", "outcome", "user",        "root_name"};

// The part of `runs` that selects counts here; its order, limit and cursor do not.
struct SeriesQuery {
  RunQuery runs;
  Nanos step = 0;      // 0: no times
  std::string by;      // of kRunGroups; empty: no groups
  int64_t groups = 8;  // those with most runs; the others are one group without a key
};
struct RunSeries {
  struct Point {
    Nanos start = 0;  // a multiple of the step; times without a run are left out
    RunFigures figures;
  };
  struct Group {
    std::string key;
    bool others = false;  // every group beyond the limit
    RunFigures total;
    std::vector<Point> points;
  };
  RunFigures total;
  std::vector<Point> points;
  std::vector<Group> groups;  // most runs first, the others last
};

struct HistogramQuery {
  RunQuery runs;
  RunMeasure measure = RunMeasure::kDuration;
  bool logarithmic = true;  // bins of equal ratio, ten a decade; else of equal width
  int64_t bins = 40;        // about as many, where they have equal width
  Nanos step = 0;           // not 0: also by time (a heat map)
};
struct RunHistogram {
  // Values in [from, to); values of 0 and less are in [0, 0] when the bins have equal ratio.
  struct Bin {
    double from = 0, to = 0;
    int64_t runs = 0, errors = 0;
  };
  struct Cell {
    Nanos start = 0;
    size_t bin = 0;  // index into bins
    int64_t runs = 0, errors = 0;
  };
  int64_t runs = 0;
  double min = 0, max = 0, mean = 0;
  Quantiles quantiles;
  std::vector<Bin> bins;    // those with runs, ascending
  std::vector<Cell> cells;  // ascending; only with a step
};

struct ToolQuery {
  RunQuery runs;
  Nanos step = 0;
  int64_t tools = 12;  // those with most calls; the others are added up
};
struct ToolSeries {
  struct Point {
    Nanos start = 0;
    int64_t calls = 0, errors = 0;
  };
  struct Tool {
    std::string tool;
    bool others = false;
    int64_t calls = 0, errors = 0, runs = 0;
    Nanos duration = 0;  // added up
    std::vector<Point> points;
  };
  std::vector<Tool> tools;  // most calls first, the others last
};

// Compares selected runs with the rest of those that match `runs`.
struct DifferenceQuery {
  RunQuery runs;
  TimeRange selected;  // start of the run
  RunMeasure measure = RunMeasure::kDuration;
  std::optional<double> min, max;  // of the measure; inclusive, exclusive
  int64_t limit = 30;
};
struct RunDifferences {
  struct Value {
    std::string field, value;
    int64_t selected = 0, rest = 0;  // runs that have it
    double z = 0;                    // of the test that both shares are the same
  };
  int64_t selected = 0, rest = 0;
  std::vector<Value> values;  // over-represented in the selection, z >= 2, the greatest z first
};

// What runs have values of; a run may have several agents, models and tools.
constexpr std::string_view kRunFacets[] = {"status", "agent",      "service", "environment",
                                           "model",  "tool",       "user",    "session",
                                           "name",   "query_type", "outcome"};

// Which values the runs that match have.
struct FacetQuery {
  RunQuery runs;
  std::vector<std::string> fields;  // of kRunFacets
  int64_t limit = 12;               // values of a field, those of most runs
};
struct RunFacets {
  struct Value {
    std::string value;
    int64_t runs = 0, errors = 0;
  };
  struct Field {
    std::string field;
    int64_t distinct = 0;       // values in all
    std::vector<Value> values;  // most runs first; empty texts are no values
  };
  int64_t runs = 0;           // that match
  std::vector<Field> fields;  // in the order of the query
};

// How calls to models went, in the runs that match.
struct ModelQuery {
  RunQuery runs;
  int64_t models = 12;  // those with most calls
};
struct ModelCalls {
  std::string model;  // that answered, else the one requested
  int64_t calls = 0, errors = 0;
  Quantiles duration;
  int64_t timed_tokens = 0;  // calls that say when their first token came
  Quantiles first_token;     // of these; 0 without any
};

class Statistics {
 public:
  virtual ~Statistics() = default;

  virtual Result<RunSeries> Series(const SeriesQuery& query) = 0;
  virtual Result<RunHistogram> Histogram(const HistogramQuery& query) = 0;
  virtual Result<ToolSeries> Tools(const ToolQuery& query) = 0;
  virtual Result<RunDifferences> Differences(const DifferenceQuery& query) = 0;
  virtual Result<RunFacets> Facets(const FacetQuery& query) = 0;
  virtual Result<std::vector<ModelCalls>> Models(const ModelQuery& query) = 0;
};

}  // namespace ao::storage
