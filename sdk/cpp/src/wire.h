#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "buffer.h"
#include "observatory/ids.h"
#include "observatory/value.h"

// Writes protobuf wire format: the few shapes that OTLP is made of. Field numbers are those of
// opentelemetry-proto 1.x. The Put functions write at a pointer that has room; the Write functions
// append to a Buffer.

namespace observatory::detail {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

constexpr uint32_t Tag(uint32_t field, WireType type) { return field << 3 | type; }

constexpr size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

inline char* PutVarint(char* at, uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  return at;
}

inline char* PutFixed64(char* at, uint32_t tag, uint64_t value) {
  at = PutVarint(at, tag);
  std::memcpy(at, &value, 8);  // little endian, as every machine this runs on
  return at + 8;
}

inline char* PutFixed32(char* at, uint32_t tag, uint32_t value) {
  at = PutVarint(at, tag);
  std::memcpy(at, &value, 4);
  return at + 4;
}

inline char* PutBytes(char* at, uint32_t tag, std::string_view bytes) {
  at = PutVarint(at, tag);
  at = PutVarint(at, bytes.size());
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

// Ids travel as big-endian bytes.
inline char* PutBigEndian(char* at, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, 8);
  return at + 8;
}
inline char* PutTraceId(char* at, uint32_t tag, const TraceId& id) {
  at = PutVarint(at, tag);
  *at++ = 16;
  return PutBigEndian(PutBigEndian(at, id.high), id.low);
}
inline char* PutSpanId(char* at, uint32_t tag, SpanId id) {
  at = PutVarint(at, tag);
  *at++ = 8;
  return PutBigEndian(at, id.value);
}

void WriteVarint(Buffer* out, uint32_t field, uint64_t value);
void WriteFixed64(Buffer* out, uint32_t field, uint64_t value);
void WriteDouble(Buffer* out, uint32_t field, double value);
void WriteBytes(Buffer* out, uint32_t field, std::string_view bytes);

// The prefix of a nested message of `size` bytes; the caller appends these then.
void WriteHeader(Buffer* out, uint32_t field, size_t size);

// A KeyValue, as field `field` of what is being written. Texts are cut at `max_text` bytes, at the
// border of a character; invalid UTF-8 is replaced, since OTLP texts are UTF-8.
void WriteKeyValue(Buffer* out, uint32_t field, std::string_view key, const AttributeValue& value,
                   size_t max_text = static_cast<size_t>(-1));
// An AnyValue message.
void WriteAnyValue(Buffer* out, uint32_t field, const Value& value);

// `text`, not longer than `max` bytes, ending at the border of a character.
std::string_view CutText(std::string_view text, size_t max);
bool IsUtf8(std::string_view text);
// Bytes that are not UTF-8 become U+FFFD.
std::string ToUtf8(std::string_view text);

}  // namespace observatory::detail
