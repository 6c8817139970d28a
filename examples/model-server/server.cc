#include "model-server/server.h"

#include <atomic>
#include <bit>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include <fmt/format.h>

#include "base/encoding.h"
#include "model-server/behaviour.h"
#include "model-server/embedding.h"
#include "model-server/tokens.h"
#include "model-server/usage.h"
#include "model-server/wire.h"
#include "net/http_server.h"

namespace ao::model_server {
namespace {

using cli::Json;
using net::HttpRequest;
using net::HttpResponse;

constexpr size_t kMemoryBytes = 1ull << 30;
constexpr size_t kMaxBodyBytes = 128ull << 20;
constexpr size_t kMaxInputs = 2048;
constexpr std::string_view kModels[] = {"small-1", "large-1", "embed-1"};

class EveryKeyIsGood final : public net::Authenticator {
 public:
  Result<net::Principal> Authenticate(const net::HeaderList&) override { return net::Principal{}; }
};

// Waiting that ends when the server stops.
class Patience {
 public:
  // False when the server is stopping.
  bool Wait(Nanos duration) {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, std::chrono::nanoseconds(duration),
                              [this] { return stopping_; });
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
};

class Server final : public ModelServer {
 public:
  Server(Options options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        limiter_(options_.requests_per_minute, options_.tokens_per_minute, clock) {}

  ~Server() override {
    patience_.Stop();
    if (http_ != nullptr) http_->Stop(kSecond);
  }

  Status Start() {
    net::HttpServerOptions http;
    http.listen = options_.listen;
    http.query_threads = options_.max_parallel;
    http.max_body_bytes = kMaxBodyBytes;
    http.cors.allowed_origins = {"*"};
    AO_ASSIGN_OR_RETURN(http_, net::HttpServer::Create(std::move(http), budget_, authenticator_));
    AddRoutes();
    return http_->Start();
  }

  std::string address() const override { return http_->address(); }

 private:
  // What a request meets besides the model.
  struct Conditions {
    std::shared_ptr<const FaultSet> faults;
    uint64_t draw = 0;
    const Fault* Find(std::string_view name, const ChatRequest& request) const {
      return faults->Find(name, request.conversation, draw);
    }
  };

  void AddRoutes() {
    const auto add = [this](std::string method, std::string pattern, auto handle) {
      http_->AddRoute({std::move(method), std::move(pattern), net::Access::kPublic,
                       net::Lane::kQuery, [this, handle](HttpRequest request, net::ReplyPtr reply) {
                         (this->*handle)(request, std::move(reply));
                       }});
    };
    add("POST", "/v1/chat/completions", &Server::Chat);
    add("POST", "/v1/embeddings", &Server::Embeddings);
    add("GET", "/v1/models", &Server::Models);
    add("GET", "/faults", &Server::GetFaults);
    add("PUT", "/faults", &Server::PutFaults);
    add("DELETE", "/faults", &Server::DeleteFaults);
    add("PUT", "/faults/{name}", &Server::PutFault);
    add("DELETE", "/faults/{name}", &Server::DeleteFault);
    add("GET", "/usage", &Server::GetUsage);
    add("*", "/*", &Server::Nowhere);
  }

  void Refuse(const net::ReplyPtr& reply, HttpResponse response) {
    usage_.AddError();
    reply->Send(std::move(response));
  }

  void RefuseForNow(const net::ReplyPtr& reply, int64_t retry_after_s) {
    HttpResponse response = OpenAiError(
        429, "rate_limit_error",
        fmt::format("cannot answer: the rate limit is reached; try again in {} s", retry_after_s),
        {}, "rate_limit_exceeded");
    response.headers = limiter_.Headers();
    response.headers.emplace_back("retry-after", fmt::to_string(retry_after_s));
    Refuse(reply, std::move(response));
  }

  // True when the request was answered with an error.
  bool Fails(const Conditions& conditions, const ChatRequest& request, const net::ReplyPtr& reply) {
    if (const Nanos wait = limiter_.Take(request.prompt_tokens); wait > 0) {
      RefuseForNow(reply, (wait + kSecond - 1) / kSecond);
      return true;
    }
    if (const Fault* fault = conditions.Find("rate_limit", request)) {
      RefuseForNow(reply, fault->retry_after_s);
      return true;
    }
    if (const Fault* fault = conditions.Find("server_error", request)) {
      Refuse(reply, OpenAiError(fault->status, "server_error",
                                "cannot answer: the server had an error (fault server_error)"));
      return true;
    }
    return false;
  }

  Answer AnswerOf(const ChatRequest& request, const Conditions& conditions, uint64_t hash) const {
    Answer answer = Respond(request, options_.script, hash);
    if (answer.error_status != 0) return answer;
    if (const Fault* fault = conditions.Find("refuse", request)) {
      answer = Answer{};
      (request.format == Format::kJsonSchema ? answer.refusal : answer.text) = fault->message;
    }
    if (const Fault* fault = conditions.Find("verbosity", request)) {
      ChangeLength(fault->factor, &answer);
    }
    if (const Fault* fault = conditions.Find("wrong_arguments", request)) {
      RenameArguments(*fault, &answer);
    }
    if (const Fault* fault = conditions.Find("truncated", request)) {
      Truncate(fault->tokens, &answer);
    }
    ApplyLimits(request, &answer);
    return answer;
  }

  void Chat(const HttpRequest& http, net::ReplyPtr reply) {
    const auto body = Json::Parse(http.body);
    if (!body.ok()) return Refuse(reply, OpenAiError(body.status()));
    const auto request = ParseChatRequest(*body);
    if (!request.ok()) return Refuse(reply, OpenAiError(request.status()));
    const Conditions conditions{faults_.Get(), options_.seed ^ (sequence_.fetch_add(1) << 16)};
    if (Fails(conditions, *request, reply)) return;

    Completion completion;
    completion.hash = HashRequest(*request, options_.seed, 0);
    completion.id = fmt::format("chatcmpl-{:016x}", completion.hash);
    completion.created = clock_.Now() / kSecond;
    completion.model = request->model;
    completion.prompt_tokens = request->prompt_tokens;
    for (int i = 0; i < request->choices; ++i) {
      Answer answer = AnswerOf(*request, conditions, HashRequest(*request, options_.seed, i));
      if (answer.error_status != 0) {
        return Refuse(reply,
                      OpenAiError(answer.error_status, answer.error_type, answer.error_message));
      }
      if (answer.usage) completion.prompt_tokens = answer.usage->first;
      completion.completion_tokens += answer.completion_tokens();
      completion.choices.push_back(std::move(answer));
    }
    Deliver(*request, conditions, completion, reply);
  }

  void Deliver(const ChatRequest& request, const Conditions& conditions,
               const Completion& completion, const net::ReplyPtr& reply) {
    const Fault* slow = conditions.Find("slow", request);
    const auto plan = options_.latency.Draw(completion.hash, slow != nullptr ? slow->factor : 1);
    HttpResponse head{.headers = limiter_.Headers(), .body = {}};
    head.headers.emplace_back(
        "openai-processing-ms",
        fmt::to_string(plan.total(completion.completion_tokens) / kMillisecond));
    head.headers.emplace_back("x-request-id", completion.id);
    usage_.Add(completion.model, completion.prompt_tokens, completion.completion_tokens);
    const bool broken = conditions.Find("malformed_json", request) != nullptr;
    if (request.stream) {
      return StreamChunks(RenderChunks(completion, request.include_usage), plan, broken,
                          std::move(head), reply);
    }
    if (!Wait(plan.total(completion.completion_tokens))) return;
    head.body = RenderCompletion(completion);
    if (broken) head.body.resize(head.body.size() / 2);
    reply->Send(std::move(head));
  }

  bool Wait(Nanos duration) { return !options_.wait || duration <= 0 || patience_.Wait(duration); }

  void StreamChunks(const std::vector<std::string>& events, const Latency::Plan& plan, bool broken,
                    HttpResponse head, const net::ReplyPtr& reply) {
    head.content_type = "text/event-stream";
    head.headers.emplace_back("cache-control", "no-cache");
    if (!Wait(plan.first_token)) return;
    const auto stream = reply->Stream(std::move(head));
    for (size_t i = 0; i < events.size(); ++i) {
      std::string_view event = events[i];
      const bool last = broken && i == events.size() / 2;
      if (last) event = event.substr(0, event.size() / 2);
      if (!stream->Write(fmt::format("data: {}\n\n", event)) || last) return;
      if (i > 0 && !Wait(plan.per_token)) return;
    }
    stream->Finish();
  }

  void Embeddings(const HttpRequest& http, net::ReplyPtr reply) {
    const auto body = Json::Parse(http.body);
    if (!body.ok()) return Refuse(reply, OpenAiError(body.status()));
    const Json& input = (*body)["input"];
    std::vector<std::string_view> texts;
    if (input.type() == Json::Type::kString) texts.push_back(input.text());
    for (const Json& item : input.items()) {
      if (item.type() != Json::Type::kString) {
        return Refuse(reply, OpenAiError(InvalidArgument(
                                 "cannot embed input: every item must be a text", "input")));
      }
      texts.push_back(item.text());
    }
    const int64_t dimensions =
        (*body)["dimensions"].is_null() ? kDefaultDimensions : (*body)["dimensions"].integer();
    if (texts.empty() || texts.size() > kMaxInputs || dimensions < 1 ||
        dimensions > kMaxDimensions) {
      return Refuse(reply,
                    OpenAiError(InvalidArgument(
                        fmt::format("cannot embed input: {} texts in {} dimensions; from 1 to "
                                    "{} texts and dimensions are possible",
                                    texts.size(), dimensions, kMaxInputs),
                        "input")));
    }
    SendVectors(texts, static_cast<int>(dimensions), *body, reply);
  }

  void SendVectors(const std::vector<std::string_view>& texts, int dimensions, const Json& body,
                   const net::ReplyPtr& reply) {
    int64_t tokens = 0;
    JsonWriter json;
    json.BeginObject().Field("object", "list").Key("data").BeginArray();
    for (size_t i = 0; i < texts.size(); ++i) {
      tokens += CountTokens(texts[i]);
      const std::vector<float> vector = Embed(texts[i], dimensions, options_.seed);
      json.BeginObject().Field("object", "embedding").Field("index", i).Key("embedding");
      if (body["encoding_format"].text() == "base64") {
        static_assert(std::endian::native == std::endian::little);
        std::string raw(vector.size() * sizeof(float), '\0');
        std::memcpy(raw.data(), vector.data(), raw.size());
        json.Value(EncodeBase64(raw));
      } else {
        json.BeginArray();
        for (const float x : vector) json.Value(static_cast<double>(x));
        json.EndArray();
      }
      json.EndObject();
    }
    const std::string& model = body["model"].text();
    json.EndArray().Field("model", model).Key("usage").BeginObject();
    json.Field("prompt_tokens", tokens).Field("total_tokens", tokens).EndObject().EndObject();
    if (const Nanos wait = limiter_.Take(tokens); wait > 0) {
      return RefuseForNow(reply, (wait + kSecond - 1) / kSecond);
    }
    usage_.Add(model, tokens, 0);
    const auto plan = options_.latency.Draw(tokens, 1);
    if (!Wait(plan.first_token)) return;
    reply->Send(
        {.headers = {{"openai-processing-ms", fmt::to_string(plan.first_token / kMillisecond)}},
         .body = json.Take()});
  }

  void Models(const HttpRequest&, net::ReplyPtr reply) {
    JsonWriter json;
    json.BeginObject().Field("object", "list").Key("data").BeginArray();
    for (const std::string_view id : kModels) {
      json.BeginObject().Field("id", id).Field("object", "model").Field("created", 1'750'000'000);
      json.Field("owned_by", "local").EndObject();
    }
    reply->Send({.headers = {}, .body = json.EndArray().EndObject().Take()});
  }

  void SendFaults(const net::ReplyPtr& reply) {
    JsonWriter json;
    faults_.Get()->Write(&json);
    reply->Send({.headers = {}, .body = json.Take()});
  }
  void GetFaults(const HttpRequest&, net::ReplyPtr reply) { SendFaults(reply); }
  void DeleteFaults(const HttpRequest&, net::ReplyPtr reply) {
    faults_.Set({});
    SendFaults(reply);
  }
  void PutFaults(const HttpRequest& http, net::ReplyPtr reply) {
    const auto body = Json::Parse(http.body);
    if (!body.ok()) return reply->Send(OpenAiError(body.status()));
    auto faults = FaultSet::Parse(*body);
    if (!faults.ok()) return reply->Send(OpenAiError(faults.status()));
    faults_.Set(std::move(*faults));
    SendFaults(reply);
  }
  void PutFault(const HttpRequest& http, net::ReplyPtr reply) {
    const auto body = Json::Parse(http.body.empty() ? "{}" : http.body);
    if (!body.ok()) return reply->Send(OpenAiError(body.status()));
    const std::string name(http.path_parameter("name"));
    auto fault = ParseFault(name, *body);
    if (!fault.ok()) return reply->Send(OpenAiError(fault.status()));
    const std::lock_guard lock(faults_mutex_);
    faults_.Set(faults_.Get()->With(name, std::move(*fault)));
    SendFaults(reply);
  }
  void DeleteFault(const HttpRequest& http, net::ReplyPtr reply) {
    const std::string name(http.path_parameter("name"));
    if (Status known = CheckFaultName(name); !known.ok()) return reply->Send(OpenAiError(known));
    const std::lock_guard lock(faults_mutex_);
    faults_.Set(faults_.Get()->Without(name));
    SendFaults(reply);
  }

  void GetUsage(const HttpRequest&, net::ReplyPtr reply) {
    reply->Send({.headers = {}, .body = usage_.ToJson()});
  }

  void Nowhere(const HttpRequest& http, net::ReplyPtr reply) {
    reply->Send(OpenAiError(
        404, "invalid_request_error",
        fmt::format("cannot answer {} {}: there is no such path", http.method, http.path), {},
        "unknown_url"));
  }

  Options options_;
  const Clock& clock_;
  MemoryBudget budget_{kMemoryBytes};
  EveryKeyIsGood authenticator_;
  RateLimiter limiter_;
  FaultBoard faults_;
  std::mutex faults_mutex_;  // of changes to a single fault
  UsageCounter usage_;
  std::atomic<uint64_t> sequence_{0};
  Patience patience_;
  std::unique_ptr<net::HttpServer> http_;
};

}  // namespace

Result<std::unique_ptr<ModelServer>> ModelServer::Start(Options options, const Clock& clock) {
  auto server = std::make_unique<Server>(std::move(options), clock);
  AO_TRY(server->Start());
  return std::unique_ptr<ModelServer>(std::move(server));
}

}  // namespace ao::model_server
