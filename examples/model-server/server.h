#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "model-server/faults.h"
#include "model-server/limits.h"
#include "model-server/script.h"

// An OpenAI-compatible server without a model, so that agents can be run, tested and recorded
// offline.
//
//   POST /v1/chat/completions   tools, streaming, n, stop, max_tokens, response_format
//   POST /v1/embeddings         near for similar texts (embedding.h); floats or base64
//   GET  /v1/models
//   GET, PUT, DELETE /faults and /faults/{name}   (faults.h)
//   GET  /usage                 what was answered since the start, in all and by model
//
// Any API key is taken. Every answer has `openai-processing-ms`, the time it takes by the latency
// settings, whether or not that was waited for.

namespace ao::model_server {

struct Options {
  std::string listen = "127.0.0.1:0";  // port 0 picks a free one
  uint64_t seed = 1;
  Script script;
  Latency latency;
  bool wait = true;  // false: answer at once, whatever the latency
  int64_t requests_per_minute = 0, tokens_per_minute = 0;  // 0: no limit
  int max_parallel = 64;                                   // calls answered at the same time
};

// Thread-safe.
class ModelServer {
 public:
  // Serves until destroyed. `clock` outlives the server. Fails as net::HttpServer does.
  static Result<std::unique_ptr<ModelServer>> Start(Options options, const Clock& clock);
  virtual ~ModelServer() = default;
  // host:port actually bound.
  virtual std::string address() const = 0;
};

}  // namespace ao::model_server
