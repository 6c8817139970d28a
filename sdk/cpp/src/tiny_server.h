#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>

// For tests only: as much of an HTTP server as a transport needs.

namespace observatory::testing {

struct HttpRequest {
  std::string head, body;
};

// Answers POSTs one after the other on a free port of the loopback interface.
class TinyServer {
 public:
  using Handler = std::function<std::string(const HttpRequest&)>;

  explicit TinyServer(Handler handler, int port = 0) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;  // the port of a server that has just ended will do
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) std::abort();
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(listener_, 16);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TinyServer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    close(listener_);
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void Serve() {
    while (!stopping_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      HttpRequest request;
      if (Read(client, &request)) {
        const std::string answer = handler_(request);
        (void)!write(client, answer.data(), answer.size());
      }
      close(client);
    }
  }
  static bool Read(int client, HttpRequest* request) {
    std::string data;
    char buffer[65536];
    size_t head = std::string::npos, length = 0;
    while (head == std::string::npos || data.size() < head + 4 + length) {
      const ssize_t got = read(client, buffer, sizeof(buffer));
      if (got <= 0) return false;
      data.append(buffer, static_cast<size_t>(got));
      if (head != std::string::npos) continue;
      head = data.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const size_t at = data.find("Content-Length: ");
      if (at != std::string::npos) length = std::stoul(data.substr(at + 16));
    }
    *request = {data.substr(0, head), data.substr(head + 4)};
    return true;
  }

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

inline std::string Answer(const std::string& status, const std::string& headers = {},
                          const std::string& body = {}) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace observatory::testing
