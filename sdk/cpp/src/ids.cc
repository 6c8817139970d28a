#include "observatory/ids.h"

namespace observatory {
namespace {

constexpr char kDigits[] = "0123456789abcdef";

void AppendHex(uint64_t value, std::string* out) {
  for (int shift = 60; shift >= 0; shift -= 4) out->push_back(kDigits[(value >> shift) & 15]);
}

bool ReadHex(std::string_view text, uint64_t* value) {
  *value = 0;
  for (const char c : text) {
    uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<uint64_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<uint64_t>(c - 'A' + 10);
    } else {
      return false;
    }
    *value = *value << 4 | digit;
  }
  return true;
}

}  // namespace

std::string TraceId::hex() const {
  std::string out;
  AppendHex(high, &out);
  AppendHex(low, &out);
  return out;
}

TraceId TraceId::from_hex(std::string_view text) {
  TraceId id;
  if (text.size() != 32 || !ReadHex(text.substr(0, 16), &id.high) ||
      !ReadHex(text.substr(16), &id.low)) {
    return {};
  }
  return id;
}

std::string SpanId::hex() const {
  std::string out;
  AppendHex(value, &out);
  return out;
}

SpanId SpanId::from_hex(std::string_view text) {
  SpanId id;
  if (text.size() != 16 || !ReadHex(text, &id.value)) return {};
  return id;
}

}  // namespace observatory
