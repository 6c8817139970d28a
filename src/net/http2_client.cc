#include "net/http2_client.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace ao::net {

struct Http2Client::Callbacks {
  static Http2Client& Self(void* user) { return *static_cast<Http2Client*>(user); }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* user) {
    Answer& answer = Self(user).streams_[frame->hd.stream_id].answer;
    const std::string key(reinterpret_cast<const char*>(name), name_size);
    const std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":status") {
      answer.status = std::stoi(text);
    } else {
      answer.headers[key] = text;
    }
    return 0;
  }

  static int OnChunk(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                     void* user) {
    Self(user).streams_[id].answer.body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Client& self = Self(user);
    if (frame->hd.type == NGHTTP2_PING) self.pongs_ += (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    const bool has_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (has_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      self.streams_[frame->hd.stream_id].answer.ended = true;
    }
    return 0;
  }

  static int OnClose(nghttp2_session*, int32_t id, uint32_t error, void* user) {
    Answer& answer = Self(user).streams_[id].answer;
    answer.over = true;
    answer.error = error;
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, int32_t id, uint8_t* out, size_t room, uint32_t* flags,
                          nghttp2_data_source*, void* user) {
    Stream& stream = Self(user).streams_[id];
    const size_t size = std::min(room, stream.body.size() - stream.sent);
    if (size == 0 && !stream.end) return NGHTTP2_ERR_DEFERRED;
    std::memcpy(out, stream.body.data() + stream.sent, size);
    stream.sent += size;
    if (stream.end && stream.sent == stream.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }
};

Http2Client::Http2Client(const std::string& address, uint32_t max_streams) : socket_(address) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::OnChunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::OnClose);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_peer_max_concurrent_streams(options, max_streams);
  nghttp2_session_client_new2(&session_, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

Http2Client::~Http2Client() { nghttp2_session_del(session_); }

int32_t Http2Client::Start(const std::string& method, const std::string& path, HeaderList headers,
                           std::string body, bool end) {
  headers.insert(
      headers.begin(),
      {{":method", method}, {":scheme", "http"}, {":path", path}, {":authority", "localhost"}});
  std::vector<nghttp2_nv> fields;
  for (auto& [name, value] : headers) {
    fields.push_back({reinterpret_cast<uint8_t*>(name.data()),
                      reinterpret_cast<uint8_t*>(value.data()), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider provider = {};
  provider.read_callback = Callbacks::ReadBody;
  const bool bodiless = body.empty() && end;
  const int32_t id = nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                            bodiless ? nullptr : &provider, nullptr);
  Stream& stream = streams_[id];
  stream.body = std::move(body);
  stream.end = end;
  Send();
  return id;
}

void Http2Client::Continue(int32_t id, std::string body, bool end) {
  Stream& stream = streams_[id];
  stream.body.append(body);
  stream.end = end;
  nghttp2_session_resume_data(session_, id);
  Send();
}

void Http2Client::Cancel(int32_t id) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  Send();
}

void Http2Client::Send() {
  const uint8_t* data = nullptr;
  for (ssize_t size; (size = nghttp2_session_mem_send(session_, &data)) > 0;) {
    socket_.Send({reinterpret_cast<const char*>(data), static_cast<size_t>(size)});
  }
}

bool Http2Client::Receive() {
  const std::string data = socket_.ReadSome();
  if (data.empty()) return false;
  const ssize_t used = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const uint8_t*>(data.data()), data.size());
  EXPECT_GE(used, 0) << nghttp2_strerror(static_cast<int>(used));
  Send();
  return used > 0;
}

const Http2Client::Answer& Http2Client::Await(int32_t stream) {
  const Answer& answer = streams_[stream].answer;
  while (!answer.over && !answer.ended && Receive()) {
  }
  return answer;
}

const Http2Client::Answer& Http2Client::AwaitClose(int32_t stream) {
  const Answer& answer = streams_[stream].answer;
  while (!answer.over && Receive()) {
  }
  return answer;
}

bool Http2Client::Pong() {
  ++pings_;
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  Send();
  while (pongs_ < pings_ && Receive()) {
  }
  return pongs_ == pings_;
}

uint32_t Http2Client::Setting(int id) const {
  return nghttp2_session_get_remote_settings(session_, static_cast<nghttp2_settings_id>(id));
}

}  // namespace ao::net
