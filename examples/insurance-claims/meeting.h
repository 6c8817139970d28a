#pragma once

#include <map>
#include <optional>
#include <string>

#include "insurance-claims/channel.h"

namespace claims {

// Two queues as one: a claim comes out when its valuation is there and its fraud report too. It
// continues the trace of the valuation, and is linked to the report. Both messages stay in their
// queues until the claim is done, and what comes again after that is dropped. Single-thread.
class Meeting : public Channel {
 public:
  // All must outlive it.
  Meeting(Channel* valuations, Channel* reports, Memory* memory)
      : valuations_(valuations), reports_(reports), memory_(memory) {}

  const std::string& name() const override { return valuations_->name(); }
  std::string_view system() const override { return valuations_->system(); }
  void send(const json& body) override { valuations_->send(body); }
  std::optional<Message> take(std::chrono::milliseconds patience) override;
  void done(const Message& message) override;

 private:
  // Whether the valuation that is held is one of a claim that was done before.
  bool drop_what_is_done(const std::string& task);
  void await_report(const std::string& task, std::chrono::milliseconds patience);

  Channel* valuations_;
  Channel* reports_;
  Memory* memory_;
  std::optional<Message> held_;             // a valuation without its report
  std::map<std::string, Message> waiting_;  // reports without their valuation, by task
};

}  // namespace claims
