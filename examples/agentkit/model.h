#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <observatory/agent.h>
#include <nlohmann/json.hpp>

namespace agentkit {

using json = nlohmann::json;

// What the endpoint answered when it was not an answer.
struct ModelError : std::runtime_error {
  ModelError(int http_status, const std::string& what)
      : std::runtime_error(what), status(http_status) {}
  int status;  // 0: it could not be reached
};

// A client of any OpenAI-compatible endpoint: OPENAI_BASE_URL (default: the model server's), with
// OPENAI_API_KEY and OPENAI_MODEL. Tries again after 429 and 5xx, twice. It records nothing itself;
// thread-safe.
class ModelClient {
 public:
  ModelClient();
  ~ModelClient();

  const std::string& model() const { return model_; }
  // `tools` is the API's list of function definitions, or empty. Throws ModelError.
  observatory::ModelReply chat(const std::vector<observatory::Message>& messages,
                               const json& tools = {}) const;
  // A vector for each text. Throws ModelError.
  std::vector<std::vector<float>> embed(const std::vector<std::string>& texts) const;

 private:
  json post(const std::string& path, const json& body) const;

  std::string host_, prefix_, key_, model_, embedding_model_;
};

// One question to the model, recorded: a span "llm.call", a log line, and the metrics.
observatory::ModelReply ask(const ModelClient& client,
                            const std::vector<observatory::Message>& messages);

// The same with instructions and one input, where only the words count. Its tokens are added.
std::string say(const ModelClient& client, const std::string& instructions,
                const std::string& input, int64_t* tokens);

// What stands behind `label` in an answer, up to the end of the sentence; empty without it.
std::string words_after(const std::string& answer, std::string_view label);

// {"type": "function", "function": {name, description, parameters}}; every parameter, given as
// {name: description}, is a text that must be there.
json define_tool(const std::string& name, const std::string& description, const json& parameters);

}  // namespace agentkit
