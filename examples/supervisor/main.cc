// Four agents that write briefs together, each a process of its own, talking over HTTP:
//
//   supervisor --role retriever  --listen 127.0.0.1:7003
//   supervisor --role researcher --listen 127.0.0.1:7002     RETRIEVER_URL=http://127.0.0.1:7003
//   supervisor --role writer     --listen 127.0.0.1:7001
//   supervisor "Write a brief about ..."                     RESEARCHER_URL, WRITER_URL
//
// One request is one trace, with the spans
//
//   agent.run > agent.plan > llm.call
//             > agent.delegate.researcher > agent.execute > llm.call, tool.call.list_figures,
//                   agent.delegate.retriever > agent.execute > tool.call.search_library > retrieval
//             > agent.delegate.writer > agent.execute > llm.call, tool.call.count_words
//             > agent.synthesize > llm.call
#include <cctype>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>
#include <observatory/observatory.h>

#include "agentkit/jobs.h"
#include "agentkit/recorded.h"
#include "agentkit/service.h"
#include "agentkit/telemetry.h"
#include "agentkit/vector_index.h"

using agentkit::Job;
using agentkit::JobResult;
using agentkit::ModelClient;
using agentkit::say;
using agentkit::Task;
using agentkit::TaskResult;
using agentkit::VectorIndex;

namespace {

std::string url_of(const char* variable) {
  const char* url = std::getenv(variable);
  return url != nullptr ? url : "http://127.0.0.1:7000";
}

// Retriever: finds passages.
TaskResult find_passages(const VectorIndex& index, const Task& task, size_t count) {
  auto call = observatory::tool_call(
      "search_library", {.arguments = observatory::Value::map({{"query", task.input}})});
  std::string passages;
  for (const auto& document : agentkit::retrieve(index, task.input, count)) {
    passages += document.content + "\n";
  }
  call.set_result(passages);
  return {.output = passages};
}

// A tool of the researcher: all figures of a text, with what they count.
std::string list_figures(const std::string& text) {
  auto call = observatory::tool_call("list_figures",
                                     {.arguments = observatory::Value::map({{"text", text}})});
  std::istringstream words(text);
  std::string figures;
  for (std::string word, unit; words >> word;) {
    if (std::isdigit(static_cast<unsigned char>(word[0])) == 0 || !(words >> unit)) continue;
    figures += (figures.empty() ? "" : ", ") + word + " " + unit;
  }
  call.set_result(figures);
  return figures;
}

// Researcher: decides what to look up, has it found, and notes the figures.
TaskResult research(const ModelClient& model, const Task& task) {
  TaskResult result;
  const std::string query = say(model, "You are a researcher. Say what to look up, in one line.",
                                task.input, &result.tokens);
  const TaskResult found = agentkit::hand_over("retriever", url_of("RETRIEVER_URL"),
                                               {query, task.query_type, task.id + ".1"});
  result.tokens += found.tokens;
  result.output = found.output + "Figures: " + list_figures(found.output);
  return result;
}

// A tool of the writer.
int64_t count_words(const std::string& text) {
  auto call = observatory::tool_call("count_words",
                                     {.arguments = observatory::Value::map({{"text", text}})});
  std::istringstream words(text);
  int64_t count = 0;
  for (std::string word; words >> word;) ++count;
  call.set_result(count);
  return count;
}

TaskResult write(const ModelClient& model, const Task& task) {
  TaskResult result;
  result.output = say(model, "You are a writer. Write a short text from these notes.", task.input,
                      &result.tokens);
  result.output += fmt::format("\n({} words)", count_words(result.output));
  return result;
}

JobResult make_brief(const ModelClient& model, const Job& job) {
  JobResult result;
  auto plan = observatory::plan();
  plan.set_result(say(model, "You are a supervisor. Plan the brief.", job.input, &result.tokens));
  plan.end();
  const TaskResult notes =
      agentkit::hand_over("researcher", url_of("RESEARCHER_URL"), {job.input, job.query_type, "1"});
  const TaskResult draft =
      agentkit::hand_over("writer", url_of("WRITER_URL"), {notes.output, job.query_type, "2"});
  auto synthesis = observatory::synthesize();
  result.output = say(model, "You are a supervisor. Hand over the brief.",
                      job.input + "\n\nDraft: " + draft.output, &result.tokens);
  synthesis.set_result(result.output);
  result.tokens += notes.tokens + draft.tokens;
  result.steps = 2;
  return result;
}

JobResult supervise(const ModelClient& model, const Job& job) {
  auto run = observatory::agent_run("supervisor", {.input = job.input,
                                                   .query_type = job.query_type,
                                                   .role = "supervisor",
                                                   .session = job.session,
                                                   .user = job.user});
  JobResult result = agentkit::recorded(run, [&] { return make_brief(model, job); });
  run.set_output(result.output);
  return result;
}

int run_retriever(int argc, char** argv, const ModelClient& model) {
  VectorIndex index(model);
  index.load(agentkit::program_folder() + "/library");
  size_t count = 2;
  return agentkit::run_service(
      argc, argv, "retriever", [&](const Task& task) { return find_passages(index, task, count); },
      {{"limit", [&](const std::string& most) { count = std::stoul(most); }}});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string role = agentkit::option(argc, argv, "--role", "supervisor");
  agentkit::start_telemetry(role, "1.0.0");
  const ModelClient model;
  if (role == "retriever") return run_retriever(argc, argv, model);
  if (role == "researcher") {
    return agentkit::run_service(argc, argv, role,
                                 [&](const Task& task) { return research(model, task); });
  }
  if (role == "writer") {
    return agentkit::run_service(argc, argv, role,
                                 [&](const Task& task) { return write(model, task); });
  }
  return agentkit::run_agent(argc, argv, [&](const Job& job) { return supervise(model, job); },
                             {{"limit_retriever", [&](const std::string& most) {
                                 agentkit::command_service(url_of("RETRIEVER_URL"), "limit", most);
                               }}});
}
