#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "scenario/scenario.h"

// When who asks what: a Poisson process for each kind of traffic, thinned by the hour of the day.
// The same scenario and start always give the same jobs. Thread-safe, no state.

namespace ao::scenario {

struct Job {
  Nanos at = 0;  // since the Unix epoch
  std::string query_type, user, session, input;
};

// By time. `start` is since the Unix epoch.
std::vector<Job> Schedule(const Scenario& scenario, Nanos start);

// "{600..830}" becomes a whole number drawn from the range, "{a|b}" one of the words; everything
// else stays. `state` is the state of the random numbers and moves on.
std::string DrawInput(std::string_view pattern, uint64_t* state);

}  // namespace ao::scenario
