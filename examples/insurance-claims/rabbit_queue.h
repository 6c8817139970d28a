#pragma once

#include <memory>
#include <string>

#include "insurance-claims/channel.h"

struct amqp_connection_state_t_;

namespace claims {

// A durable queue of RabbitMQ (AMQP 0-9-1): messages are persistent, confirmed to the sender, and
// acknowledged by the consumer, who has one at a time. Trace context travels as headers.
class RabbitQueue : public Channel {
 public:
  enum class Use { kSend, kTake };
  // `url`: amqp://host:port. Throws BusError.
  RabbitQueue(const std::string& url, std::string queue, Use use);
  ~RabbitQueue() override;

  const std::string& name() const override { return queue_; }
  std::string_view system() const override { return "rabbitmq"; }
  void send(const json& body) override;
  std::optional<Message> take(std::chrono::milliseconds patience) override;
  void done(const Message& message) override;

 private:
  using Connection = std::unique_ptr<amqp_connection_state_t_, int (*)(amqp_connection_state_t_*)>;
  void await_confirmation();

  Connection rabbit_;
  std::string queue_;
};

// Whether a RabbitMQ at that address takes connections.
bool rabbit_answers(const Address& address);

}  // namespace claims
