#include "net/exchange.h"

#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "net/ascii.h"
#include "net/url.h"

namespace ao::net {
namespace {

constexpr size_t kCompressFrom = 1024;

std::string_view Find(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

bool AcceptsGzip(std::string_view accept_encoding) {
  for (const std::string_view item : Split(accept_encoding, ',')) {
    const std::vector<std::string_view> parts = Split(item, ';');
    const std::string_view name = Trim(parts[0]);
    if (!EqualsIgnoreCase(name, "gzip") && name != "*") continue;
    double quality = 1;
    for (size_t i = 1; i < parts.size(); ++i) {
      const std::string_view weight = Trim(parts[i]);
      if (weight.substr(0, 2) == "q=") quality = ParseNumber<double>(weight.substr(2)).value_or(0);
    }
    return quality > 0;
  }
  return false;
}

bool IsCompressible(std::string_view content_type) {
  const auto has = [&](std::string_view part) {
    return content_type.find(part) != std::string_view::npos;
  };
  return content_type.substr(0, 5) == "text/" || has("json") || has("javascript") || has("xml");
}

// Empty when zlib fails.
std::string Gzip(std::string_view text) {
  z_stream z = {};
  if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&z, Z_FINISH);
  out.resize(code == Z_STREAM_END ? z.total_out : 0);
  deflateEnd(&z);
  return out;
}

void RemoveControlCharacters(std::string* value) {
  for (char& c : *value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
}

HttpResponse RenderError(const HttpCore& core, const ReplyTraits& traits, int http_status,
                         const Status& status) {
  HttpResponse response;
  if (traits.ingest && core.options.ingest_error != nullptr) {
    HttpRequest request;
    request.method = traits.method;
    request.path = traits.path;
    if (!traits.content_type.empty()) {
      request.headers.emplace_back("content-type", traits.content_type);
    }
    response = core.options.ingest_error(request, http_status, status);
  } else {
    response = ErrorResponse(status);
  }
  response.status = http_status;
  const auto set = [&](std::string_view name, std::string_view value) {
    for (const auto& header : response.headers) {
      if (EqualsIgnoreCase(header.first, name)) return;
    }
    response.headers.emplace_back(std::string(name), std::string(value));
  };
  if (http_status == 503) set("retry-after", "1");
  if (http_status == 401) set("www-authenticate", "Bearer realm=\"observatory\"");
  return response;
}

class ExchangeReply final : public Reply {
 public:
  ExchangeReply(std::shared_ptr<HttpCore> core, std::shared_ptr<ReplyTarget> target, uint32_t id,
                ReplyTraits traits)
      : core_(std::move(core)), target_(std::move(target)), id_(id), traits_(std::move(traits)) {}
  ~ExchangeReply() override {
    if (answered_.load()) return;
    Refuse(500, Internal("cannot answer the request: its handler gave no answer"));
  }
  ExchangeReply(const ExchangeReply&) = delete;
  ExchangeReply& operator=(const ExchangeReply&) = delete;

  void Refuse(int http_status, const Status& status) {
    Send(RenderError(*core_, traits_, http_status, status));
  }

  void Send(HttpResponse response) override {
    if (answered_.exchange(true)) return;
    target_->PostResponse(id_, Finalise(*core_, traits_, std::move(response)));
  }

  std::shared_ptr<ResponseStream> Stream(HttpResponse head) override {
    auto queue = std::make_shared<StreamQueue>(
        [target = target_, id = id_] { target->PostStreamReady(id); });
    if (answered_.exchange(true)) {
      queue->Close();
      return StreamQueue::HandlerEnd(std::move(queue));
    }
    ReplyTraits traits = traits_;
    traits.gzip = false;
    WireResponse response = Finalise(*core_, traits, std::move(head));
    if (response.head_only) {
      queue->Close();
    } else {
      response.stream = queue;
    }
    target_->PostResponse(id_, std::move(response));
    return StreamQueue::HandlerEnd(std::move(queue));
  }

 private:
  const std::shared_ptr<HttpCore> core_;
  const std::shared_ptr<ReplyTarget> target_;
  const uint32_t id_;
  const ReplyTraits traits_;
  std::atomic<bool> answered_{false};
};

void RunJob(HttpJob job) { job.route->handler(std::move(job.request), std::move(job.reply)); }

}  // namespace

HttpCore::HttpCore(HttpServerOptions opts, MemoryBudget& memory, Authenticator& auth)
    : options(std::move(opts)),
      cors(options.cors),
      budget(memory),
      authenticator(auth),
      ingest(options.max_queued_requests, RunJob),
      query(options.max_queued_requests, RunJob) {}

WireResponse Finalise(const HttpCore& core, const ReplyTraits& traits, HttpResponse response) {
  WireResponse out;
  out.status = response.status;
  out.head_only = traits.head_only;
  out.headers.reserve(response.headers.size() + 3);
  bool encoded = false;
  for (auto& [name, value] : response.headers) {
    name = ToLower(name);
    RemoveControlCharacters(&name);
    RemoveControlCharacters(&value);
    if (name == "connection" || name == "content-length" || name == "transfer-encoding") continue;
    encoded |= name == "content-encoding";
    out.headers.emplace_back(std::move(name), std::move(value));
  }
  const bool has_body = response.status != 204 && response.status != 304;
  if (!has_body) response.body.clear();
  if (has_body && !response.content_type.empty()) {
    RemoveControlCharacters(&response.content_type);
    if (!encoded && response.body.size() > kCompressFrom && IsCompressible(response.content_type)) {
      out.headers.emplace_back("vary", "Accept-Encoding");
      std::string packed = traits.gzip ? Gzip(response.body) : std::string();
      if (!packed.empty() && packed.size() < response.body.size()) {
        response.body = std::move(packed);
        out.headers.emplace_back("content-encoding", "gzip");
      }
    }
    out.headers.emplace_back("content-type", std::move(response.content_type));
  }
  core.cors.AddHeaders(traits.origin, &out.headers);
  out.body = std::move(response.body);
  return out;
}

Exchange::Exchange(std::shared_ptr<HttpCore> core, std::shared_ptr<ReplyTarget> target, uint32_t id,
                   std::string remote_address)
    : core_(std::move(core)), target_(std::move(target)), id_(id) {
  request_.remote_address = std::move(remote_address);
}

Exchange::Failure Exchange::Fail(int http_status, const Status& status) {
  return Finalise(*core_, traits_, RenderError(*core_, traits_, http_status, status));
}

Exchange::Failure Exchange::Begin(RequestHead head, bool overloaded) {
  request_.method = std::move(head.method);
  traits_.head_only = request_.method == "HEAD";
  traits_.origin = std::string(Find(head.headers, "origin"));
  traits_.gzip = AcceptsGzip(Find(head.headers, "accept-encoding"));
  if (overloaded) return Fail(Unavailable("cannot serve the connection: too many are open"));
  std::string_view target = head.target;
  if (const size_t scheme = target.find("://");
      scheme != std::string_view::npos && target.front() != '/') {  // absolute form
    target.remove_prefix(scheme + 3);
    const size_t slash = target.find('/');
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  target = target.substr(0, target.find('#'));
  const size_t question = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, question);
  if (path.empty() || (path.front() != '/' && !(path == "*" && request_.method == "OPTIONS"))) {
    return Fail(
        InvalidArgument(fmt::format("cannot serve \"{}\": not a path", path.substr(0, 80))));
  }
  if (request_.method == "OPTIONS") {
    if (auto answer = Preflight(head, path)) return answer;
  }
  Result<Router::Match> match = core_->router.Find(request_.method, path);
  if (!match.ok()) return Fail(match.status());
  traits_.ingest = match->ingest;
  traits_.path = match->path;
  if (traits_.ingest) {
    traits_.method = request_.method;
    traits_.content_type = std::string(Find(head.headers, "content-type"));
  }
  if (match->route == nullptr && !match->allowed.empty()) {
    const Status status = InvalidArgument(
        fmt::format("cannot {} {}: method not allowed", request_.method, traits_.path));
    Failure failure = Fail(405, status);
    failure->headers.emplace_back("allow", Join(match->allowed, ", "));
    return failure;
  }
  if (match->route == nullptr) {
    return Fail(NotFound(fmt::format("cannot serve \"{}\": no such path", traits_.path)));
  }
  route_ = match->route;
  request_.path = std::move(match->path);
  request_.path_parameters = std::move(match->parameters);
  return BeginRouted(head,
                     question < target.size() ? target.substr(question + 1) : std::string_view());
}

Exchange::Failure Exchange::BeginRouted(RequestHead& head, std::string_view raw_query) {
  auto query = ParseQuery(raw_query);
  if (!query.ok()) return Fail(query.status());
  request_.query = std::move(*query);
  request_.headers = std::move(head.headers);
  if (auto failure = Authorise()) return failure;
  auto encoding = ParseContentEncoding(request_.header("content-encoding"));
  if (!encoding.ok()) return Fail(encoding.status());
  const size_t limit = core_->options.max_body_bytes;
  body_.emplace(core_->budget.NewLease(), limit);
  if (head.content_length.has_value()) {
    if (*head.content_length > limit) {
      return Fail(ResourceExhausted(fmt::format(
          "cannot accept the body: its {} bytes are more than {}", *head.content_length, limit)));
    }
    if (*encoding == ContentEncoding::kIdentity) body_->Expect(*head.content_length);
  }
  inflater_ = Inflater::Create(*encoding, core_->budget.NewLease());
  const std::string_view expect = request_.header("expect");
  expects_continue_ = EqualsIgnoreCase(expect, "100-continue");
  if (!expect.empty() && !expects_continue_) {
    return Fail(417, InvalidArgument(fmt::format("cannot meet the expectation \"{}\"", expect)));
  }
  return std::nullopt;
}

Exchange::Failure Exchange::Authorise() {
  if (route_->access == Access::kPublic) return std::nullopt;
  auto principal = core_->authenticator.Authenticate(request_.headers);
  if (!principal.ok()) return Fail(principal.status());
  const bool may = route_->access == Access::kIngest ? principal->may_ingest
                   : route_->access == Access::kRead ? principal->may_read
                                                     : principal->may_admin;
  if (!may) {
    return Fail(PermissionDenied(
        fmt::format("cannot {} {}: the key lacks the right", request_.method, request_.path)));
  }
  request_.principal = std::move(*principal);
  return std::nullopt;
}

Exchange::Failure Exchange::Preflight(const RequestHead& head, std::string_view path) {
  std::vector<std::string> methods;
  if (path == "*") {
    methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  } else {
    const auto match = core_->router.Find("OPTIONS", path);
    if (!match.ok()) return Fail(match.status());
    // A route that takes OPTIONS itself still leaves preflights to the policy.
    if (match->route != nullptr && !traits_.origin.empty() &&
        !Find(head.headers, "access-control-request-method").empty()) {
      methods = {std::string(Find(head.headers, "access-control-request-method"))};
      RemoveControlCharacters(&methods.front());
    } else if (match->route != nullptr || match->allowed.empty()) {
      return std::nullopt;  // the route's own business, or a 404
    } else {
      methods = match->allowed;
    }
  }
  WireResponse response;
  response.status = 204;
  if (!traits_.origin.empty() && !Find(head.headers, "access-control-request-method").empty()) {
    core_->cors.AddPreflightHeaders(traits_.origin, methods,
                                    Find(head.headers, "access-control-request-headers"),
                                    &response.headers);
  } else {
    response.headers.emplace_back("allow", Join(methods, ", "));
    core_->cors.AddHeaders(traits_.origin, &response.headers);
  }
  return response;
}

Exchange::Failure Exchange::OnBody(std::string_view bytes) {
  const Status status =
      inflater_ != nullptr ? inflater_->Feed(bytes, &*body_) : body_->Append(bytes);
  if (status.ok()) return std::nullopt;
  // What was read is of no use any more; its memory is.
  body_.reset();
  inflater_.reset();
  return Fail(status);
}

Exchange::Failure Exchange::OnEnd() {
  if (inflater_ != nullptr) {
    const Status status = inflater_->Finish();
    inflater_.reset();
    if (!status.ok()) {
      body_.reset();
      return Fail(status);
    }
  }
  request_.body = body_->TakeText();
  request_.memory = body_->TakeLease();
  HttpJob job;
  job.route = route_;
  job.request = std::move(request_);
  auto reply = std::make_shared<ExchangeReply>(core_, target_, id_, std::move(traits_));
  job.reply = reply;
  auto& pool = route_->lane == Lane::kIngest ? core_->ingest : core_->query;
  if (!pool.TryPost(job)) {
    reply->Refuse(503, Unavailable("cannot take the request: too many are waiting", "try again"));
  }
  return std::nullopt;
}

}  // namespace ao::net
