// An on-call assistant: reads the metric and the logs of the host that alerts, finds the runbook,
// and decides what to do.
#include <algorithm>
#include <fstream>
#include <numeric>

#include <fmt/format.h>

#include "agentkit/tool_agent.h"
#include "agentkit/vector_index.h"

using agentkit::json;

namespace {

constexpr char kInstructions[] =
    "You are on call. Read metric and logs, find the runbook, and do what it says. Answer with "
    "'Decision: act.', 'Decision: wait.' or 'Decision: page.' and the reason.";

class Monitoring {
 public:
  Monitoring() : runbooks_(model_) { runbooks_.load(agentkit::program_folder() + "/runbooks"); }

  std::vector<agentkit::ToolSpec> tools() {
    return {{"read_metric",
             "The last hour of a metric",
             {{"host", ""}, {"metric", "cpu, memory, disk"}},
             [this](const json& a) { return read_metric(a.at("host"), a.at("metric")); }},
            {"search_logs",
             "Lines of a host that contain a text",
             {{"host", ""}, {"text", ""}},
             [this](const json& a) { return search_logs(a.at("host"), a.at("text")); }},
            {"runbook", "Finds the runbook", {{"topic", "what happens"}}, [this](const json& a) {
               return runbook(a.at("topic"));
             }}};
  }
  agentkit::Commands commands() {
    return {{"as_fraction", agentkit::flag(&as_fraction_)},
            {"lose_runbooks", agentkit::flag(&runbooks_are_lost_)},
            {"stop_logs", agentkit::flag(&logs_are_down_)}};
  }

 private:
  // Mean and 95th percentile of the last hour, from a value every five minutes.
  std::string read_metric(const std::string& host, const std::string& metric) const {
    for (const auto& row : metrics_) {
      if (row.at("host") != host || row.at("metric") != metric) continue;
      std::vector<double> values;
      for (int i = 0; row.contains(fmt::format("m{}", i)); ++i) {
        values.push_back(std::stod(row.at(fmt::format("m{}", i))) * (as_fraction_ ? 0.01 : 1));
      }
      std::sort(values.begin(), values.end());
      const double mean =
          std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
      const auto nth = static_cast<size_t>(0.95 * static_cast<double>(values.size()));
      return fmt::format(R"({{"host":"{}","metric":"{}","mean":{:.3g},"p95":{:.3g}}})", host,
                         metric, mean, values[std::min(nth, values.size() - 1)]);
    }
    throw std::invalid_argument("no metric " + metric + " of " + host);
  }

  std::string search_logs(const std::string& host, const std::string& text) const {
    if (logs_are_down_) throw std::runtime_error("log store: connection refused");
    std::ifstream file(agentkit::program_folder() + "/data/" + host.substr(0, host.find('-')) +
                       ".log");
    std::string found;
    for (std::string line; std::getline(file, line);) {
      const bool fits = line.find(' ' + host + ' ') != std::string::npos;
      if (fits && line.find(text) != std::string::npos) found += line + "\n";
    }
    return found.empty() ? "no lines" : found;
  }

  std::string runbook(const std::string& topic) const {
    const auto documents = agentkit::retrieve(runbooks_, topic, runbooks_are_lost_ ? 0 : 1);
    return documents.empty() ? "no runbook" : documents.front().content;
  }

  agentkit::ModelClient model_;
  agentkit::VectorIndex runbooks_;
  std::vector<std::map<std::string, std::string>> metrics_ =
      agentkit::read_table(agentkit::program_folder() + "/data/metrics.csv");
  bool as_fraction_ = false, runbooks_are_lost_ = false, logs_are_down_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return agentkit::run_tool_agent<Monitoring>(
      argc, argv, {.service = "devops-monitor", .version = "0.9.1", .instructions = kInstructions});
}
