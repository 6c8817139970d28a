#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "net/http.h"
#include "net/test_peers.h"

struct nghttp2_session;

// An HTTP/2 client for the tests of net/, over plain TCP: many streams on one connection, bodies
// that stop in the middle, whatever headers a test wants. One thread at a time.

namespace ao::net {

class Http2Client {
 public:
  // Sends up to `max_streams` at once until the server's own limit is known.
  explicit Http2Client(const std::string& address, uint32_t max_streams = 1000);
  ~Http2Client();
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers;  // trailers too
    std::string body;
    bool over = false;   // the stream is closed
    bool ended = false;  // by the server, in order
    uint32_t error = 0;  // of its RST_STREAM
  };

  // Starts a request; `end` says that no more than `body` will come. Returns its stream.
  int32_t Start(const std::string& method, const std::string& path, HeaderList headers,
                std::string body, bool end = true);
  // More of a body, and its end.
  void Continue(int32_t stream, std::string body, bool end);
  void Cancel(int32_t stream);
  // Sends what there is to send, without waiting for anything.
  void Send();
  // False when the connection has ended.
  bool Receive();
  // Until the stream is closed, or its answer complete, or the connection has ended.
  const Answer& Await(int32_t stream);
  const Answer& AwaitClose(int32_t stream);
  // Until the server has taken everything sent before; false when the connection has ended.
  bool Pong();

  const Answer& answer(int32_t stream) { return streams_[stream].answer; }
  // An NGHTTP2_SETTINGS_... of the server.
  uint32_t Setting(int id) const;

 private:
  struct Stream {
    std::string body;
    size_t sent = 0;
    bool end = true;
    Answer answer;
  };
  struct Callbacks;

  RawClient socket_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Stream> streams_;
  int pings_ = 0, pongs_ = 0;
};

}  // namespace ao::net
