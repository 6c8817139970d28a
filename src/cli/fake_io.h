#pragma once

#include <deque>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/http_client.h"

// For tests of commands: a client that answers from a list and remembers what it was asked, and an
// Io on strings.

namespace ao::cli {

class FakeHttpClient final : public HttpClient {
 public:
  // Answers in order; when they run out, unavailable.
  void Answer(int status, std::string body,
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    answers_.push_back(ClientResponse{status, std::move(headers), std::move(body)});
  }
  void Fail(Status status) { answers_.push_back(std::move(status)); }

  Result<ClientResponse> Send(const ClientRequest& request) override {
    requests.push_back(request);
    if (answers_.empty()) return Unavailable("cannot reach http://localhost:4318: no answer left");
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  // The body in pieces of three bytes, so that readers must cope with any cut.
  Result<ClientResponse> Stream(const ClientRequest& request, const Sink& sink) override {
    auto answer = Send(request);
    if (!answer.ok() || answer->status >= 300) return answer;
    for (size_t i = 0; i < answer->body.size(); i += 3) {
      if (!sink(std::string_view(answer->body).substr(i, 3))) {
        return Status(StatusCode::kCancelled, "stopped");
      }
    }
    answer->body.clear();
    return answer;
  }

  std::vector<ClientRequest> requests;

 private:
  std::deque<Result<ClientResponse>> answers_;
};

// 2026-01-31T10:00:00Z
constexpr Nanos kTestNow = 1'769'853'600 * kSecond;

struct FakeTerminal {
  FakeHttpClient http;
  ManualClock clock{kTestNow};
  std::istringstream in;
  std::ostringstream out, err;
  std::vector<Nanos> sleeps;
  Io io{.in = in,
        .out = out,
        .err = err,
        .clock = clock,
        .http = http,
        .sleep = [this](Nanos duration) {
          sleeps.push_back(duration);
          clock.Advance(duration);
          return true;
        }};

  int Run(const std::vector<std::string>& arguments) {
    out.str("");
    err.str("");
    return cli::Run(ClientCommands(), arguments, io);
  }
};

}  // namespace ao::cli
