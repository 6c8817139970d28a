#include "app/scenario/player.h"

#include <algorithm>

#include <fmt/ostream.h>

#include "base/json_writer.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/json.h"

namespace ao::app {
namespace {

constexpr Nanos kAnswerTime = 10 * kMinute;

class Player {
 public:
  Player(const scenario::Scenario& scenario, double speed, Stage& stage, cli::Io& io)
      : scenario_(scenario), stage_(stage), io_(io) {
    const Nanos now = io.clock.Now();
    play_.speed = speed;
    play_.start = speed == 1 ? now : now - scenario.duration;
    play_.end = play_.start + scenario.duration;
    real_start_ = io.clock.Monotonic();
  }

  Result<Play> Run() {
    const Status status = PlayJobs();
    if (!status.ok() && !(cli::Interrupted() && status.code() == StatusCode::kCancelled)) {
      return status;
    }
    play_.interrupted = cli::Interrupted();
    return std::move(play_);
  }

 private:
  // Until the end or an interrupt.
  Status PlayJobs() {
    for (const scenario::Job& job : scenario::Schedule(scenario_, play_.start)) {
      AO_TRY(SwitchFaults(job.at));
      if (!WaitUntil(job.at)) return OkStatus();
      AO_TRY(Do(job));
    }
    return SwitchFaults(play_.end);
  }

  // False: interrupted.
  bool WaitUntil(Nanos at) {
    if (play_.speed > 0) {
      const auto due = static_cast<Nanos>(static_cast<double>(at - play_.start) / play_.speed);
      const Nanos wait = real_start_ + due - io_.clock.Monotonic();
      if (wait > 0) io_.sleep(wait);
    }
    return !cli::Interrupted();
  }

  // Applies everything that begins or ends up to `now`, in order, each at its time.
  Status SwitchFaults(Nanos now) {
    while (true) {
      const scenario::Fault* next = nullptr;
      Nanos at = now + 1;
      for (const scenario::Fault& fault : scenario_.faults) {
        for (const Nanos border : {fault.at, fault.until}) {
          const Nanos time = play_.start + border;
          if (time > switched_ && time <= now && time < at) {
            at = time;
            next = &fault;
          }
        }
      }
      if (next == nullptr || !WaitUntil(at)) break;
      AO_TRY(SwitchAt(at));
      switched_ = at;
    }
    return OkStatus();
  }

  Status SwitchAt(Nanos at) {
    JsonWriter model;
    model.BeginObject();
    bool model_changes = false;
    for (const scenario::Fault& fault : scenario_.faults) {
      const Nanos begin = play_.start + fault.at, end = play_.start + fault.until;
      if (begin == at) Say(at, fault, true);
      if (end == at && end < play_.end) Say(at, fault, false);
      if (begin == at && !fault.command.empty()) AO_TRY(Command(at, fault, fault.command));
      if (end == at && !fault.undo.empty()) AO_TRY(Command(at, fault, fault.undo));
      if (fault.model.empty()) continue;
      model_changes |= begin == at || end == at;
      // The members of one object after another: {"slow": ...} and {"refuse": ...}.
      if (begin <= at && at < end) AO_TRY(AppendMembers(fault.model, &model));
    }
    return model_changes ? stage_.SetModelFaults(model.EndObject().text()) : OkStatus();
  }

  static Status AppendMembers(const std::string& object, JsonWriter* json) {
    AO_ASSIGN_OR_RETURN(const cli::Json members, cli::Json::Parse(object));
    for (size_t i = 0; i < members.size(); ++i) {
      json->Key(members.keys()[i]);
      members.at(i).Write(json);
    }
    return OkStatus();
  }

  void Say(Nanos at, const scenario::Fault& fault, bool begins) {
    fmt::print(io_.err, "{}  fault {}\n", cli::IsoTime(at),
               begins ? fault.name + ": " + fault.truth.cause : fault.name + " ends");
    io_.err.flush();
  }

  JsonWriter Line(Nanos at) const {
    JsonWriter json;
    json.BeginObject();
    if (play_.speed != 1) json.Field("at_ns", at);
    return json;
  }

  Result<cli::Json> Ask(std::string_view line) {
    AO_TRY(stage_.agent().WriteLine(line));
    AO_ASSIGN_OR_RETURN(const std::string answer, stage_.agent().ReadLine(kAnswerTime));
    auto json = cli::Json::Parse(answer);
    if (json.ok()) return json;
    return json.status().WithContext("cannot understand the agent's answer '" + answer + "'");
  }

  Status Command(Nanos at, const scenario::Fault& fault, const std::string& command) {
    AO_ASSIGN_OR_RETURN(const cli::Json answer,
                        Ask(Line(at).Key("command").Raw(command).EndObject().text()));
    if (answer["ok"].boolean()) return OkStatus();
    return FailedPrecondition(
        fmt::format("cannot inject fault {}: {}", fault.name, answer["error"].text()));
  }

  Status Do(const scenario::Job& job) {
    AO_ASSIGN_OR_RETURN(const cli::Json answer, Ask(Line(job.at)
                                                        .Field("query_type", job.query_type)
                                                        .Field("user", job.user)
                                                        .Field("session", job.session)
                                                        .Field("input", job.input)
                                                        .EndObject()
                                                        .text()));
    play_.outcomes.push_back({.at = job.at,
                              .query_type = job.query_type,
                              .trace_id = answer["trace_id"].text(),
                              .outcome = answer["outcome"].text(),
                              .error = answer["error"].text(),
                              .ok = answer["ok"].boolean(),
                              .steps = answer["steps"].integer(),
                              .tokens = answer["tokens"].integer(),
                              .duration_ms = answer["duration_ms"].number()});
    return OkStatus();
  }

  const scenario::Scenario& scenario_;
  Stage& stage_;
  cli::Io& io_;
  Play play_;
  Nanos real_start_ = 0, switched_ = 0;
};

}  // namespace

Result<Play> PlayScenario(const scenario::Scenario& scenario, double speed, Stage& stage,
                          cli::Io& io) {
  return Player(scenario, speed, stage, io).Run();
}

}  // namespace ao::app
