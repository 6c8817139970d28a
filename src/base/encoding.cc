#include "base/encoding.h"

#include <array>

namespace ao {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> MakeHexTable() {
  std::array<int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (int i = 0; i < 10; ++i) table[static_cast<size_t>('0' + i)] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    table[static_cast<size_t>('a' + i)] = static_cast<int8_t>(10 + i);
    table[static_cast<size_t>('A' + i)] = static_cast<int8_t>(10 + i);
  }
  return table;
}

constexpr std::array<int8_t, 256> MakeBase64Table() {
  std::array<int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (int i = 0; i < 64; ++i) {
    table[static_cast<uint8_t>(kBase64[i])] = static_cast<int8_t>(i);
  }
  table[static_cast<size_t>('-')] = 62;
  table[static_cast<size_t>('_')] = 63;
  return table;
}

constexpr auto kHexTable = MakeHexTable();
constexpr auto kBase64Table = MakeBase64Table();

}  // namespace

void AppendHex(std::string_view raw, std::string* out) {
  for (char c : raw) {
    const auto byte = static_cast<uint8_t>(c);
    out->push_back(kHexDigits[byte >> 4]);
    out->push_back(kHexDigits[byte & 15]);
  }
}

std::string ToHex(std::string_view raw) {
  std::string out;
  out.reserve(raw.size() * 2);
  AppendHex(raw, &out);
  return out;
}

bool DecodeHex(std::string_view hex, uint8_t* out, size_t size) {
  if (hex.size() != size * 2) return false;
  int bad = 0;
  for (size_t i = 0; i < size; ++i) {
    const int high = kHexTable[static_cast<uint8_t>(hex[2 * i])];
    const int low = kHexTable[static_cast<uint8_t>(hex[2 * i + 1])];
    bad |= high | low;
    out[i] = static_cast<uint8_t>((high << 4) | low);
  }
  return bad >= 0;
}

std::string EncodeBase64(std::string_view raw) {
  std::string out;
  out.reserve((raw.size() + 2) / 3 * 4);
  size_t i = 0;
  for (; i + 3 <= raw.size(); i += 3) {
    const uint32_t v = static_cast<uint32_t>(static_cast<uint8_t>(raw[i])) << 16 |
                       static_cast<uint32_t>(static_cast<uint8_t>(raw[i + 1])) << 8 |
                       static_cast<uint8_t>(raw[i + 2]);
    out.push_back(kBase64[v >> 18]);
    out.push_back(kBase64[v >> 12 & 63]);
    out.push_back(kBase64[v >> 6 & 63]);
    out.push_back(kBase64[v & 63]);
  }
  const size_t rest = raw.size() - i;
  if (rest == 1) {
    const uint32_t v = static_cast<uint32_t>(static_cast<uint8_t>(raw[i])) << 16;
    out.push_back(kBase64[v >> 18]);
    out.push_back(kBase64[v >> 12 & 63]);
    out += "==";
  } else if (rest == 2) {
    const uint32_t v = static_cast<uint32_t>(static_cast<uint8_t>(raw[i])) << 16 |
                       static_cast<uint32_t>(static_cast<uint8_t>(raw[i + 1])) << 8;
    out.push_back(kBase64[v >> 18]);
    out.push_back(kBase64[v >> 12 & 63]);
    out.push_back(kBase64[v >> 6 & 63]);
    out.push_back('=');
  }
  return out;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const int value = kBase64Table[static_cast<uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 0xFF));
    }
  }
  return out;
}

}  // namespace ao
