#include "semconv/json_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <simdjson.h>

#include "base/encoding.h"
#include "base/json_writer.h"

namespace ao::semconv {
namespace {

using model::KeyValue;
using model::Value;
using model::ValueKind;
using simdjson::dom::element;

constexpr size_t kMaxJson = 256 << 10;
constexpr int kMaxDepth = 64;

// Valid until the thread's next call.
bool ParseJson(std::string_view text, element* out) {
  static thread_local simdjson::dom::parser parser;
  return text.size() <= kMaxJson &&
         parser.parse(text.data(), text.size()).get(*out) == simdjson::SUCCESS;
}

// The value's JSON text: a string is JSON already.
std::string_view JsonOf(const Value& value, std::string* scratch) {
  if (value.is_string()) return value.as_string();
  AppendPlainJson(value, scratch);
  return *scratch;
}

bool IsCount(double value) { return value >= 0 && value <= 9.0e15; }

void Add(std::optional<int64_t>* total, double count) {
  const int64_t sum = total->value_or(0) + static_cast<int64_t>(count);
  *total = std::min<int64_t>(sum, int64_t{1} << 53);
}

void AppendJson(const Value& value, int depth, std::string* out);

void AppendMap(model::Attributes map, int depth, std::string* out) {
  char separator = '{';
  for (const KeyValue& kv : map) {
    out->push_back(separator);
    separator = ',';
    AppendJsonString(kv.key, out);
    out->push_back(':');
    AppendJson(kv.value, depth + 1, out);
  }
  out->append(separator == '{' ? "{}" : "}");
}

void AppendArray(std::span<const Value> items, int depth, std::string* out) {
  char separator = '[';
  for (const Value& item : items) {
    out->push_back(separator);
    separator = ',';
    AppendJson(item, depth + 1, out);
  }
  out->append(separator == '[' ? "[]" : "]");
}

void AppendJson(const Value& value, int depth, std::string* out) {
  if (depth > kMaxDepth) {
    out->append("null");
    return;
  }
  switch (value.kind()) {
    case ValueKind::kEmpty: out->append("null"); return;
    case ValueKind::kBool: out->append(value.as_bool() ? "true" : "false"); return;
    case ValueKind::kInt: return AppendInt(value.as_int(), out);
    case ValueKind::kDouble: return AppendJsonDouble(value.as_double(), out);
    case ValueKind::kString: return AppendJsonString(value.as_string(), out);
    case ValueKind::kBytes: return AppendJsonString(EncodeBase64(value.as_string()), out);
    case ValueKind::kArray: return AppendArray(value.as_array(), depth, out);
    case ValueKind::kMap: return AppendMap(value.as_map(), depth, out);
  }
}

void Raise(std::optional<double>* top, double score) {
  if (std::isfinite(score) && (!*top || score > **top)) *top = score;
}

int64_t TwoDigits(std::string_view text, size_t at) {
  const auto digit = [&](size_t i) -> int64_t {
    return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1000;
  };
  return digit(at) * 10 + digit(at + 1);
}

// Days since the epoch of a date in the proleptic Gregorian calendar.
int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t yoe = year - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

}  // namespace

void AppendPlainJson(const Value& value, std::string* out) { AppendJson(value, 0, out); }

bool ReadUsage(const Value& value, Usage* usage) {
  std::string scratch;
  element root;
  simdjson::dom::object object;
  if (!ParseJson(JsonOf(value, &scratch), &root) || root.get(object) != simdjson::SUCCESS) {
    return false;
  }
  for (const auto member : object) {
    double count = 0;
    if (member.value.get(count) != simdjson::SUCCESS || !IsCount(count)) continue;
    const std::string_view key = member.key;
    const auto has = [&](std::string_view part) { return key.find(part) != key.npos; };
    if (key == "total" || key == "total_tokens") {
      Add(&usage->total, count);
    } else if (key.starts_with("output") || key.starts_with("completion") || has("reasoning")) {
      Add(&usage->output, count);
      if (has("reasoning")) Add(&usage->reasoning, count);
    } else if (key.starts_with("input") || key.starts_with("prompt") || has("cache")) {
      Add(&usage->input, count);
      if (has("creation") || has("write")) {
        Add(&usage->cache_write, count);
        if (has("1h")) Add(&usage->cache_write_1h, count);
      } else if (has("cache")) {
        Add(&usage->cache_read, count);
      }
    }
  }
  return usage->input || usage->output || usage->total;
}

namespace {

// One count by the name that it has in any of the dialects.
void TakeCount(std::string_view name, double count, Usage* usage) {
  if (!IsCount(count)) return;
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  // LangChain: what a service tier was charged for has its name in front, or as its whole name.
  for (const std::string_view tier : {"priority", "flex"}) {
    if (name.starts_with(tier) && count > 0) usage->service_tier = tier;
  }
  std::optional<int64_t>* field = nullptr;
  if (has("ephemeral_1h")) {
    field = &usage->cache_write_1h;
    usage->ephemeral += static_cast<int64_t>(count);
  } else if (has("ephemeral")) {
    usage->ephemeral += static_cast<int64_t>(count);
  } else if (has("creation") || has("cache_write")) {
    field = &usage->cache_write;
  } else if (has("cache")) {
    field = &usage->cache_read;
  } else if (has("reasoning")) {
    field = &usage->reasoning;
  } else if (name.starts_with("input") || name.starts_with("prompt")) {
    field = &usage->input;
  } else if (name.starts_with("output") || name.starts_with("completion")) {
    field = &usage->output;
  } else if (name.starts_with("total")) {
    field = &usage->total;
  }
  if (field != nullptr) *field = static_cast<int64_t>(count);
}

// "a=1 b=2"
bool ReadPairs(std::string_view text, Usage* usage) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const size_t equals = pair.find('=');
    double count = 0;
    if (equals == pair.npos ||
        std::from_chars(pair.data() + equals + 1, pair.data() + pair.size(), count).ec !=
            std::errc()) {
      continue;
    }
    TakeCount(pair.substr(0, equals), count, usage);
  }
  return usage->input || usage->output || usage->total;
}

}  // namespace

bool ReadUsageSum(const Value& value, Usage* usage) {
  std::string scratch;
  const std::string_view text = JsonOf(value, &scratch);
  if (!text.starts_with('{')) return ReadPairs(text, usage);
  element root;
  simdjson::dom::object object;
  if (!ParseJson(text, &root) || root.get(object) != simdjson::SUCCESS) return false;
  for (const auto member : object) {
    double count = 0;
    simdjson::dom::object details;
    if (member.value.get(count) == simdjson::SUCCESS) {
      TakeCount(member.key, count, usage);
    } else if (member.value.get(details) == simdjson::SUCCESS) {
      for (const auto detail : details) {
        const auto has = [&](std::string_view part) {
          return std::string_view(detail.key).find(part) != std::string_view::npos;
        };
        if (has("cache") || has("reasoning") || has("ephemeral") || detail.key == "priority" ||
            detail.key == "flex") {
          if (detail.value.get(count) == simdjson::SUCCESS) TakeCount(detail.key, count, usage);
        }
      }
    }
  }
  if (usage->ephemeral > usage->cache_write.value_or(0)) usage->cache_write = usage->ephemeral;
  return true;
}

namespace {

void FindBilling(const simdjson::dom::object& object, int depth, Billing* billing) {
  for (const auto member : object) {
    const std::string_view key = member.key;
    std::string_view text;
    double count = 0;
    simdjson::dom::object inner;
    if (key == "service_tier" || key == "serviceTier") {
      if (member.value.get(text) == simdjson::SUCCESS && billing->service_tier.empty()) {
        billing->service_tier = text;
      }
    } else if (key == "ephemeral_1h_input_tokens" || key == "ephemeral1hInputTokens") {
      if (member.value.get(count) == simdjson::SUCCESS && IsCount(count)) {
        billing->cache_write_1h = static_cast<int64_t>(count);
      }
    } else if (depth > 0 && member.value.get(inner) == simdjson::SUCCESS) {
      FindBilling(inner, depth - 1, billing);
    }
  }
}

}  // namespace

bool ReadBilling(const Value& value, Billing* billing) {
  std::string scratch;
  const std::string_view text = JsonOf(value, &scratch);
  const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
  if (!has("service_tier") && !has("serviceTier") && !has("1h")) return false;
  element root;
  simdjson::dom::object object;
  if (!ParseJson(text, &root) || root.get(object) != simdjson::SUCCESS) return false;
  FindBilling(object, 3, billing);
  return !billing->service_tier.empty() || billing->cache_write_1h;
}

std::optional<double> ReadCost(const Value& value) {
  if (value.is_number()) return value.number();
  std::string scratch;
  element root;
  if (!ParseJson(JsonOf(value, &scratch), &root)) return std::nullopt;
  double number = 0;
  if (root.get(number) == simdjson::SUCCESS) return number;
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view key : {"total", "total_cost"}) {
    if (object[key].get(number) == simdjson::SUCCESS) return number;
  }
  double sum = 0;
  bool any = false;
  for (const auto member : object) {
    if (member.value.get(number) != simdjson::SUCCESS) continue;
    sum += number;
    any = true;
  }
  return any ? std::optional(sum) : std::nullopt;
}

std::optional<Documents> ReadDocuments(const Value& value) {
  Documents documents;
  if (value.kind() == ValueKind::kArray) {
    for (const Value& item : value.as_array()) {
      ++documents.count;
      if (item.kind() != ValueKind::kMap) continue;
      const Value* score = model::Find(item.as_map(), "score");
      if (score != nullptr && score->is_number()) Raise(&documents.top_score, score->number());
    }
    return documents;
  }
  element root;
  if (!value.is_string() || !ParseJson(value.as_string(), &root)) return std::nullopt;
  simdjson::dom::array array;
  simdjson::dom::object object;
  if (root.get(object) == simdjson::SUCCESS) {
    if (object["documents"].get(array) != simdjson::SUCCESS) return std::nullopt;
  } else if (root.get(array) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  for (const element item : array) {
    ++documents.count;
    double score = 0;
    if (item.get(object) == simdjson::SUCCESS && object["score"].get(score) == simdjson::SUCCESS) {
      Raise(&documents.top_score, score);
    }
  }
  return documents;
}

std::optional<Nanos> ReadIsoTime(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const int64_t year = TwoDigits(text, 0) * 100 + TwoDigits(text, 2);
  const int64_t month = TwoDigits(text, 5), day = TwoDigits(text, 8);
  const int64_t hour = TwoDigits(text, 11), minute = TwoDigits(text, 14);
  const int64_t second = TwoDigits(text, 17);
  if (year < 1970 || year > 2261 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
      hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return std::nullopt;
  }
  Nanos time = DaysOf(year, month, day) * kDay + hour * kHour + minute * kMinute + second * kSecond;
  size_t i = 19;
  if (i < text.size() && text[i] == '.') {
    Nanos unit = kSecond / 10;
    for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, unit /= 10) {
      time += unit * (text[i] - '0');
    }
  }
  if (i + 6 == text.size() && (text[i] == '+' || text[i] == '-') && text[i + 3] == ':') {
    const int64_t hours = TwoDigits(text, i + 1), minutes = TwoDigits(text, i + 4);
    if (hours < 0 || minutes < 0) return std::nullopt;
    const Nanos offset = hours * kHour + minutes * kMinute;
    time += text[i] == '+' ? -offset : offset;
  }
  return time;
}

}  // namespace ao::semconv
