#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/status.h"
#include "cli/json.h"

namespace re2 {
class RE2;
}

// Faults that can be switched on while the server runs. All may carry `share` (0 to 1, of the
// requests they hit, default all) and `match` (RE2 expression on the conversation).
//
//   slow             {"factor": 5}            latency times factor
//   rate_limit       {"retry_after_s": 20}    429 with retry-after
//   server_error     {"status": 500}          500 to 599
//   malformed_json   {}                       the body ends in the middle
//   truncated        {"tokens": 20}           the answer ends in the middle, finish_reason "length"
//   refuse           {"message": "..."}       the model declines
//   verbosity        {"factor": 3}            longer answers; below 1: shorter
//   wrong_arguments  {"rename": {"a": "b"}}   tool calls name an argument wrong; without `rename`
//                                             the first one gets "_value" added

namespace ao::model_server {

struct Fault {
  double share = 1;
  double factor = 1;
  int64_t tokens = 20;
  int64_t retry_after_s = 20;
  int status = 500;
  std::string message = "I'm sorry, but I can't help with that request.";
  std::map<std::string, std::string> rename;
  std::string match;
  std::shared_ptr<const re2::RE2> pattern;  // of match; null: every conversation
};

// By name. An immutable value.
class FaultSet {
 public:
  // {"slow": {"factor": 5}, ...}. invalid_argument names the fault or option that is unknown.
  static Result<FaultSet> Parse(const cli::Json& json);

  // The fault when it is on and hits this request: the `draw`th draw of the seed decides on shares,
  // so each attempt has its own luck.
  const Fault* Find(std::string_view name, std::string_view conversation, uint64_t draw) const;
  void Write(JsonWriter* json) const;
  FaultSet With(const std::string& name, Fault fault) const;
  FaultSet Without(const std::string& name) const;
  bool empty() const { return faults_.empty(); }

 private:
  std::map<std::string, Fault, std::less<>> faults_;
};

Result<Fault> ParseFault(const std::string& name, const cli::Json& json);
// not_found with the names that exist.
Status CheckFaultName(const std::string& name);

// The faults in force. Thread-safe.
class FaultBoard {
 public:
  std::shared_ptr<const FaultSet> Get() const;
  void Set(FaultSet faults);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const FaultSet> faults_ = std::make_shared<FaultSet>();
};

struct Answer;
// What "verbosity" and "wrong_arguments" do to an answer.
void ChangeLength(double factor, Answer* answer);
void RenameArguments(const Fault& fault, Answer* answer);

}  // namespace ao::model_server
