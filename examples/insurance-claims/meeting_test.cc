#include "insurance-claims/meeting.h"

#include <deque>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace claims {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kNoPatience{0};

// Gives its messages out once, and knows which are done.
class FakeQueue : public Channel {
 public:
  const std::string& name() const override { return name_; }
  std::string_view system() const override { return "fake"; }
  void send(const json& body) override {
    Message message;
    message.body = body;
    message.receipt = std::to_string(++sent_);
    message.origin = observatory::Context(observatory::SpanContext(
        observatory::TraceId::from_hex("0123456789abcdef0123456789abcdef"),
        observatory::SpanId::from_hex("000000000000000" + message.receipt), 1, true));
    messages_.push_back(message);
  }
  std::optional<Message> take(std::chrono::milliseconds /*patience*/) override {
    if (messages_.empty()) return std::nullopt;
    Message first = messages_.front();
    messages_.pop_front();
    return first;
  }
  void done(const Message& message) override { done_.push_back(message.receipt); }
  const std::vector<std::string>& all_done() const { return done_; }

 private:
  std::string name_ = "fake";
  int sent_ = 0;
  std::deque<Message> messages_;
  std::vector<std::string> done_;
};

class FakeMemory : public Memory {
 public:
  void remember(const std::string& id) override { ids_.insert(id); }
  bool remembers(const std::string& id) override { return ids_.contains(id); }

 private:
  std::set<std::string> ids_;
};

class MeetingTest : public testing::Test {
 protected:
  static json with(const std::string& task, const std::string& role) {
    return {{"task", task}, {"findings", {{role, true}}}};
  }
  void valued(const std::string& task) { valuations_.send(with(task, "valuation")); }
  void reported(const std::string& task) { reports_.send(with(task, "fraud")); }
  std::optional<Message> take() { return meeting_.take(kNoPatience); }

  FakeQueue valuations_, reports_;
  FakeMemory memory_;
  Meeting meeting_{&valuations_, &reports_, &memory_};
};

TEST_F(MeetingTest, AClaimComesOutWhenBothAreThere) {
  valued("a");
  EXPECT_FALSE(take().has_value());
  reported("a");
  const auto both = take();
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->body.at("findings"), json({{"fraud", true}, {"valuation", true}}));
  ASSERT_EQ(both->links.size(), 1U);
}

TEST_F(MeetingTest, ReportsWaitForTheirValuation) {
  reported("a");
  reported("b");
  valued("b");
  valued("a");
  for (const char* task : {"b", "a"}) {
    const auto both = take();
    ASSERT_TRUE(both.has_value());
    EXPECT_EQ(both->body.at("task"), task);
    meeting_.done(*both);
  }
  EXPECT_THAT(reports_.all_done(), ElementsAre("2", "1"));
}

TEST_F(MeetingTest, NothingIsDoneBeforeTheClaimIs) {
  valued("a");
  reported("a");
  const auto both = take();
  ASSERT_TRUE(both.has_value());
  EXPECT_THAT(valuations_.all_done(), IsEmpty());
  EXPECT_THAT(reports_.all_done(), IsEmpty());
  meeting_.done(*both);
  EXPECT_THAT(valuations_.all_done(), ElementsAre("1"));
  EXPECT_THAT(reports_.all_done(), ElementsAre("1"));
}

TEST_F(MeetingTest, WhatComesAgainAfterwardsIsDropped) {
  valued("a");
  reported("a");
  meeting_.done(*take());
  valued("a");
  reported("a");
  EXPECT_FALSE(take().has_value());
  EXPECT_THAT(valuations_.all_done(), ElementsAre("1", "2"));
  valued("b");
  reported("b");
  const auto both = take();
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->body.at("task"), "b");
  EXPECT_THAT(reports_.all_done(), ElementsAre("1", "2"));
}

TEST_F(MeetingTest, ACommandPasses) {
  valuations_.send({{"command", "x"}});
  const auto command = take();
  ASSERT_TRUE(command.has_value());
  meeting_.done(*command);
  EXPECT_THAT(valuations_.all_done(), ElementsAre("1"));
}

}  // namespace
}  // namespace claims
