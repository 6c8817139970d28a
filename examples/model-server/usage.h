#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/json_writer.h"

// What the server has answered, to compare an agent's own figures with. Thread-safe.

namespace ao::model_server {

class UsageCounter {
 public:
  void Add(const std::string& model, int64_t prompt_tokens, int64_t completion_tokens) {
    const std::lock_guard lock(mutex_);
    Figures& figures = by_model_[model];
    ++figures.requests;
    figures.prompt_tokens += prompt_tokens;
    figures.completion_tokens += completion_tokens;
  }
  void AddError() {
    const std::lock_guard lock(mutex_);
    ++errors_;
  }
  std::string ToJson() const {
    const std::lock_guard lock(mutex_);
    Figures all;
    JsonWriter models;
    models.BeginObject();
    for (const auto& [model, figures] : by_model_) {
      models.Key(model).BeginObject();
      Write(figures, &models);
      models.EndObject();
      all.requests += figures.requests;
      all.prompt_tokens += figures.prompt_tokens;
      all.completion_tokens += figures.completion_tokens;
    }
    JsonWriter json;
    json.BeginObject();
    Write(all, &json);
    json.Field("errors", errors_).Key("models").Raw(models.EndObject().text());
    return json.EndObject().Take();
  }

 private:
  struct Figures {
    int64_t requests = 0, prompt_tokens = 0, completion_tokens = 0;
  };
  static void Write(const Figures& figures, JsonWriter* json) {
    json->Field("requests", figures.requests);
    json->Field("prompt_tokens", figures.prompt_tokens);
    json->Field("completion_tokens", figures.completion_tokens);
    json->Field("total_tokens", figures.prompt_tokens + figures.completion_tokens);
  }

  mutable std::mutex mutex_;
  std::map<std::string, Figures> by_model_;
  int64_t errors_ = 0;
};

}  // namespace ao::model_server
