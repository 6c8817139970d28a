#include "insurance-claims/rabbit_queue.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <charconv>
#include <vector>

namespace claims {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameBytes = 131072;
constexpr uint8_t kPersistent = 2;

amqp_bytes_t bytes_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}
std::string text_of(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

std::string reason_of(const amqp_rpc_reply_t& reply) {
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
    return amqp_error_string2(reply.library_error);
  }
  if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION) return "no answer";
  if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    return text_of(static_cast<amqp_channel_close_t*>(reply.reply.decoded)->reply_text);
  }
  return text_of(static_cast<amqp_connection_close_t*>(reply.reply.decoded)->reply_text);
}

void check(const amqp_rpc_reply_t& reply, const std::string& what) {
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw BusError(what + ": " + reason_of(reply));
}
void check(int status, const std::string& what) {
  if (status != AMQP_STATUS_OK) throw BusError(what + ": " + amqp_error_string2(status));
}

// A connection with one channel.
void connect(amqp_connection_state_t rabbit, const Address& address, timeval patience) {
  const std::string what =
      "cannot reach RabbitMQ at amqp://" + address.host + ":" + std::to_string(address.port);
  amqp_socket_t* socket = amqp_tcp_socket_new(rabbit);
  if (socket == nullptr) throw BusError(what + ": no memory");
  check(amqp_socket_open_noblock(socket, address.host.c_str(), address.port, &patience), what);
  amqp_set_handshake_timeout(rabbit, &patience);
  check(amqp_login(rabbit, "/", 0, kFrameBytes, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), what);
  amqp_channel_open(rabbit, kChannel);
  check(amqp_get_rpc_reply(rabbit), what);
}

observatory::Propagator::Pairs headers_of(const amqp_basic_properties_t& properties) {
  observatory::Propagator::Pairs headers;
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) == 0) return headers;
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const amqp_table_entry_t& entry = properties.headers.entries[i];
    if (entry.value.kind != AMQP_FIELD_KIND_UTF8) continue;
    headers.emplace_back(text_of(entry.key), text_of(entry.value.value.bytes));
  }
  return headers;
}

}  // namespace

RabbitQueue::RabbitQueue(const std::string& url, std::string queue, Use use)
    : rabbit_(amqp_new_connection(), amqp_destroy_connection), queue_(std::move(queue)) {
  connect(rabbit_.get(), address_of(url), {10, 0});
  const std::string what = "cannot open queue " + queue_;
  amqp_queue_declare(rabbit_.get(), kChannel, bytes_of(queue_), 0, 1, 0, 0, amqp_empty_table);
  check(amqp_get_rpc_reply(rabbit_.get()), what);
  if (use == Use::kSend) {
    amqp_confirm_select(rabbit_.get(), kChannel);
  } else {
    amqp_basic_qos(rabbit_.get(), kChannel, 0, 1, 0);
    check(amqp_get_rpc_reply(rabbit_.get()), what);
    amqp_basic_consume(rabbit_.get(), kChannel, bytes_of(queue_), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
  }
  check(amqp_get_rpc_reply(rabbit_.get()), what);
}

RabbitQueue::~RabbitQueue() = default;

void RabbitQueue::send(const json& body) {
  const auto headers = with_time(observatory::Propagator().amqp_headers());
  std::vector<amqp_table_entry_t> entries;
  for (const auto& [name, value] : headers) {
    amqp_table_entry_t& entry = entries.emplace_back();
    entry.key = bytes_of(name);
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = bytes_of(value);
  }
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = kPersistent;
  properties.headers = {static_cast<int>(entries.size()), entries.data()};
  const std::string text = body.dump();
  check(amqp_basic_publish(rabbit_.get(), kChannel, amqp_empty_bytes, bytes_of(queue_), 1, 0,
                           &properties, bytes_of(text)),
        "cannot send to " + queue_);
  await_confirmation();
}

void RabbitQueue::await_confirmation() {
  const timeval patience{10, 0};
  amqp_frame_t frame;
  do {
    check(amqp_simple_wait_frame_noblock(rabbit_.get(), &frame, &patience),
          "cannot send to " + queue_);
  } while (frame.frame_type != AMQP_FRAME_METHOD);
  const amqp_method_number_t answer = frame.payload.method.id;
  amqp_maybe_release_buffers(rabbit_.get());
  if (answer != AMQP_BASIC_ACK_METHOD) {
    throw BusError("cannot send to " + queue_ + ": RabbitMQ does not take the message");
  }
}

std::optional<Message> RabbitQueue::take(std::chrono::milliseconds patience) {
  amqp_maybe_release_buffers(rabbit_.get());
  const timeval timeout{patience.count() / 1000, (patience.count() % 1000) * 1000};
  amqp_envelope_t envelope;
  const amqp_rpc_reply_t reply = amqp_consume_message(rabbit_.get(), &envelope, &timeout, 0);
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
      reply.library_error == AMQP_STATUS_TIMEOUT) {
    return std::nullopt;
  }
  check(reply, "cannot take from " + queue_);
  const std::unique_ptr<amqp_envelope_t, void (*)(amqp_envelope_t*)> owner(&envelope,
                                                                           amqp_destroy_envelope);
  const auto headers = headers_of(envelope.message.properties);
  Message message;
  message.body = json::parse(text_of(envelope.message.body), nullptr, false);
  message.origin = observatory::Propagator().extract_amqp_headers(headers, {});
  read_time(headers, &message);
  message.redelivered = envelope.redelivered != 0;
  message.receipt = std::to_string(envelope.delivery_tag);
  return message;
}

void RabbitQueue::done(const Message& message) {
  uint64_t tag = 0;
  std::from_chars(message.receipt.data(), message.receipt.data() + message.receipt.size(), tag);
  check(amqp_basic_ack(rabbit_.get(), kChannel, tag, 0), "cannot acknowledge to " + queue_);
}

bool rabbit_answers(const Address& address) {
  const std::unique_ptr<amqp_connection_state_t_, int (*)(amqp_connection_state_t_*)> rabbit(
      amqp_new_connection(), amqp_destroy_connection);
  try {
    connect(rabbit.get(), address, {2, 0});
    amqp_connection_close(rabbit.get(), AMQP_REPLY_SUCCESS);
    return true;
  } catch (const BusError&) {
    return false;
  }
}

}  // namespace claims
