#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model-server/chat.h"
#include "net/http.h"

// Answers as the OpenAI API writes them.

namespace ao::model_server {

struct Completion {
  std::string id;
  int64_t created = 0;  // seconds since the Unix epoch
  std::string model;
  uint64_t hash = 0;  // of the request; tool call ids are made from it
  std::vector<Answer> choices;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
};

std::string RenderCompletion(const Completion& completion);
// The events of a stream without "data: ": one a token or call, finish reasons, usage, "[DONE]".
std::vector<std::string> RenderChunks(const Completion& completion, bool include_usage);

// {"error": {"message", "type", "param", "code"}}.
net::HttpResponse OpenAiError(int status, std::string_view type, std::string_view message,
                              std::string_view parameter = {}, std::string_view code = {});
// The same from a Status; of invalid arguments the hint is the parameter.
net::HttpResponse OpenAiError(const Status& status);

}  // namespace ao::model_server
