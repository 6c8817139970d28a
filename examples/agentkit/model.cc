#include "agentkit/model.h"

#include <cstdlib>

#include <httplib.h>
#include <observatory/observatory.h>

#include "agentkit/clock.h"
#include "agentkit/recorded.h"
#include "agentkit/telemetry.h"

namespace agentkit {
namespace {

using observatory::Message;
using observatory::ModelReply;

constexpr int kTries = 3;
constexpr int64_t kMillisecond = 1'000'000, kSecond = 1'000 * kMillisecond;

std::string variable(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

json to_json(const Message& message) {
  json out = {{"role", message.role}, {"content", message.content}};
  if (!message.tool_call_id.empty()) out["tool_call_id"] = message.tool_call_id;
  for (const auto& call : message.tool_calls) {
    out["tool_calls"].push_back(
        {{"id", call.id},
         {"type", "function"},
         {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  return out;
}

ModelReply to_reply(const json& body) {
  const json& choice = body.at("choices").at(0);
  const json& message = choice.at("message");
  ModelReply reply;
  if (message.contains("content") && message["content"].is_string())
    reply.content = message["content"];
  for (const json& call : message.value("tool_calls", json::array())) {
    const json& function = call.at("function");
    reply.tool_calls.push_back(
        {call.value("id", ""), function.at("name"), function.at("arguments")});
  }
  reply.model = body.value("model", "");
  reply.finish_reason = choice.value("finish_reason", "");
  const json usage = body.value("usage", json::object());
  reply.input_tokens = usage.value("prompt_tokens", int64_t{0});
  reply.output_tokens = usage.value("completion_tokens", int64_t{0});
  return reply;
}

int64_t header_number(const httplib::Response& response, const char* name) {
  return std::strtoll(response.get_header_value(name).c_str(), nullptr, 10);
}

std::string reason_of(const httplib::Response& response) {
  const json body = json::parse(response.body, nullptr, false);
  if (body.is_object() && body.contains("error") && body["error"].is_object()) {
    return body["error"].value("message", response.body);
  }
  return response.body;
}

}  // namespace

ModelClient::ModelClient()
    : key_(variable("OPENAI_API_KEY", "none")),
      model_(variable("OPENAI_MODEL", "small-1")),
      embedding_model_(variable("OPENAI_EMBEDDING_MODEL", "embed-1")) {
  const std::string url = variable("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1");
  const size_t scheme = url.find("://");
  const size_t path = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  host_ = url.substr(0, path);
  if (path != std::string::npos) prefix_ = url.substr(path);
}

ModelClient::~ModelClient() = default;

json ModelClient::post(const std::string& path, const json& body) const {
  httplib::Client http(host_);
  http.set_read_timeout(120);
  http.set_bearer_token_auth(key_);
  for (int attempt = 1;; ++attempt) {
    const auto result = http.Post(prefix_ + path, body.dump(), "application/json");
    if (!result) throw ModelError(0, "cannot reach " + host_ + ": " + to_string(result.error()));
    if (result->status == 200) {
      // The model server says how long a call takes even where it does not make us wait.
      if (replay_clock()->replaying()) {
        replay_clock()->advance(header_number(*result, "openai-processing-ms") * kMillisecond);
      }
      json answer = json::parse(result->body, nullptr, false);
      if (answer.is_object()) return answer;
      throw ModelError(200, "cannot understand the model's answer: it is no JSON");
    }
    const bool passing = result->status == 429 || result->status >= 500;
    if (!passing || attempt == kTries) throw ModelError(result->status, reason_of(*result));
    const int64_t asked = header_number(*result, "retry-after") * kSecond;
    replay_clock()->wait(asked > 0 ? asked : attempt * 500 * kMillisecond);
  }
}

ModelReply ModelClient::chat(const std::vector<Message>& messages, const json& tools) const {
  json body = {{"model", model_}, {"messages", json::array()}};
  for (const Message& message : messages) body["messages"].push_back(to_json(message));
  if (!tools.empty()) body["tools"] = tools;
  return to_reply(post("/chat/completions", body));
}

std::vector<std::vector<float>> ModelClient::embed(const std::vector<std::string>& texts) const {
  const json answer = post("/embeddings", {{"model", embedding_model_}, {"input", texts}});
  std::vector<std::vector<float>> vectors;
  for (const json& item : answer.at("data")) vectors.push_back(item.at("embedding"));
  return vectors;
}

ModelReply ask(const ModelClient& client, const std::vector<Message>& messages) {
  observatory::Value::Array conversation;
  for (const Message& message : messages) {
    conversation.push_back(
        observatory::Value::map({{"role", message.role}, {"content", message.content}}));
  }
  auto call = observatory::llm_call(client.model(), {.provider = "openai", .input = conversation});
  const int64_t start = replay_clock()->steady_nanos();
  const ModelReply reply = recorded(call, [&] { return client.chat(messages); });
  call.set_response({.output = reply.content,
                     .input_tokens = reply.input_tokens,
                     .output_tokens = reply.output_tokens,
                     .model = reply.model,
                     .finish_reason = reply.finish_reason});
  const int64_t took = replay_clock()->steady_nanos() - start;
  log_lines()->log_llm_call({.model = reply.model,
                             .prompt_tokens = reply.input_tokens,
                             .completion_tokens = reply.output_tokens,
                             .latency_ms = static_cast<double>(took) / kMillisecond});
  return reply;
}

std::string say(const ModelClient& client, const std::string& instructions,
                const std::string& input, int64_t* tokens) {
  const ModelReply reply = ask(client, {{"system", instructions}, {"user", input}});
  *tokens += reply.input_tokens + reply.output_tokens;
  return reply.content;
}

std::string words_after(const std::string& answer, std::string_view label) {
  const size_t at = answer.find(label);
  if (at == std::string::npos) return {};
  const size_t begin = at + label.size();
  return answer.substr(begin, answer.find_first_of(".\n", begin) - begin);
}

json define_tool(const std::string& name, const std::string& description, const json& parameters) {
  json properties = json::object(), required = json::array();
  for (const auto& [key, meaning] : parameters.items()) {
    properties[key] = {{"type", "string"}, {"description", meaning}};
    required.push_back(key);
  }
  return {
      {"type", "function"},
      {"function",
       {{"name", name},
        {"description", description},
        {"parameters", {{"type", "object"}, {"properties", properties}, {"required", required}}}}}};
}

}  // namespace agentkit
