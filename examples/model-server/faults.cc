#include "model-server/faults.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <re2/re2.h>

#include "base/hash.h"
#include "model-server/chat.h"
#include "model-server/random.h"

namespace ao::model_server {
namespace {

using cli::Json;

// Every fault, and the options it has besides share and match.
struct Known {
  std::string_view name;
  std::vector<std::string_view> options;
};
const std::vector<Known>& KnownFaults() {
  static const std::vector<Known> known = {
      {"slow", {"factor"}},      {"rate_limit", {"retry_after_s"}}, {"server_error", {"status"}},
      {"malformed_json", {}},    {"truncated", {"tokens"}},         {"refuse", {"message"}},
      {"verbosity", {"factor"}}, {"wrong_arguments", {"rename"}},
  };
  return known;
}

bool IsNumber(const Json& json) {
  return json.type() == Json::Type::kInteger || json.type() == Json::Type::kDouble;
}

Status ReadNumber(const std::string& name, const std::string& option, const Json& value, double min,
                  double max, double* out) {
  if (!IsNumber(value) || value.number() < min || value.number() > max) {
    return InvalidArgument(fmt::format("cannot set fault {}: {} must be a number from {} to {}",
                                       name, option, min, max));
  }
  *out = value.number();
  return OkStatus();
}

Status ReadInteger(const std::string& name, const std::string& option, const Json& value,
                   int64_t min, int64_t max, int64_t* out) {
  double number = 0;
  AO_TRY(
      ReadNumber(name, option, value, static_cast<double>(min), static_cast<double>(max), &number));
  *out = static_cast<int64_t>(number);
  return OkStatus();
}

Status ReadMatch(const std::string& name, const Json& value, Fault* fault) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<re2::RE2>(value.text(), options);
  if (!pattern->ok()) {
    return InvalidArgument(
        fmt::format("cannot set fault {}: match '{}' is no regular expression: {}", name,
                    value.text(), pattern->error()));
  }
  fault->match = value.text();
  fault->pattern = std::move(pattern);
  return OkStatus();
}

Status ReadOption(const std::string& name, const std::string& option, const Json& value,
                  Fault* fault) {
  if (option == "share") return ReadNumber(name, option, value, 0, 1, &fault->share);
  if (option == "match") return ReadMatch(name, value, fault);
  if (option == "factor") return ReadNumber(name, option, value, 0.01, 1000, &fault->factor);
  if (option == "tokens") return ReadInteger(name, option, value, 0, 1'000'000, &fault->tokens);
  if (option == "retry_after_s") {
    return ReadInteger(name, option, value, 0, 86'400, &fault->retry_after_s);
  }
  if (option == "message") fault->message = value.text();
  if (option == "status") {
    int64_t status = 0;
    AO_TRY(ReadInteger(name, option, value, 500, 599, &status));
    fault->status = static_cast<int>(status);
  }
  if (option == "rename") {
    for (size_t i = 0; i < value.size(); ++i) fault->rename[value.keys()[i]] = value.at(i).text();
  }
  return OkStatus();
}

const Known* FindKnown(std::string_view name) {
  for (const Known& known : KnownFaults()) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

std::vector<std::string> SplitSentences(const std::string& text) {
  std::vector<std::string> sentences;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool end = (text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == '\n') &&
                     (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n');
    if (!end) continue;
    sentences.push_back(text.substr(begin, i + 1 - begin));
    begin = i + 1;
  }
  if (begin < text.size()) sentences.push_back(text.substr(begin));
  return sentences;
}

}  // namespace

Status CheckFaultName(const std::string& name) {
  if (FindKnown(name) != nullptr) return OkStatus();
  std::string names;
  for (const Known& known : KnownFaults()) names += fmt::format(", {}", known.name);
  return NotFound(fmt::format("cannot set fault {}: there is none of that name; known are {}", name,
                              names.substr(2)));
}

Result<Fault> ParseFault(const std::string& name, const Json& json) {
  AO_TRY(CheckFaultName(name));
  if (json.type() != Json::Type::kObject) {
    return InvalidArgument(fmt::format("cannot set fault {}: expected an object of options", name));
  }
  Fault fault;
  fault.factor = name == "slow" ? 5 : name == "verbosity" ? 3 : 1;
  const auto& options = FindKnown(name)->options;
  for (size_t i = 0; i < json.size(); ++i) {
    const std::string& option = json.keys()[i];
    if (option != "share" && option != "match" &&
        std::find(options.begin(), options.end(), option) == options.end()) {
      return InvalidArgument(
          fmt::format("cannot set fault {}: unknown option {}; known are share, "
                      "match{}{}",
                      name, option, options.empty() ? "" : ", ", fmt::join(options, ", ")));
    }
    AO_TRY(ReadOption(name, option, json.at(i), &fault));
  }
  return fault;
}

Result<FaultSet> FaultSet::Parse(const Json& json) {
  if (json.type() != Json::Type::kObject) {
    return InvalidArgument("cannot set faults: expected an object of faults by name");
  }
  FaultSet set;
  for (size_t i = 0; i < json.size(); ++i) {
    AO_ASSIGN_OR_RETURN(Fault fault, ParseFault(json.keys()[i], json.at(i)));
    set.faults_[json.keys()[i]] = std::move(fault);
  }
  return set;
}

const Fault* FaultSet::Find(std::string_view name, std::string_view conversation,
                            uint64_t draw) const {
  const auto found = faults_.find(name);
  if (found == faults_.end()) return nullptr;
  const Fault& fault = found->second;
  if (fault.share < 1 && Random(Hash64(name, draw)).Uniform() >= fault.share) return nullptr;
  if (fault.pattern != nullptr &&
      !re2::RE2::PartialMatch(re2::StringPiece(conversation.data(), conversation.size()),
                              *fault.pattern)) {
    return nullptr;
  }
  return &fault;
}

void FaultSet::Write(JsonWriter* json) const {
  json->BeginObject();
  for (const auto& [name, fault] : faults_) {
    json->Key(name).BeginObject().Field("share", fault.share).FieldIfSet("match", fault.match);
    for (const std::string_view option : FindKnown(name)->options) {
      json->Key(option);
      if (option == "factor") json->Value(fault.factor);
      if (option == "tokens") json->Value(fault.tokens);
      if (option == "retry_after_s") json->Value(fault.retry_after_s);
      if (option == "status") json->Value(fault.status);
      if (option == "message") json->Value(fault.message);
      if (option == "rename") {
        json->BeginObject();
        for (const auto& [from, to] : fault.rename) json->Field(from, to);
        json->EndObject();
      }
    }
    json->EndObject();
  }
  json->EndObject();
}

FaultSet FaultSet::With(const std::string& name, Fault fault) const {
  FaultSet copy = *this;
  copy.faults_[name] = std::move(fault);
  return copy;
}

FaultSet FaultSet::Without(const std::string& name) const {
  FaultSet copy = *this;
  copy.faults_.erase(name);
  return copy;
}

std::shared_ptr<const FaultSet> FaultBoard::Get() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

void FaultBoard::Set(FaultSet faults) {
  auto next = std::make_shared<const FaultSet>(std::move(faults));
  const std::lock_guard lock(mutex_);
  faults_ = std::move(next);
}

void ChangeLength(double factor, Answer* answer) {
  const auto sentences = SplitSentences(answer->text);
  if (sentences.empty() || factor == 1) return;
  const auto wanted = static_cast<size_t>(
      std::max(1.0, std::round(factor * static_cast<double>(sentences.size()))));
  std::string text;
  for (size_t i = 0; i < wanted; ++i) {
    if (i > 0 && i % sentences.size() == 0) text += " To say it once more:";
    if (!text.empty() && sentences[i % sentences.size()][0] != ' ' && text.back() != '\n')
      text += " ";
    text += sentences[i % sentences.size()];
  }
  answer->text = std::move(text);
}

void RenameArguments(const Fault& fault, Answer* answer) {
  for (ToolCall& call : answer->tool_calls) {
    const auto arguments = Json::Parse(call.arguments);
    if (!arguments.ok() || arguments->type() != Json::Type::kObject) continue;
    JsonWriter json;
    json.BeginObject();
    for (size_t i = 0; i < arguments->size(); ++i) {
      std::string key = arguments->keys()[i];
      const auto renamed = fault.rename.find(key);
      if (renamed != fault.rename.end()) {
        key = renamed->second;
      } else if (fault.rename.empty() && i == 0) {
        key += "_value";
      }
      json.Key(key);
      arguments->at(i).Write(&json);
    }
    call.arguments = json.EndObject().Take();
  }
}

}  // namespace ao::model_server
