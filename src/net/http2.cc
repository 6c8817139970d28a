#include "net/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace ao::net {
namespace {

constexpr uint32_t kMaxStreams = 256;
constexpr uint32_t kStreamWindow = 1 << 20;
constexpr int32_t kConnectionWindow = 16 << 20;
constexpr size_t kHeadLimit = 64 * 1024;
constexpr size_t kWriteAhead = 256 * 1024;
// Streams that a client may cancel before their answer, beyond those it lets finish.
constexpr int kMaxUnfinished = 1000;
// What is read of a refused body for the client's sake. Some (curl 7.88) lose the response to a
// reset while they send, others (curl 8.10) stop sending and wait for one.
constexpr size_t kDiscardLimit = 64 << 20;
constexpr Nanos kDiscardTime = 3 * kSecond;

using Time = std::chrono::steady_clock::time_point;

struct Stream {
  int32_t id = 0;
  RequestHead head;
  size_t head_bytes = 0;
  std::unique_ptr<Exchange> exchange;
  bool responding = false;
  bool request_done = false;
  bool response_sent = false;
  size_t discarded = 0;
  Time discard_until = Time::max();
  // The response body, and where it continues.
  std::string body;
  size_t body_sent = 0;
  std::shared_ptr<StreamQueue> queue;
  bool queue_done = false;
  bool waiting = false;  // nghttp2 has been told that there are no data yet
};

class Http2 final : public Protocol {
 public:
  explicit Http2(Connection& connection);
  ~Http2() override { nghttp2_session_del(session_); }
  Http2(const Http2&) = delete;
  Http2& operator=(const Http2&) = delete;

  size_t OnData(std::string_view data) override;
  void OnEnd() override { connection_.Abort(); }
  void OnWritten() override { Pump(); }
  void OnReadTimeout() override;
  void OnResponse(uint32_t exchange, WireResponse response) override;
  void OnStreamReady(uint32_t exchange) override;
  void OnDrain() override;
  void OnClosed() override;

 private:
  static nghttp2_session_callbacks* Callbacks();
  static Http2& Self(void* user) { return *static_cast<Http2*>(user); }

  int OnBeginHeaders(const nghttp2_frame* frame);
  int OnHeader(const nghttp2_frame* frame, std::string_view name, std::string_view value);
  int OnFrame(const nghttp2_frame* frame);
  int OnFrameSent(const nghttp2_frame* frame);
  int OnChunk(int32_t id, std::string_view data);
  int OnStreamClose(int32_t id, uint32_t error);
  ssize_t ReadBody(Stream& stream, uint8_t* out, size_t room, uint32_t* flags);

  Stream* Find(int32_t id);
  void OnHead(Stream& stream);
  void OnRequestEnd(Stream& stream);
  void Respond(Stream& stream, WireResponse response);
  // The rest of a refused body need not be sent. Only once the response is: a reset overtakes it.
  void StopBody(Stream& stream);
  // Sends what nghttp2 has to say, as far as the socket keeps up.
  void Pump();
  void UpdateDeadline();

  Connection& connection_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<int32_t, std::unique_ptr<Stream>> streams_;
  int unfinished_ = 0;
  bool inside_ = false;  // a call into nghttp2 is under way
  bool closing_ = false;
};

nghttp2_session_callbacks* Http2::Callbacks() {
  static nghttp2_session_callbacks* const callbacks = [] {
    nghttp2_session_callbacks* c = nullptr;
    nghttp2_session_callbacks_new(&c);
    nghttp2_session_callbacks_set_on_begin_headers_callback(
        c, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          return Self(user).OnBeginHeaders(frame);
        });
    nghttp2_session_callbacks_set_on_header_callback(
        c, [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name, size_t name_size,
              const uint8_t* value, size_t value_size, uint8_t, void* user) {
          return Self(user).OnHeader(frame, {reinterpret_cast<const char*>(name), name_size},
                                     {reinterpret_cast<const char*>(value), value_size});
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        c, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          return Self(user).OnFrame(frame);
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        c, [](nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size, void* user) {
          return Self(user).OnChunk(id, {reinterpret_cast<const char*>(data), size});
        });
    nghttp2_session_callbacks_set_on_frame_send_callback(
        c, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
          return Self(user).OnFrameSent(frame);
        });
    nghttp2_session_callbacks_set_on_stream_close_callback(
        c, [](nghttp2_session*, int32_t id, uint32_t error, void* user) {
          return Self(user).OnStreamClose(id, error);
        });
    return c;
  }();
  return callbacks;
}

Http2::Http2(Connection& connection) : connection_(connection) {
  nghttp2_session_server_new(&session_, Callbacks(), this);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeadLimit},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Stream* Http2::Find(int32_t id) {
  const auto it = streams_.find(id);
  return it == streams_.end() ? nullptr : it->second.get();
}

size_t Http2::OnData(std::string_view data) {
  if (closing_) return data.size();
  inside_ = true;
  const ssize_t used = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const uint8_t*>(data.data()), data.size());
  inside_ = false;
  if (used < 0) {
    nghttp2_session_terminate_session(
        session_, used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
  }
  Pump();
  return data.size();
}

int Http2::OnBeginHeaders(const nghttp2_frame* frame) {
  if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  auto stream = std::make_unique<Stream>();
  stream->id = frame->hd.stream_id;
  streams_[frame->hd.stream_id] = std::move(stream);
  return 0;
}

int Http2::OnHeader(const nghttp2_frame* frame, std::string_view name, std::string_view value) {
  Stream* stream = Find(frame->hd.stream_id);
  if (stream == nullptr || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // trailers
  stream->head_bytes += name.size() + value.size() + 32;
  if (stream->head_bytes > kHeadLimit) return 0;  // refused once it is complete
  RequestHead& head = stream->head;
  if (name == ":method") {
    head.method = value;
  } else if (name == ":path") {
    head.target = value;
  } else if (name == ":authority") {
    head.headers.emplace_back("host", std::string(value));
  } else if (name.front() != ':') {
    if (name == "content-length") {
      uint64_t length = 0;
      const auto end = value.data() + value.size();
      if (std::from_chars(value.data(), end, length).ptr == end) head.content_length = length;
    }
    head.headers.emplace_back(std::string(name), std::string(value));
  }
  return 0;
}

int Http2::OnFrame(const nghttp2_frame* frame) {
  const bool headers = frame->hd.type == NGHTTP2_HEADERS;
  if (!headers && frame->hd.type != NGHTTP2_DATA) return 0;
  Stream* stream = Find(frame->hd.stream_id);
  if (stream == nullptr) return 0;
  stream->request_done = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (headers && frame->headers.cat == NGHTTP2_HCAT_REQUEST) OnHead(*stream);
  if (stream->request_done) OnRequestEnd(*stream);
  return 0;
}

int Http2::OnFrameSent(const nghttp2_frame* frame) {
  const bool has_flags = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (!has_flags || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  Stream* stream = Find(frame->hd.stream_id);
  if (stream == nullptr || stream->request_done) return 0;
  stream->response_sent = true;
  const Nanos idle = connection_.core()->options.idle_timeout;
  const Nanos patience = idle > 0 ? std::min(idle, kDiscardTime) : kDiscardTime;
  stream->discard_until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(patience);
  if (stream->discarded > kDiscardLimit) StopBody(*stream);
  return 0;
}

void Http2::StopBody(Stream& stream) {
  stream.discard_until = Time::max();
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_NO_ERROR);
}

void Http2::OnHead(Stream& stream) {
  const size_t head_bytes = stream.head_bytes;
  stream.exchange =
      std::make_unique<Exchange>(connection_.core(), connection_.shared_from_this(),
                                 static_cast<uint32_t>(stream.id), connection_.remote_address());
  if (head_bytes > kHeadLimit) {
    HttpResponse response =
        ErrorResponse(InvalidArgument("cannot read the request: its head is larger than 64 KiB"));
    response.status = 431;
    return Respond(stream, Finalise(*connection_.core(), {}, std::move(response)));
  }
  if (auto failure = stream.exchange->Begin(std::move(stream.head), connection_.overloaded())) {
    return Respond(stream, std::move(*failure));
  }
  if (stream.exchange->expects_continue() && !stream.request_done) {
    static constexpr char kName[] = ":status";
    static constexpr char kValue[] = "100";
    const nghttp2_nv interim = {reinterpret_cast<uint8_t*>(const_cast<char*>(kName)),
                                reinterpret_cast<uint8_t*>(const_cast<char*>(kValue)), 7, 3,
                                NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, &interim, 1, nullptr);
  }
}

int Http2::OnChunk(int32_t id, std::string_view data) {
  Stream* stream = Find(id);
  if (stream == nullptr) return 0;
  if (stream->responding) {
    stream->discarded += data.size();
    if (stream->response_sent && stream->discarded > kDiscardLimit) StopBody(*stream);
    return 0;
  }
  if (auto failure = stream->exchange->OnBody(data)) Respond(*stream, std::move(*failure));
  return 0;
}

void Http2::OnRequestEnd(Stream& stream) {
  if (stream.responding) return;
  if (auto failure = stream.exchange->OnEnd()) Respond(stream, std::move(*failure));
}

int Http2::OnStreamClose(int32_t id, uint32_t) {
  const auto it = streams_.find(id);
  if (it == streams_.end()) return 0;
  Stream& stream = *it->second;
  if (stream.queue != nullptr) stream.queue->Close();
  const bool answered = stream.responding && stream.body_sent == stream.body.size();
  unfinished_ = std::max(0, unfinished_ + (answered ? -1 : 1));
  if (unfinished_ > kMaxUnfinished) {
    nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
  }
  streams_.erase(it);
  return 0;
}

void Http2::OnResponse(uint32_t exchange, WireResponse response) {
  Stream* stream = Find(static_cast<int32_t>(exchange));
  if (stream == nullptr || stream->responding || closing_) {
    if (response.stream != nullptr) response.stream->Close();
    return;
  }
  Respond(*stream, std::move(response));
  Pump();
}

void Http2::Respond(Stream& stream, WireResponse response) {
  stream.responding = true;
  stream.queue = std::move(response.stream);
  const bool streaming = stream.queue != nullptr;
  if (streaming && connection_.draining()) stream.queue->Close();
  const std::string status = std::to_string(response.status);
  const std::string length = std::to_string(response.body.size());
  std::vector<nghttp2_nv> fields;
  const auto add = [&](std::string_view name, std::string_view value) {
    fields.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(),
                      value.size(), NGHTTP2_NV_FLAG_NONE});
  };
  add(":status", status);
  for (const auto& [name, value] : response.headers) add(name, value);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!streaming && !bodiless && !(response.head_only && response.body.empty())) {
    add("content-length", length);
  }
  if (!response.head_only) stream.body = std::move(response.body);
  nghttp2_data_provider body = {};
  body.source.ptr = &stream;
  body.read_callback = [](nghttp2_session*, int32_t, uint8_t* out, size_t room, uint32_t* flags,
                          nghttp2_data_source* source, void* user) {
    return Self(user).ReadBody(*static_cast<Stream*>(source->ptr), out, room, flags);
  };
  const bool empty = stream.body.empty() && !streaming;
  nghttp2_submit_response(session_, stream.id, fields.data(), fields.size(),
                          empty ? nullptr : &body);
}

ssize_t Http2::ReadBody(Stream& stream, uint8_t* out, size_t room, uint32_t* flags) {
  if (stream.body_sent == stream.body.size() && stream.queue != nullptr && !stream.queue_done) {
    if (stream.queue->closed()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    stream.body = stream.queue->Take(&stream.queue_done);
    stream.body_sent = 0;
    if (stream.body.empty() && !stream.queue_done) {
      stream.waiting = true;
      return NGHTTP2_ERR_DEFERRED;
    }
  }
  const size_t size = std::min(room, stream.body.size() - stream.body_sent);
  std::memcpy(out, stream.body.data() + stream.body_sent, size);
  stream.body_sent += size;
  if (stream.body_sent == stream.body.size() && (stream.queue == nullptr || stream.queue_done)) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  }
  return static_cast<ssize_t>(size);
}

void Http2::OnStreamReady(uint32_t exchange) {
  Stream* stream = Find(static_cast<int32_t>(exchange));
  if (stream == nullptr || !std::exchange(stream->waiting, false)) return;
  nghttp2_session_resume_data(session_, stream->id);
  Pump();
}

void Http2::Pump() {
  if (inside_ || closing_ || connection_.writing()) return;
  inside_ = true;
  std::string out;
  bool broken = false;
  while (out.size() < kWriteAhead) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    broken = size < 0;
    if (size <= 0) break;
    out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  }
  inside_ = false;
  if (broken) return connection_.Abort();
  const bool over =
      nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  UpdateDeadline();
  if (!out.empty()) connection_.Write(std::move(out));
  if (over) {
    closing_ = true;
    connection_.CloseWhenWritten();
  }
}

void Http2::UpdateDeadline() {
  // While handlers work the client has nothing to do but wait.
  bool waits_for_client = streams_.empty();
  Time first = Time::max();
  for (const auto& [id, stream] : streams_) {
    waits_for_client |= !stream->request_done;
    first = std::min(first, stream->discard_until);
  }
  Nanos deadline = waits_for_client ? connection_.core()->options.idle_timeout : 0;
  if (first != Time::max()) {
    const std::chrono::nanoseconds left = first - std::chrono::steady_clock::now();
    const Nanos soon = std::max<Nanos>(left.count(), 1);
    deadline = deadline > 0 ? std::min(deadline, soon) : soon;
  }
  connection_.SetReadDeadline(deadline);
}

void Http2::OnReadTimeout() {
  const Time now = std::chrono::steady_clock::now();
  bool stopped = false;
  for (const auto& [id, stream] : streams_) {
    if (stream->discard_until > now) continue;
    StopBody(*stream);
    stopped = true;
  }
  if (stopped) return Pump();
  nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
  Pump();
  if (!closing_) connection_.Abort();
}

void Http2::OnDrain() {
  for (const auto& [id, stream] : streams_) {
    if (stream->queue == nullptr) continue;
    stream->queue->Close();
    if (std::exchange(stream->waiting, false)) nghttp2_session_resume_data(session_, id);
  }
  const int32_t last = nghttp2_session_get_last_proc_stream_id(session_);
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
  Pump();
}

void Http2::OnClosed() {
  closing_ = true;
  for (const auto& [id, stream] : streams_) {
    if (stream->queue != nullptr) stream->queue->Close();
  }
  // Their queues know the connection: kept here, they would keep each other.
  streams_.clear();
}

}  // namespace

std::unique_ptr<Protocol> MakeHttp2(Connection& connection) {
  return std::make_unique<Http2>(connection);
}

}  // namespace ao::net
