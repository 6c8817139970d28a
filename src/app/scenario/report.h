#pragma once

#include <optional>
#include <string>

#include "app/scenario/player.h"
#include "cli/command.h"
#include "cli/json.h"
#include "scenario/scenario.h"

// What happened in a scenario, beside what the server noticed of it. Thread-safe, no state.

namespace ao::app {

struct Report {
  const scenario::Scenario& scenario;
  const Play& play;
  std::string server_url;
  int64_t stored_runs = -1;  // that the server has of these jobs; -1: it could not say
  std::optional<cli::Json> incidents = {};  // of the server; absent: it does not detect anything
};

// Asks the server what it stored and noticed.
Report MakeReport(const scenario::Scenario& scenario, const Play& play,
                  const std::string& server_url, cli::Io& io);

// One object: scenario, runs, faults with their truth, figures before and while they lasted, and
// detected, detected_at, delay_s, detected_cause (null where the server detected nothing).
std::string ReportJson(const Report& report);
void PrintReport(const Report& report, std::ostream& out);

}  // namespace ao::app
