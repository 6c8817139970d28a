#include "trace_state.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "environment.h"

namespace observatory::detail {
namespace {

constexpr size_t kMaxMembers = 32, kMaxBytes = 512;

bool IsKey(std::string_view key) {
  if (key.empty() || key.size() > 256) return false;
  const size_t at = key.find('@');
  if (at != key.npos && (at == 0 || at > 241 || key.size() - at - 1 > 14 || at + 1 == key.size())) {
    return false;
  }
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!lower(key[0]) && !digit(key[0])) return false;
  size_t ats = 0;
  for (const char c : key) {
    ats += c == '@' ? 1 : 0;
    if (!lower(c) && !digit(c) && c != '_' && c != '-' && c != '*' && c != '/' && c != '@') {
      return false;
    }
  }
  return ats <= 1;
}

bool IsValue(std::string_view value) {
  if (value.empty() || value.size() > 256 || value.back() == ' ') return false;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

// Calls sink(key, value, whole) for each member; false when one is malformed.
template <typename Sink>
bool ForEachMember(std::string_view text, const Sink& sink) {
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = Trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;
    const size_t equals = member.find('=');
    if (equals == member.npos) return false;
    const std::string_view key = member.substr(0, equals), value = member.substr(equals + 1);
    if (!IsKey(key) || !IsValue(value)) return false;
    sink(key, value, member);
  }
  return true;
}

}  // namespace

std::string NormalizeTraceState(std::string_view text) {
  std::string out;
  std::vector<std::string_view> keys;
  const bool good = ForEachMember(text, [&](auto key, auto, auto member) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return;
    keys.push_back(key);
    if (!out.empty()) out += ',';
    out += member;
  });
  return good && keys.size() <= kMaxMembers ? out : std::string();
}

std::string_view TraceStateMember(std::string_view state, std::string_view key) {
  std::string_view found;
  ForEachMember(state, [&](auto name, auto value, auto) {
    if (found.empty() && name == key) found = value;
  });
  return found;
}

std::string WithTraceStateMember(std::string_view state, std::string_view key,
                                 std::string_view value) {
  std::string out;
  size_t members = 0;
  if (!value.empty()) {
    out = std::string(key) + "=" + std::string(value);
    members = 1;
  }
  ForEachMember(state, [&](auto name, auto, std::string_view member) {
    if (name == key || members >= kMaxMembers || out.size() + member.size() + 1 > kMaxBytes) return;
    if (!out.empty()) out += ',';
    out += member;
    ++members;
  });
  return out;
}

uint64_t ThresholdOf(double ratio) {
  if (!(ratio > 0)) return kRandomRange;
  if (ratio >= 1) return 0;
  const double threshold = std::round((1 - ratio) * static_cast<double>(kRandomRange));
  return std::min(static_cast<uint64_t>(threshold), kRandomRange - 1);
}

std::string FormatThreshold(uint64_t threshold) {
  if (threshold == 0) return "0";
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 52; shift >= 0; shift -= 4) out.push_back(kDigits[(threshold >> shift) & 15]);
  while (out.size() > 1 && out.back() == '0') out.pop_back();
  return out;
}

std::optional<uint64_t> ParseThreshold(std::string_view text) {
  if (text.empty() || text.size() > 14) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value << (4 * (14 - text.size()));
}

std::string_view OtField(std::string_view ot, std::string_view key) {
  while (!ot.empty()) {
    const size_t end = std::min(ot.find(';'), ot.size());
    const std::string_view field = ot.substr(0, end);
    ot.remove_prefix(std::min(end + 1, ot.size()));
    const size_t colon = field.find(':');
    if (colon != field.npos && field.substr(0, colon) == key) return field.substr(colon + 1);
  }
  return {};
}

uint64_t RandomnessOf(std::string_view trace_state, uint64_t trace_id_low) {
  const std::string_view rv = OtField(TraceStateMember(trace_state, "ot"), "rv");
  if (rv.size() == 14) {
    if (const auto value = ParseThreshold(rv)) return *value;
  }
  return trace_id_low & (kRandomRange - 1);
}

std::string WithThreshold(std::string_view ot, std::optional<uint64_t> threshold) {
  std::string out;
  if (threshold) out = "th:" + FormatThreshold(*threshold);
  while (!ot.empty()) {
    const size_t end = std::min(ot.find(';'), ot.size());
    const std::string_view field = ot.substr(0, end);
    ot.remove_prefix(std::min(end + 1, ot.size()));
    if (field.empty() || field.starts_with("th:")) continue;
    if (!out.empty()) out += ';';
    out += field;
  }
  return out;
}

}  // namespace observatory::detail
