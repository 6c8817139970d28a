#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/scenario/stage.h"
#include "cli/command.h"
#include "scenario/scenario.h"
#include "scenario/traffic.h"

// Plays a scenario on its stage: hands the agent one job after the other at its time, and switches
// faults. Single-thread.

namespace ao::app {

// What the agent said about one job.
struct Outcome {
  Nanos at = 0;
  std::string query_type, trace_id, outcome, error;
  bool ok = false;
  int64_t steps = 0, tokens = 0;
  double duration_ms = 0;
};

struct Play {
  Nanos start = 0, end = 0;  // of the scenario, since the Unix epoch
  double speed = 0;          // scenario time over real time; 0: as fast as possible
  std::vector<Outcome> outcomes;
  bool interrupted = false;
};

// At speed 1 the scenario starts now and the agent uses the real clock. At any other speed it ends
// now: each job carries its time, which the agent's telemetry then has.
Result<Play> PlayScenario(const scenario::Scenario& scenario, double speed, Stage& stage,
                          cli::Io& io);

}  // namespace ao::app
