#include "agentkit/jobs.h"

#include <filesystem>
#include <iostream>

#include <observatory/observatory.h>

#include "agentkit/clock.h"
#include "agentkit/telemetry.h"

namespace agentkit {
namespace {

constexpr int64_t kFlushInterval = 600'000'000'000;  // of replayed time

// Metrics are sent when the wall clock says so; replayed time passes faster.
void flush_now_and_then() {
  static int64_t last = 0;
  const int64_t now = replay_clock()->unix_nanos();
  if (!replay_clock()->replaying() || now - last < kFlushInterval) return;
  last = now;
  observatory::flush();
}

json do_job(const Handler& handler, const Job& job) {
  const int64_t start = replay_clock()->steady_nanos();
  json answer;
  try {
    const auto context = observatory::Context::current()
                             .with_baggage("session.id", job.session)
                             .with_baggage("user.id", job.user);
    const observatory::Scope scope(context);
    const JobResult result = handler(job);
    answer = {{"ok", true},
              {"output", result.output},
              {"outcome", result.outcome},
              {"steps", result.steps},
              {"tokens", result.tokens}};
  } catch (const std::exception& error) {
    answer = {{"ok", false}, {"error", error.what()}};
  }
  answer["trace_id"] = last_trace_id();
  answer["duration_ms"] = static_cast<double>(replay_clock()->steady_nanos() - start) / 1e6;
  return answer;
}

json do_commands(const Commands& commands, const json& wanted) {
  try {
    for (const auto& [name, argument] : wanted.items()) {
      const auto command = commands.find(name);
      if (command == commands.end()) throw std::runtime_error("there is no command " + name);
      command->second(argument.is_string() ? argument.get<std::string>() : argument.dump());
    }
    return {{"ok", true}};
  } catch (const std::exception& error) {
    return {{"ok", false}, {"error", error.what()}};
  }
}

json answer_line(const std::string& line, const Handler& handler, const Commands& commands) {
  const json request = json::parse(line, nullptr, false);
  if (!request.is_object()) return {{"ok", false}, {"error", "expected a JSON object a line"}};
  if (request.contains("at_ns")) replay_clock()->set(request["at_ns"].get<int64_t>());
  flush_now_and_then();
  if (request.contains("command")) return do_commands(commands, request["command"]);
  return do_job(handler, {.input = request.value("input", ""),
                          .query_type = request.value("query_type", ""),
                          .user = request.value("user", ""),
                          .session = request.value("session", "")});
}

}  // namespace

Command flag(bool* value) {
  return [value](const std::string& argument) { *value = argument == "true"; };
}

int run_agent(int argc, char** argv, const Handler& handler, const Commands& commands) {
  const std::string first = argc > 1 ? argv[argc - 1] : "";
  if (first.empty() || first == "--help") {
    std::cerr << "usage: " << argv[0] << " QUESTION | --jobs\n";
    return 2;
  }
  int code = 0;
  if (first == "--jobs") {
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << answer_line(line, handler, commands).dump() << std::endl;
    }
  } else {
    const json answer =
        do_job(handler, {.input = first, .query_type = {}, .user = {}, .session = {}});
    std::cout << answer.value("output", "") << "\n";
    if (!answer["ok"]) std::cerr << "error: " << answer["error"].get<std::string>() << "\n";
    code = answer["ok"] ? 0 : 1;
  }
  observatory::shutdown();
  return code;
}

std::string option(int argc, char** argv, const std::string& flag, const std::string& fallback) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == flag) return argv[i + 1];
  }
  return fallback;
}

std::string program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

}  // namespace agentkit
