#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_server.h"

// The other side of the tests of net/: compressors, a raw socket, and curl.

namespace ao::net {

// window_bits as zlib has it: 31 gzip, 15 zlib, -15 raw.
std::string Deflated(std::string_view text, int window_bits);
std::string Zstd(std::string_view text);

// A blocking TCP client that sends and expects bytes as they are. Reads fail after 20 s.
class RawClient {
 public:
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the peer no longer takes data.
  bool Send(std::string_view data);
  void EndSending();
  // Up to and including `mark`; everything there was when the peer closes first.
  std::string ReadUntil(std::string_view mark);
  std::string ReadToEnd() { return ReadUntil({}); }
  // What comes next; empty when the peer has closed.
  std::string ReadSome();
  // One response with Content-Length: head and body.
  std::string ReadResponse();
  // Closes with a reset instead of a goodbye.
  void Reset();
  // Whether the connection ended in order (not by a reset or a timeout).
  bool ended_in_order() const { return ended_in_order_; }

 private:
  bool Fill();

  int fd_ = -1;
  std::string buffer_;
  bool ended_in_order_ = false;
};

class Http2Client;

struct CurlRequest {
  std::string method = "GET";
  std::string path = "/";
  HeaderList headers;
  std::string body;
  bool http2 = false;  // prior knowledge, or ALPN under TLS
  bool chunked = false;
  std::string ca_file;  // not empty: https
};

struct CurlResponse {
  std::string error;  // of the transfer; empty when there is a response
  int status = 0;
  long version = 0;                            // CURL_HTTP_VERSION_...
  std::map<std::string, std::string> headers;  // lower case; the last response's
  std::string body;
};

// curl, but for HTTP/2 without TLS: there curl 7.88 can neither use a connection twice nor always
// finds the end of a response. Connections are kept between requests. One thread at a time.
class CurlClient {
 public:
  explicit CurlClient(std::string address);
  ~CurlClient();
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  CurlResponse Do(const CurlRequest& request);
  long connections_opened() const { return opened_; }

 private:
  const std::string address_;
  CurlResponse DoHttp2(const CurlRequest& request);

  void* const curl_;
  std::unique_ptr<Http2Client> http2_;
  long opened_ = 0;
};

// Lets everybody in, or only those with "authorization: Bearer <key>": "ingest", "read", "admin".
class TestAuthenticator final : public Authenticator {
 public:
  explicit TestAuthenticator(bool needs_key = false) : needs_key_(needs_key) {}
  Result<Principal> Authenticate(const HeaderList& headers) override;

 private:
  const bool needs_key_;
};

// A self-signed certificate for localhost in a new folder.
struct TestCertificate {
  TestCertificate();
  ~TestCertificate();
  std::string folder, certificate_file, key_file;
};

}  // namespace ao::net
