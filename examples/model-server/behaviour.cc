#include "model-server/behaviour.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/hash.h"
#include "model-server/random.h"
#include "model-server/tokens.h"

namespace ao::model_server {
namespace {

using cli::Json;

constexpr int kMaxDepth = 8;
constexpr size_t kTopicBytes = 160;

constexpr std::array kOpenings = {"In short", "As far as the sources say", "To answer the question",
                                  "Briefly"};
constexpr std::array kClosings = {
    "nothing else needs to be done.", "a person should confirm the details.",
    "the figures agree with each other.", "the rest follows from the above."};

// The end of the question, in whole words.
std::string TopicOf(std::string_view question) {
  if (question.size() > kTopicBytes) {
    question.remove_prefix(question.size() - kTopicBytes);
    const size_t blank = question.find(' ');
    question.remove_prefix(blank == std::string_view::npos ? 0 : blank + 1);
  }
  return std::string(question);
}

// A value that satisfies `schema`, with `text` where a text is wanted.
void WriteExample(const Json& schema, std::string_view text, int depth, JsonWriter* json) {
  const std::string& type = schema["type"].text();
  if (schema["enum"].size() > 0) {
    schema["enum"].at(0).Write(json);
  } else if (type == "integer" || type == "number") {
    json->Value(3);
  } else if (type == "boolean") {
    json->Value(true);
  } else if (type == "array") {
    json->BeginArray();
    if (depth < kMaxDepth) WriteExample(schema["items"], text, depth + 1, json);
    json->EndArray();
  } else if (type == "object" || schema["properties"].size() > 0) {
    json->BeginObject();
    const Json& properties = schema["properties"];
    for (size_t i = 0; i < properties.size() && depth < kMaxDepth; ++i) {
      json->Key(properties.keys()[i]);
      WriteExample(properties.at(i), text, depth + 1, json);
    }
    json->EndObject();
  } else {
    json->Value(text);
  }
}

std::string ExampleObject(const Json& schema, std::string_view text) {
  JsonWriter json;
  if (schema["properties"].size() == 0) return json.BeginObject().EndObject().Take();
  WriteExample(schema, text, 0, &json);
  return json.Take();
}

void CallTools(const ChatRequest& request, Random* random, Answer* answer) {
  const std::string topic = TopicOf(request.First("user"));
  const size_t first = random->Below(request.tools.size());
  const bool two = request.parallel_tool_calls && request.tools.size() > 1 && random->Below(4) == 0;
  for (size_t i = 0; i < (two ? 2U : 1U); ++i) {
    const Tool& tool = request.tools[(first + i) % request.tools.size()];
    answer->tool_calls.push_back({tool.name, ExampleObject(tool.parameters, topic)});
  }
  answer->finish_reason = "tool_calls";
}

Answer Improvise(const ChatRequest& request, uint64_t hash) {
  // How often tools are called is decided once a conversation, by what stays the same in it.
  Random per_conversation(Hash64(request.First("user")));
  Random random(hash);
  Answer answer;
  const bool may_call = !request.tools.empty() && request.tool_choice != "none";
  const auto turns = static_cast<int>(per_conversation.Below(3));
  if (may_call && request.assistant_messages() < turns) {
    CallTools(request, &random, &answer);
    return answer;
  }
  answer.text =
      fmt::format("{}: {} {}", kOpenings[random.Below(kOpenings.size())],
                  TopicOf(request.First("user")), kClosings[random.Below(kClosings.size())]);
  return answer;
}

// tool_choice "required" or a named tool: the answer is a call.
void ForceTool(const ChatRequest& request, Random* random, Answer* answer) {
  if (request.tools.empty() || request.tool_choice == "auto" || request.tool_choice == "none") {
    return;
  }
  const auto named =
      std::find_if(request.tools.begin(), request.tools.end(),
                   [&](const Tool& tool) { return tool.name == request.tool_choice; });
  if (named == request.tools.end() && !answer->tool_calls.empty()) return;
  if (named != request.tools.end() && answer->tool_calls.size() == 1 &&
      answer->tool_calls[0].name == named->name) {
    return;
  }
  answer->text.clear();
  answer->tool_calls.clear();
  if (named == request.tools.end()) return CallTools(request, random, answer);
  answer->tool_calls.push_back(
      {named->name, ExampleObject(named->parameters, TopicOf(request.First("user")))});
  answer->finish_reason = "stop";  // as for every named tool
}

void ForceJson(const ChatRequest& request, Answer* answer) {
  if (request.format == Format::kText || !answer->tool_calls.empty()) return;
  const auto parsed = Json::Parse(answer->text);
  if (parsed.ok() && parsed->type() == Json::Type::kObject) return;
  if (request.format == Format::kJsonSchema && request.schema["properties"].size() > 0) {
    answer->text = ExampleObject(request.schema, answer->text);
  } else {
    answer->text = JsonWriter().BeginObject().Field("answer", answer->text).EndObject().Take();
  }
}

}  // namespace

uint64_t HashRequest(const ChatRequest& request, uint64_t seed, int choice) {
  return Hash64(request.model + '\n' + request.conversation,
                seed ^ (static_cast<uint64_t>(request.seed) << 20) ^ static_cast<uint64_t>(choice));
}

Answer Respond(const ChatRequest& request, const Script& script, uint64_t hash) {
  Answer answer;
  if (!script.Choose(request, hash, &answer)) answer = Improvise(request, hash);
  if (answer.error_status != 0) return answer;
  Random random(hash ^ 1);
  ForceTool(request, &random, &answer);
  ForceJson(request, &answer);
  return answer;
}

void Truncate(int64_t tokens, Answer* answer) {
  std::string* text = &answer->text;
  if (!answer->tool_calls.empty()) text = &answer->tool_calls.back().arguments;
  const auto pieces = SplitTokens(*text);
  if (static_cast<int64_t>(pieces.size()) <= tokens) return;
  text->resize(static_cast<size_t>(pieces[static_cast<size_t>(tokens)].data() - text->data()));
  answer->finish_reason = "length";
}

void ApplyLimits(const ChatRequest& request, Answer* answer) {
  size_t end = std::string::npos;
  for (const std::string& stop : request.stop) end = std::min(end, answer->text.find(stop));
  if (end != std::string::npos) answer->text.resize(end);
  if (request.max_tokens > 0) Truncate(request.max_tokens, answer);
}

}  // namespace ao::model_server
