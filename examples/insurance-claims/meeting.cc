#include "insurance-claims/meeting.h"

#include <utility>

namespace claims {

std::optional<Message> Meeting::take(std::chrono::milliseconds patience) {
  if (!held_.has_value()) held_ = valuations_->take(patience);
  if (!held_.has_value() || !held_->body.contains("task")) return std::exchange(held_, {});
  const std::string task = held_->body.at("task");
  if (drop_what_is_done(task)) return std::nullopt;
  if (!waiting_.contains(task)) await_report(task, patience);
  const auto report = waiting_.find(task);
  if (report == waiting_.end()) return std::nullopt;
  Message both = *std::exchange(held_, {});
  both.links.push_back(report->second.origin.span_context());
  both.redelivered |= report->second.redelivered;
  both.body.merge_patch(report->second.body);
  if (report->second.sent_ns > both.sent_ns) both.sent_ns = report->second.sent_ns;
  return both;
}

bool Meeting::drop_what_is_done(const std::string& task) {
  if (!memory_->remembers(task)) return false;
  valuations_->done(*std::exchange(held_, {}));
  return true;
}

void Meeting::await_report(const std::string& task, std::chrono::milliseconds patience) {
  do {
    auto report = reports_->take(patience);
    if (!report.has_value()) return;
    const std::string of = report->body.is_object() ? report->body.value("task", "") : "";
    if (of.empty() || waiting_.contains(of) || memory_->remembers(of)) {
      reports_->done(*report);
    } else {
      waiting_.emplace(of, std::move(*report));
    }
  } while (!waiting_.contains(task));
}

void Meeting::done(const Message& message) {
  if (message.body.contains("task")) {
    const std::string task = message.body.at("task");
    memory_->remember(task);
    const auto report = waiting_.find(task);
    if (report != waiting_.end()) reports_->done(report->second);
    if (report != waiting_.end()) waiting_.erase(report);
  }
  valuations_->done(message);
}

}  // namespace claims
