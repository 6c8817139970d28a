#include "model-server/wire.h"

#include <fmt/format.h>

#include "model-server/tokens.h"

namespace ao::model_server {
namespace {

std::string CallId(const Completion& completion, size_t choice, size_t call) {
  return fmt::format("call_{:016x}{}{}", completion.hash, choice, call);
}

void WriteUsage(const Completion& completion, JsonWriter* json) {
  json->Key("usage").BeginObject();
  json->Field("prompt_tokens", completion.prompt_tokens);
  json->Field("completion_tokens", completion.completion_tokens);
  json->Field("total_tokens", completion.prompt_tokens + completion.completion_tokens);
  json->Key("prompt_tokens_details").BeginObject().Field("cached_tokens", 0).EndObject();
  json->Key("completion_tokens_details").BeginObject().Field("reasoning_tokens", 0).EndObject();
  json->EndObject();
}

void WriteMessage(const Completion& completion, size_t choice, JsonWriter* json) {
  const Answer& answer = completion.choices[choice];
  json->Key("message").BeginObject().Field("role", "assistant").Key("content");
  const bool silent =
      answer.text.empty() && (!answer.tool_calls.empty() || !answer.refusal.empty());
  silent ? json->Null() : json->Value(answer.text);
  json->Key("refusal");
  answer.refusal.empty() ? json->Null() : json->Value(answer.refusal);
  if (!answer.tool_calls.empty()) {
    json->Key("tool_calls").BeginArray();
    for (size_t i = 0; i < answer.tool_calls.size(); ++i) {
      const ToolCall& call = answer.tool_calls[i];
      json->BeginObject().Field("id", CallId(completion, choice, i)).Field("type", "function");
      json->Key("function").BeginObject().Field("name", call.name);
      json->Field("arguments", call.arguments).EndObject().EndObject();
    }
    json->EndArray();
  }
  json->EndObject();
}

// Writes the events of one completion; every event repeats the head.
class ChunkWriter {
 public:
  explicit ChunkWriter(const Completion& completion) : completion_(completion) {}

  template <typename WriteDelta>
  void Delta(size_t choice, const WriteDelta& write_delta, std::string_view finish_reason = {}) {
    JsonWriter json = Head();
    json.Key("choices").BeginArray().BeginObject().Field("index", choice);
    json.Key("delta").BeginObject();
    write_delta(&json);
    json.EndObject().Key("logprobs").Null().Key("finish_reason");
    finish_reason.empty() ? json.Null() : json.Value(finish_reason);
    json.EndObject().EndArray().EndObject();
    events_.push_back(json.Take());
  }
  void Usage() {
    JsonWriter json = Head();
    json.Key("choices").BeginArray().EndArray();
    WriteUsage(completion_, &json);
    json.EndObject();
    events_.push_back(json.Take());
  }
  std::vector<std::string> Finish() {
    events_.emplace_back("[DONE]");
    return std::move(events_);
  }

 private:
  JsonWriter Head() const {
    JsonWriter json;
    json.BeginObject().Field("id", completion_.id).Field("object", "chat.completion.chunk");
    json.Field("created", completion_.created).Field("model", completion_.model);
    return json;
  }

  const Completion& completion_;
  std::vector<std::string> events_;
};

void WriteChoiceChunks(const Completion& completion, size_t choice, ChunkWriter* chunks) {
  const Answer& answer = completion.choices[choice];
  chunks->Delta(choice, [](JsonWriter* json) {
    json->Field("role", "assistant").Field("content", "").Key("refusal").Null();
  });
  for (const std::string_view piece : SplitTokens(answer.text)) {
    chunks->Delta(choice, [&](JsonWriter* json) { json->Field("content", piece); });
  }
  for (const std::string_view piece : SplitTokens(answer.refusal)) {
    chunks->Delta(choice, [&](JsonWriter* json) { json->Field("refusal", piece); });
  }
  for (size_t i = 0; i < answer.tool_calls.size(); ++i) {
    const ToolCall& call = answer.tool_calls[i];
    chunks->Delta(choice, [&](JsonWriter* json) {
      json->Key("tool_calls").BeginArray().BeginObject().Field("index", i);
      json->Field("id", CallId(completion, choice, i)).Field("type", "function").Key("function");
      json->BeginObject().Field("name", call.name).Field("arguments", "").EndObject();
      json->EndObject().EndArray();
    });
    for (const std::string_view piece : SplitTokens(call.arguments)) {
      chunks->Delta(choice, [&](JsonWriter* json) {
        json->Key("tool_calls").BeginArray().BeginObject().Field("index", i).Key("function");
        json->BeginObject().Field("arguments", piece).EndObject().EndObject().EndArray();
      });
    }
  }
  chunks->Delta(
      choice, [](JsonWriter*) {}, answer.finish_reason);
}

std::string_view ErrorTypeOf(int status) {
  if (status == 429) return "rate_limit_error";
  if (status == 401 || status == 403) return "authentication_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

}  // namespace

std::string RenderCompletion(const Completion& completion) {
  JsonWriter json;
  json.BeginObject().Field("id", completion.id).Field("object", "chat.completion");
  json.Field("created", completion.created).Field("model", completion.model);
  json.Key("choices").BeginArray();
  for (size_t i = 0; i < completion.choices.size(); ++i) {
    json.BeginObject().Field("index", i);
    WriteMessage(completion, i, &json);
    json.Key("logprobs").Null();
    json.Field("finish_reason", completion.choices[i].finish_reason).EndObject();
  }
  json.EndArray();
  WriteUsage(completion, &json);
  return json.EndObject().Take();
}

std::vector<std::string> RenderChunks(const Completion& completion, bool include_usage) {
  ChunkWriter chunks(completion);
  for (size_t i = 0; i < completion.choices.size(); ++i) WriteChoiceChunks(completion, i, &chunks);
  if (include_usage) chunks.Usage();
  return chunks.Finish();
}

net::HttpResponse OpenAiError(int status, std::string_view type, std::string_view message,
                              std::string_view parameter, std::string_view code) {
  JsonWriter json;
  json.BeginObject().Key("error").BeginObject().Field("message", message).Field("type", type);
  json.Key("param");
  parameter.empty() ? json.Null() : json.Value(parameter);
  json.Key("code");
  code.empty() ? json.Null() : json.Value(code);
  json.EndObject().EndObject();
  return {.status = status, .headers = {}, .body = json.Take()};
}

net::HttpResponse OpenAiError(const Status& status) {
  const int code = HttpStatusOf(status.code());
  return OpenAiError(code, ErrorTypeOf(code), status.message(),
                     status.code() == StatusCode::kInvalidArgument ? status.hint() : "");
}

}  // namespace ao::model_server
