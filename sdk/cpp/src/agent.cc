#include "observatory/agent.h"

#include <algorithm>
#include <utility>

#include "agent_metrics.h"
#include "json.h"
#include "observatory/genai.h"
#include "observatory/traced.h"

namespace observatory {
namespace {

constexpr int kHardCap = 15;

Value ToValue(const std::vector<ToolRequest>& calls) {
  Value::Array out;
  for (const ToolRequest& call : calls) {
    out.push_back(Value::map(
        {{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}}));
  }
  return Value(std::move(out));
}

Value ToValue(const Message& message) {
  Value::Map out = {{"role", message.role}, {"content", message.content}};
  if (!message.tool_calls.empty()) out.emplace_back("tool_calls", ToValue(message.tool_calls));
  if (!message.tool_call_id.empty()) out.emplace_back("tool_call_id", message.tool_call_id);
  return Value(std::move(out));
}

Value ToValue(const std::vector<Message>& conversation) {
  Value::Array out;
  for (const Message& message : conversation) out.push_back(ToValue(message));
  return Value(std::move(out));
}

double MillisSince(int64_t start) {
  return static_cast<double>(detail::SteadyNow() - start) / 1e6;
}

// The loop of one run and what it has come to.
class Loop {
 public:
  Loop(const ObservableAgentOptions& options, const Model& model,
       const std::map<std::string, Tool>& tools, const StructuredLogger& logger)
      : options_(options), model_(model), tools_(tools), logger_(logger) {}

  AgentResult Run(AgentRun* run, std::string_view input) {
    AgentResult result;
    if (!options_.system_prompt.empty()) {
      conversation_.push_back({"system", options_.system_prompt});
    }
    conversation_.push_back({"user", std::string(input)});
    const int cap = std::clamp(options_.max_steps, 1, kHardCap);
    result.step_limit_reached = true;
    while (result.steps < cap) {
      ++result.steps;
      run->set_steps(result.steps);
      ModelReply reply = AskModel();
      result.total_tokens += reply.input_tokens + reply.output_tokens;
      result.output = reply.content;
      if (reply.tool_calls.empty()) {
        result.step_limit_reached = false;
        break;
      }
      conversation_.push_back({"assistant", reply.content, reply.tool_calls});
      for (const ToolRequest& request : reply.tool_calls) {
        conversation_.push_back({"tool", CallTool(request), {}, request.id});
      }
    }
    return result;
  }

 private:
  ModelReply AskModel() {
    LlmCall call = llm_call(options_.model,
                            {.provider = options_.provider, .input = ToValue(conversation_)});
    const int64_t start = detail::SteadyNow();
    ModelReply reply;
    try {
      reply = model_(conversation_);
    } catch (const std::exception& error) {
      call.fail(error);
      throw;
    }
    const Value output = Value::map({{"role", "assistant"},
                                     {"content", reply.content},
                                     {"tool_calls", ToValue(reply.tool_calls)}});
    call.set_response({.output = output,
                       .input_tokens = reply.input_tokens,
                       .output_tokens = reply.output_tokens,
                       .model = reply.model,
                       .finish_reason = reply.finish_reason});
    logger_.log_llm_call({.model = options_.model,
                          .prompt_tokens = reply.input_tokens,
                          .completion_tokens = reply.output_tokens,
                          .latency_ms = MillisSince(start)});
    return reply;
  }

  std::string CallTool(const ToolRequest& request) {
    const Value arguments =
        detail::ParseJson(request.arguments).value_or(Value(request.arguments));
    ToolCall call = tool_call(request.name, {.arguments = arguments,
                                             .call_id = request.id,
                                             .name_in_span = false});
    const int64_t start = detail::SteadyNow();
    std::string result;
    try {
      const auto tool = tools_.find(request.name);
      if (tool == tools_.end()) throw std::invalid_argument("no such tool: " + request.name);
      result = tool->second(request.arguments);
      call.set_result(result);
    } catch (const std::exception& error) {
      call.fail(error);
      result = std::string("error: ") + error.what();
    }
    logger_.log_tool_call({.tool_name = request.name,
                           .arguments = arguments,
                           .result = result,
                           .latency_ms = MillisSince(start),
                           .success = !call.failed()});
    return result;
  }

  const ObservableAgentOptions& options_;
  const Model& model_;
  const std::map<std::string, Tool>& tools_;
  const StructuredLogger& logger_;
  std::vector<Message> conversation_;
};

}  // namespace

ObservableAgent::ObservableAgent(ObservableAgentOptions options, Model model,
                                 std::map<std::string, Tool> tools)
    : options_(std::move(options)), model_(std::move(model)), tools_(std::move(tools)) {
  if (options_.logger == nullptr) {
    options_.logger = std::make_shared<StructuredLogger>("", no_sink());
  }
}

AgentResult ObservableAgent::run(std::string_view input) const {
  AgentRun run = agent_run(options_.name, {.input = input, .query_type = options_.query_type});
  if (!options_.model.empty()) run->set_attribute("llm.model", options_.model);
  const int64_t start = detail::SteadyNow();
  try {
    AgentResult result = Loop(options_, model_, tools_, *options_.logger).Run(&run, input);
    run->set_attribute("llm.tokens", result.total_tokens);
    run.set_output(result.output);
    result.duration_ms = MillisSince(start);
    result.trace_id = run.trace_id();
    options_.logger->log_event("agent_run", {{"agent", options_.name},
                                             {"steps", result.steps},
                                             {"total_tokens", result.total_tokens},
                                             {"duration_ms", result.duration_ms},
                                             {"step_limit_reached", result.step_limit_reached}});
    return result;
  } catch (const std::exception& error) {
    run.fail(error);
    options_.logger->log_event("agent_error",
                               {{"agent", options_.name},
                                {"error_type", detail::TypeName(error)},
                                {"message", error.what()},
                                {"duration_ms", MillisSince(start)}},
                               Severity::kError);
    throw;
  } catch (...) {
    run.fail("unknown", "not a std::exception");
    options_.logger->log_event("agent_error",
                               {{"agent", options_.name}, {"error_type", "unknown"}},
                               Severity::kError);
    throw;
  }
}

}  // namespace observatory
