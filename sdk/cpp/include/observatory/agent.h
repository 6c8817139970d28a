#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "observatory/export.h"
#include "observatory/ids.h"
#include "observatory/log.h"
#include "observatory/value.h"

namespace observatory {

// What the model is asked and answers, in the shape that chat APIs share.
struct ToolRequest {
  std::string id, name;
  std::string arguments;  // JSON
};
struct Message {
  std::string role;  // "system", "user", "assistant", "tool"
  std::string content;
  std::vector<ToolRequest> tool_calls = {};  // of an assistant
  std::string tool_call_id = {};             // of a tool's answer
};
struct ModelReply {
  std::string content;
  std::vector<ToolRequest> tool_calls = {};  // empty: content is the answer
  int64_t input_tokens = 0, output_tokens = 0;
  std::string model = {};  // that answered
  std::string finish_reason = {};
};
using Model = std::function<ModelReply(const std::vector<Message>& conversation)>;
using Tool = std::function<std::string(const std::string& arguments)>;

struct ObservableAgentOptions {
  std::string name = "agent";
  std::string model = {};     // its name: "gpt-4o"
  std::string provider = {};  // "openai"
  std::string system_prompt = {};
  int max_steps = 15;  // clamped to 1..15: the hard cap
  std::string query_type = {};
  std::shared_ptr<const StructuredLogger> logger = nullptr;  // null: OTLP log records only
};

struct AgentResult {
  std::string output;
  int64_t steps = 0;  // calls of the model
  int64_t total_tokens = 0;
  double duration_ms = 0;
  bool step_limit_reached = false;  // then output is the last text of the model
  TraceId trace_id;
};

// An agent loop that can be watched: calls the model, runs the tools that it asks for, until it
// answers or the cap is reached. Spans agent.run > llm.call, tool.call; logs and metrics are
// recorded at the same places with the same figures, so that the three always agree.
//
// What a tool throws is told to the model as an error and recorded on its span; what the model
// throws is recorded (status ERROR, agent.errors.total by type) and thrown on.
// Thread-safe as far as the model and the tools are.
class OBSERVATORY_API ObservableAgent {
 public:
  ObservableAgent(ObservableAgentOptions options, Model model, std::map<std::string, Tool> tools);
  AgentResult run(std::string_view input) const;

 private:
  ObservableAgentOptions options_;
  Model model_;
  std::map<std::string, Tool> tools_;
};

}  // namespace observatory
