#include "base/ids.h"

#include "base/encoding.h"

namespace ao {
namespace {

uint64_t LoadBigEndian(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}

std::string_view AsChars(const uint8_t* p, size_t n) {
  return {reinterpret_cast<const char*>(p), n};
}

}  // namespace

std::string TraceId::ToHex() const { return ::ao::ToHex(AsChars(bytes.data(), bytes.size())); }

std::optional<TraceId> TraceId::FromHex(std::string_view hex) {
  TraceId id;
  if (!DecodeHex(hex, id.bytes.data(), id.bytes.size())) return std::nullopt;
  return id;
}

std::optional<TraceId> TraceId::FromBytes(std::string_view raw) {
  TraceId id;
  if (raw.size() != id.bytes.size()) return std::nullopt;
  std::memcpy(id.bytes.data(), raw.data(), raw.size());
  return id;
}

std::array<uint8_t, 8> SpanId::ToBytes() const {
  std::array<uint8_t, 8> out;
  const uint64_t big = __builtin_bswap64(value);
  std::memcpy(out.data(), &big, 8);
  return out;
}

std::string SpanId::ToHex() const {
  const auto raw = ToBytes();
  return ::ao::ToHex(AsChars(raw.data(), raw.size()));
}

std::optional<SpanId> SpanId::FromHex(std::string_view hex) {
  uint8_t raw[8];
  if (!DecodeHex(hex, raw, 8)) return std::nullopt;
  return SpanId{LoadBigEndian(raw)};
}

std::optional<SpanId> SpanId::FromBytes(std::string_view raw) {
  if (raw.size() != 8) return std::nullopt;
  return SpanId{LoadBigEndian(reinterpret_cast<const uint8_t*>(raw.data()))};
}

std::string ContentAddress::ToHex() const { return SpanId{high}.ToHex() + SpanId{low}.ToHex(); }

std::optional<ContentAddress> ContentAddress::FromHex(std::string_view hex) {
  uint8_t raw[16];
  if (!DecodeHex(hex, raw, 16)) return std::nullopt;
  return ContentAddress{LoadBigEndian(raw), LoadBigEndian(raw + 8)};
}

uint64_t Fold(const TraceId& id) {
  const uint64_t a = LoadBigEndian(id.bytes.data());
  const uint64_t b = LoadBigEndian(id.bytes.data() + 8);
  uint64_t x = a ^ (b * 0x9E3779B97F4A7C15ULL);
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  x ^= x >> 32;
  return x;
}

}  // namespace ao
