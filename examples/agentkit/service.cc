#include "agentkit/service.h"

#include <pthread.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include <httplib.h>
#include <observatory/observatory.h>

#include "agentkit/clock.h"
#include "agentkit/recorded.h"

namespace agentkit {
namespace {

// Replayed time travels along, so that all processes of a trace agree about it.
constexpr char kReplayAt[] = "x-replay-at-ns", kReplayTook[] = "x-replay-took-ns";

observatory::Context context_of(const httplib::Request& request) {
  const observatory::Propagator::Pairs headers(request.headers.begin(), request.headers.end());
  return observatory::Propagator().extract_headers(headers);
}

void execute_task(const std::string& role, const TaskHandler& handler,
                  const httplib::Request& request, httplib::Response& response) {
  if (request.has_header(kReplayAt)) {
    replay_clock()->set(std::stoll(request.get_header_value(kReplayAt)));
  }
  const int64_t start = replay_clock()->unix_nanos();
  const json body = json::parse(request.body, nullptr, false);
  json answer;
  try {
    const Task task{body.at("input"), body.value("query_type", ""), body.value("task_id", "")};
    const observatory::Context context = context_of(request);
    const observatory::Scope scope(context);  // with its baggage
    auto execution = observatory::execute(role, {.task_id = task.id,
                                                 .input = task.input,
                                                 .query_type = task.query_type,
                                                 .parent = context});
    const TaskResult result = recorded(execution, [&] { return handler(task); });
    execution.set_output(result.output);
    answer = {{"output", result.output}, {"tokens", result.tokens}};
  } catch (const std::exception& error) {
    response.status = 500;
    answer = {{"error", error.what()}};
  }
  response.set_header(kReplayTook, std::to_string(replay_clock()->unix_nanos() - start));
  response.set_content(answer.dump(), "application/json");
}

void execute_command(const Commands& commands, const httplib::Request& request,
                     httplib::Response& response) {
  const json body = json::parse(request.body, nullptr, false);
  const auto command = commands.find(body.value("name", ""));
  if (command == commands.end()) {
    response.status = 404;
    return;
  }
  command->second(body.value("argument", ""));
}

json post(const std::string& url, const std::string& path, const json& body,
          const observatory::Propagator::Pairs& headers = {}) {
  httplib::Client http(url);
  http.set_read_timeout(120);
  httplib::Headers all(headers.begin(), headers.end());
  const bool replaying = replay_clock()->replaying();
  if (replaying) all.emplace(kReplayAt, std::to_string(replay_clock()->unix_nanos()));
  const int64_t start = replay_clock()->unix_nanos();
  const auto result = http.Post(path, all, body.dump(), "application/json");
  if (!result) throw std::runtime_error("cannot reach " + url + ": " + to_string(result.error()));
  if (replaying && result->has_header(kReplayTook)) {
    const int64_t took = std::stoll(result->get_header_value(kReplayTook));
    const int64_t seen = replay_clock()->unix_nanos() - start;
    if (took > seen) replay_clock()->advance(took - seen);
  }
  const json answer = json::parse(result->body, nullptr, false);
  if (result->status == 200) return answer;
  throw std::runtime_error(answer.is_object() ? answer.value("error", result->body) : result->body);
}

}  // namespace

TaskResult hand_over(const std::string& agent, const std::string& url, const Task& task) {
  auto delegation =
      observatory::delegate(agent, {.task_type = task.query_type, .task_id = task.id});
  delegation.set_status("failed");  // unless it comes back
  const json answer = recorded(delegation, [&] {
    return post(url, "/execute",
                {{"input", task.input}, {"query_type", task.query_type}, {"task_id", task.id}},
                delegation.headers());
  });
  delegation.set_status("completed");
  return {answer.at("output"), answer.value("tokens", int64_t{0})};
}

void command_service(const std::string& url, const std::string& name, const std::string& argument) {
  post(url, "/command", {{"name", name}, {"argument", argument}});
}

int run_service(int argc, char** argv, const std::string& role, const TaskHandler& handler,
                const Commands& commands) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // for all threads; sigwait below takes them

  const std::string listen = option(argc, argv, "--listen", "127.0.0.1:0");
  const std::string host = listen.substr(0, listen.rfind(':'));
  int port = std::stoi(listen.substr(listen.rfind(':') + 1));
  httplib::Server server;
  server.Post("/execute", [&](const httplib::Request& request, httplib::Response& response) {
    execute_task(role, handler, request, response);
  });
  server.Post("/command", [&](const httplib::Request& request, httplib::Response& response) {
    execute_command(commands, request, response);
  });
  if (port == 0) {
    port = server.bind_to_any_port(host);
  } else if (!server.bind_to_port(host, port)) {
    port = -1;
  }
  if (port < 0) {
    std::cerr << "error: cannot listen on " << listen << "\n";
    return 1;
  }
  std::thread serving([&] { server.listen_after_bind(); });
  const json ready = {{"http", host + ":" + std::to_string(port)}};
  if (const std::string file = option(argc, argv, "--ready-file"); !file.empty()) {
    std::ofstream(file + ".tmp") << ready.dump();
    std::filesystem::rename(file + ".tmp", file);
  }
  std::cerr << role << " listens on " << ready["http"].get<std::string>() << "\n";
  int received = 0;
  sigwait(&signals, &received);
  server.stop();
  serving.join();
  observatory::shutdown();
  return 0;
}

}  // namespace agentkit
