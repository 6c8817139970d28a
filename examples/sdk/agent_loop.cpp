// An agent loop with spans, logs and metrics built in. The model here is a function; put the call
// of your provider in its place.
#include <observatory/observatory.h>

#include <cstdio>

using namespace observatory;

static ModelReply model(const std::vector<Message>& conversation) {
  if (conversation.size() == 2) {  // system, user
    return {.content = "", .tool_calls = {{"call-1", "calculator", R"({"expression": "6*7"})"}},
            .input_tokens = 120, .output_tokens = 18};
  }
  return {.content = "It is " + conversation.back().content + ".", .input_tokens = 150,
          .output_tokens = 6, .finish_reason = "stop"};
}

int main() {
  configure({.service_name = "calculator"});
  const ObservableAgent agent({.name = "calculator", .model = "gpt-4o", .provider = "openai",
                               .system_prompt = "Use the calculator."},
                              model, {{"calculator", [](const std::string&) { return "42"; }}});
  const AgentResult result = agent.run("What is 6 times 7?");
  std::printf("%s\n%d steps, %d tokens\n", result.output.c_str(), static_cast<int>(result.steps),
              static_cast<int>(result.total_tokens));
}
