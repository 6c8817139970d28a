#pragma once

#include <memory>
#include <string>
#include <vector>

#include "insurance-claims/channel.h"

struct redisContext;
struct redisReply;

namespace claims {

// A Redis stream, read by one consumer of a consumer group. What this consumer had and did not
// finish when it died comes first when it is back. Trace context travels as stream fields.
class RedisStream : public Channel, public Memory {
 public:
  // `url`: redis://host:port. Throws BusError.
  RedisStream(const std::string& url, std::string stream);
  ~RedisStream() override;

  const std::string& name() const override { return stream_; }
  std::string_view system() const override { return "redis"; }
  void send(const json& body) override;
  std::optional<Message> take(std::chrono::milliseconds patience) override;
  void done(const Message& message) override;

  // Keys beside the stream.
  void remember(const std::string& id) override;
  bool remembers(const std::string& id) override;

 private:
  using Reply = std::unique_ptr<redisReply, void (*)(void*)>;
  Reply command(const std::vector<std::string>& words);
  std::optional<Message> read_from(const std::string& position, const std::string& milliseconds);

  std::unique_ptr<redisContext, void (*)(redisContext*)> redis_;
  std::string stream_, url_;
  // Behind the last unfinished message of before; empty: there are no more.
  std::string unfinished_ = "0";
};

// Whether a Redis at that address answers.
bool redis_answers(const Address& address);

}  // namespace claims
