#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// Identifiers that many modules share: W3C trace and span ids and 128-bit content addresses. All
// are plain values, compared bytewise.

namespace ao {

// Sixteen bytes, big-endian when written as hex (W3C trace context). All zero is "no id".
struct TraceId {
  std::array<uint8_t, 16> bytes{};

  bool empty() const { return *this == TraceId{}; }
  // 32 lower-case hex digits.
  std::string ToHex() const;
  // From exactly 32 hex digits of either case; nullopt otherwise.
  static std::optional<TraceId> FromHex(std::string_view hex);
  // From exactly 16 raw bytes; nullopt otherwise.
  static std::optional<TraceId> FromBytes(std::string_view raw);

  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

// Eight bytes held as the big-endian number they spell. Zero is "no id".
struct SpanId {
  uint64_t value = 0;

  bool empty() const { return value == 0; }
  // 16 lower-case hex digits.
  std::string ToHex() const;
  static std::optional<SpanId> FromHex(std::string_view hex);
  static std::optional<SpanId> FromBytes(std::string_view raw);
  // The eight bytes in network order.
  std::array<uint8_t, 8> ToBytes() const;

  friend auto operator<=>(const SpanId&, const SpanId&) = default;
};

// The address of a piece of content: a 128-bit hash. All zero is "none".
struct ContentAddress {
  uint64_t high = 0;
  uint64_t low = 0;

  bool empty() const { return high == 0 && low == 0; }
  std::string ToHex() const;
  static std::optional<ContentAddress> FromHex(std::string_view hex);

  friend auto operator<=>(const ContentAddress&, const ContentAddress&) = default;
};

// A trace id folded to 64 bits; uniform when ids are random, still spread when they are not.
uint64_t Fold(const TraceId& id);

}  // namespace ao

template <>
struct std::hash<ao::TraceId> {
  size_t operator()(const ao::TraceId& id) const noexcept { return ao::Fold(id); }
};
template <>
struct std::hash<ao::SpanId> {
  size_t operator()(const ao::SpanId& id) const noexcept {
    return id.value * 0x9E3779B97F4A7C15ULL;
  }
};
template <>
struct std::hash<ao::ContentAddress> {
  size_t operator()(const ao::ContentAddress& a) const noexcept { return a.low; }
};
