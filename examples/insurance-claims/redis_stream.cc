#include "insurance-claims/redis_stream.h"

#include <hiredis/hiredis.h>

#include <utility>

namespace claims {
namespace {

constexpr char kGroup[] = "agents", kConsumer[] = "agent", kBody[] = "body";
constexpr timeval kPatience{10, 0};

std::string text_of(const redisReply* reply) { return {reply->str, reply->len}; }

bool is_array(const redisReply* reply, size_t least) {
  return reply != nullptr && reply->type == REDIS_REPLY_ARRAY && reply->elements >= least;
}

// The first entry of the first stream of an XREADGROUP: [[stream, [[id, [name, value, ...]]]]].
const redisReply* first_entry(const redisReply* reply) {
  if (!is_array(reply, 1) || !is_array(reply->element[0], 2)) return nullptr;
  const redisReply* entries = reply->element[0]->element[1];
  if (!is_array(entries, 1) || !is_array(entries->element[0], 2)) return nullptr;
  return entries->element[0];
}

}  // namespace

RedisStream::RedisStream(const std::string& url, std::string stream)
    : redis_(nullptr, redisFree), stream_(std::move(stream)), url_(url) {
  const Address address = address_of(url);
  redis_.reset(redisConnectWithTimeout(address.host.c_str(), address.port, kPatience));
  if (redis_ == nullptr || redis_->err != 0) {
    throw BusError("cannot reach Redis at " + url + ": " + (redis_ ? redis_->errstr : "no memory"));
  }
  redisSetTimeout(redis_.get(), kPatience);
  // From the first message on, whoever comes first; BUSYGROUP says that it was the other one.
  const Reply made(static_cast<redisReply*>(redisCommand(
                       redis_.get(), "XGROUP CREATE %s %s 0 MKSTREAM", stream_.c_str(), kGroup)),
                   freeReplyObject);
  if (made == nullptr) throw BusError("cannot talk to Redis at " + url + ": " + redis_->errstr);
  if (made->type == REDIS_REPLY_ERROR && !text_of(made.get()).starts_with("BUSYGROUP")) {
    throw BusError("cannot make stream " + stream_ + ": " + text_of(made.get()));
  }
}

RedisStream::~RedisStream() = default;

RedisStream::Reply RedisStream::command(const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  Reply reply(static_cast<redisReply*>(redisCommandArgv(
                  redis_.get(), static_cast<int>(words.size()), texts.data(), lengths.data())),
              freeReplyObject);
  if (reply == nullptr) throw BusError("cannot talk to Redis at " + url_ + ": " + redis_->errstr);
  if (reply->type == REDIS_REPLY_ERROR) {
    throw BusError("cannot use stream " + stream_ + ": " + text_of(reply.get()));
  }
  return reply;
}

void RedisStream::send(const json& body) {
  std::vector<std::string> words = {"XADD", stream_, "*", kBody, body.dump()};
  for (auto& [name, value] : with_time(observatory::Propagator().redis_fields())) {
    words.push_back(name);
    words.push_back(value);
  }
  command(words);
}

std::optional<Message> RedisStream::read_from(const std::string& position,
                                              const std::string& milliseconds) {
  const Reply reply = command({"XREADGROUP", "GROUP", kGroup, kConsumer, "COUNT", "1", "BLOCK",
                               milliseconds, "STREAMS", stream_, position});
  const redisReply* entry = first_entry(reply.get());
  if (entry == nullptr) return std::nullopt;
  Message message;
  message.receipt = text_of(entry->element[0]);
  observatory::Propagator::Pairs fields;
  const redisReply* pairs = entry->element[1];  // nil where the entry was deleted
  for (size_t i = 0; is_array(pairs, i + 2); i += 2) {
    std::string name = text_of(pairs->element[i]), value = text_of(pairs->element[i + 1]);
    if (name == kBody) {
      message.body = json::parse(value, nullptr, false);
    } else {
      fields.emplace_back(std::move(name), std::move(value));
    }
  }
  message.origin = observatory::Propagator().extract_redis_fields(fields, {});
  read_time(fields, &message);
  return message;
}

std::optional<Message> RedisStream::take(std::chrono::milliseconds patience) {
  const std::string milliseconds = std::to_string(patience.count());
  if (!unfinished_.empty()) {
    auto message = read_from(unfinished_, milliseconds);
    unfinished_ = message.has_value() ? message->receipt : std::string();
    if (message.has_value()) message->redelivered = true;
    if (message.has_value()) return message;
  }
  return read_from(">", milliseconds);
}

void RedisStream::done(const Message& message) {
  command({"XACK", stream_, kGroup, message.receipt});
  command({"XDEL", stream_, message.receipt});
}

void RedisStream::remember(const std::string& id) {
  command({"SET", stream_ + ":done:" + id, "1", "EX", "86400"});
}

bool RedisStream::remembers(const std::string& id) {
  return command({"EXISTS", stream_ + ":done:" + id})->integer == 1;
}

bool redis_answers(const Address& address) {
  const std::unique_ptr<redisContext, void (*)(redisContext*)> redis(
      redisConnectWithTimeout(address.host.c_str(), address.port, {1, 0}), redisFree);
  if (redis == nullptr || redis->err != 0) return false;
  redisSetTimeout(redis.get(), {1, 0});
  const std::unique_ptr<redisReply, void (*)(void*)> pong(
      static_cast<redisReply*>(redisCommand(redis.get(), "PING")), freeReplyObject);
  return pong != nullptr && pong->type == REDIS_REPLY_STATUS;
}

}  // namespace claims
