// What the SDK costs an agent: the same loop of model and tools, bare and instrumented.
//
//   observatory_overhead_bench [RUNS] [MODEL_URL]
//
// Without a URL the model is a function that answers at once; with one (http://.../v1 of
// `observatory model-server --script sdk/cpp/src/overhead_script.yaml`) it is asked over HTTP.
// Telemetry goes where OTEL_EXPORTER_OTLP_ENDPOINT says. Bare and instrumented runs take turns, so
// that what else the machine does meets both.
#include <curl/curl.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "json.h"
#include "observatory/observatory.h"

namespace observatory {
namespace {

constexpr char kQuestion[] = "What is 6 times 7, and is it more than 40?";
constexpr int kWarmUp = 20;

int64_t Now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

size_t Keep(char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

// The model: 2 calls of which the first asks for a tool.
ModelReply FromFunction(const std::vector<Message>& conversation) {
  if (conversation.back().role != "tool") {
    return {.content = "",
            .tool_calls = {{"call-1", "calculator", R"({"expression": "6*7"})"}},
            .input_tokens = 120,
            .output_tokens = 18};
  }
  return {.content = "It is 42.", .input_tokens = 150, .output_tokens = 6, .finish_reason = "stop"};
}

class HttpModel {
 public:
  explicit HttpModel(const std::string& url) : url_(url + "/chat/completions") {
    headers_ = curl_slist_append(nullptr, "Content-Type: application/json");
  }
  ~HttpModel() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }
  HttpModel(const HttpModel&) = delete;

  ModelReply Ask(const std::vector<Message>& conversation) {
    const std::string body = Request(conversation);
    std::string answer;
    curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, Keep);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer);
    if (curl_easy_perform(easy_) != CURLE_OK) throw std::runtime_error("no answer from " + url_);
    const auto parsed = detail::ParseJson(answer);
    const Value* choices = parsed ? parsed->find("choices") : nullptr;
    if (choices == nullptr) throw std::runtime_error("no model's answer: " + answer);
    const Value* message = choices->if_array()->at(0).find("message");
    ModelReply reply;
    if (const Value* text = message->find("content"); text != nullptr && text->if_string()) {
      reply.content = *text->if_string();
    }
    if (const Value* calls = message->find("tool_calls"); calls != nullptr && calls->if_array()) {
      for (const Value& call : *calls->if_array()) {
        const Value* function = call.find("function");
        reply.tool_calls.push_back({*call.find("id")->if_string(),
                                    *function->find("name")->if_string(),
                                    *function->find("arguments")->if_string()});
      }
    }
    const Value* usage = parsed->find("usage");
    reply.input_tokens = *usage->find("prompt_tokens")->if_int();
    reply.output_tokens = *usage->find("completion_tokens")->if_int();
    return reply;
  }

 private:
  static std::string Request(const std::vector<Message>& conversation) {
    Value::Array messages;
    for (const Message& message : conversation) {
      Value::Map out = {{"role", message.role}, {"content", message.content}};
      if (!message.tool_call_id.empty()) out.emplace_back("tool_call_id", message.tool_call_id);
      Value::Array calls;
      for (const ToolRequest& call : message.tool_calls) {
        calls.push_back(Value::map(
            {{"id", call.id},
             {"type", "function"},
             {"function", Value::map({{"name", call.name}, {"arguments", call.arguments}})}}));
      }
      if (!calls.empty()) out.emplace_back("tool_calls", std::move(calls));
      messages.emplace_back(std::move(out));
    }
    const Value tool =
        Value::map({{"type", "function"}, {"function", Value::map({{"name", "calculator"}})}});
    return Value::map({{"model", "gpt-4o"},
                       {"messages", Value(std::move(messages))},
                       {"tools", Value::array({tool})}})
        .to_json();
  }

  const std::string url_;
  CURL* easy_ = curl_easy_init();
  curl_slist* headers_ = nullptr;
};

// What an agent is without any telemetry.
std::string BareLoop(const Model& model, const std::map<std::string, Tool>& tools) {
  std::vector<Message> conversation = {{"system", "Use the calculator."}, {"user", kQuestion}};
  for (int step = 0; step < 15; ++step) {
    ModelReply reply = model(conversation);
    if (reply.tool_calls.empty()) return reply.content;
    conversation.push_back({"assistant", reply.content, reply.tool_calls});
    for (const ToolRequest& call : reply.tool_calls) {
      conversation.push_back({"tool", tools.at(call.name)(call.arguments), {}, call.id});
    }
  }
  return {};
}

struct Figures {
  std::vector<double> latency_us;
  int64_t cpu = 0;  // of the agent's thread

  template <typename F>
  void Measure(const F& run) {
    const int64_t before = Now(CLOCK_THREAD_CPUTIME_ID);
    const int64_t start = Now(CLOCK_MONOTONIC);
    run();
    latency_us.push_back(static_cast<double>(Now(CLOCK_MONOTONIC) - start) / 1e3);
    cpu += Now(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  void Print(const char* name) {
    std::sort(latency_us.begin(), latency_us.end());
    const auto at = [&](double share) {
      return latency_us[static_cast<size_t>(share * static_cast<double>(latency_us.size() - 1))];
    };
    std::printf("%-13s latency p50 %8.1f us, p99 %8.1f us; processor time %8.1f us a run\n", name,
                at(0.5), at(0.99),
                static_cast<double>(cpu) / 1e3 / static_cast<double>(latency_us.size()));
  }
};

int Main(int runs, const char* url) {
  const Sdk sdk = configure({.service_name = "overhead"});
  HttpModel http(url != nullptr ? url : "");
  Model model = FromFunction;
  if (url != nullptr) model = [&](const std::vector<Message>& all) { return http.Ask(all); };
  const std::map<std::string, Tool> tools = {
      {"calculator", [](const std::string&) { return std::string("42"); }}};
  const ObservableAgent agent({.name = "overhead",
                               .model = "gpt-4o",
                               .provider = "openai",
                               .system_prompt = "Use the calculator."},
                              model, tools);
  Figures bare, instrumented;
  // What the exporting threads use meanwhile.
  const auto others = [] { return Now(CLOCK_PROCESS_CPUTIME_ID) - Now(CLOCK_THREAD_CPUTIME_ID); };
  int64_t exporting = 0;
  for (int i = -kWarmUp; i < runs; ++i) {
    if (i == 0) {
      bare = instrumented = Figures();
      exporting = others();
    }
    bare.Measure([&] { BareLoop(model, tools); });
    instrumented.Measure([&] { agent.run(kQuestion); });
  }
  bare.Print("bare");
  instrumented.Print("instrumented");
  sdk.flush();
  std::printf("exporting threads: %.1f us a run\n",
              static_cast<double>(others() - exporting) / 1e3 / runs);
  const ExportStats spans = sdk.stats(Signal::kTraces);
  std::printf("%llu spans recorded, %llu exported\n",
              static_cast<unsigned long long>(spans.recorded),
              static_cast<unsigned long long>(spans.exported));
  return 0;
}

}  // namespace
}  // namespace observatory

int main(int argc, char** argv) {
  return observatory::Main(argc > 1 ? std::atoi(argv[1]) : 2000, argc > 2 ? argv[2] : nullptr);
}
