#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <observatory/genai.h>

#include "agentkit/jobs.h"

namespace agentkit {

// What one agent hands to another over HTTP, and what it gets back.
struct Task {
  std::string input, query_type, id;
};
struct TaskResult {
  std::string output;
  int64_t tokens = 0;
};

// Hands a task to another agent: span "agent.delegate.<agent>", whose trace the other one
// continues. Throws when it fails.
TaskResult hand_over(const std::string& agent, const std::string& url, const Task& task);
// Does something to another agent, by one of its commands. Throws when it fails.
void command_service(const std::string& url, const std::string& name, const std::string& argument);

// The main function of an agent that works for others: POST /execute, within a span
// "agent.execute", and POST /command, until SIGTERM. Options: --listen HOST:PORT (port 0 picks a
// free one) and
// --ready-file FILE, which gets {"http": "host:port"}.
using TaskHandler = std::function<TaskResult(const Task&)>;
int run_service(int argc, char** argv, const std::string& role, const TaskHandler& handler,
                const Commands& commands = {});

}  // namespace agentkit
