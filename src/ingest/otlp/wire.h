#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <protozero/exception.hpp>
#include <protozero/varint.hpp>

// Internal: the fields of one protobuf message, one after another, without copying. Built on
// protozero's varint decoder; unlike protozero's own reader it skips groups, and a known field of
// an unexpected wire type falls through to Skip() because the key holds both. Malformed input
// throws protozero::exception, which the decoders catch. Single-thread.

namespace ao::ingest::otlp {

static_assert(std::endian::native == std::endian::little);

// Switch labels: field number and wire type in one.
constexpr uint32_t Varint(uint32_t field) { return field << 3; }
constexpr uint32_t Fixed64(uint32_t field) { return field << 3 | 1; }
constexpr uint32_t Len(uint32_t field) { return field << 3 | 2; }
constexpr uint32_t Fixed32(uint32_t field) { return field << 3 | 5; }

// Small enough to live in registers: nothing takes its address, the slow paths are functions of
// their own.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : p_(bytes.data()), end_(p_ + bytes.size()) {}

  // Moves to the next field; false at the end of the message.
  bool Next() {
    if (p_ == end_) return false;
    const uint64_t key = ReadVarint();
    if (key < 8 || key > UINT32_MAX) throw protozero::invalid_tag_exception();
    key_ = static_cast<uint32_t>(key);
    return true;
  }
  uint32_t key() const { return key_; }

  // The value of the current field; its wire type must be the one that the key says.
  uint64_t ReadVarint() {
    if (p_ != end_ && static_cast<uint8_t>(*p_) < 0x80) [[likely]] {
      return static_cast<uint8_t>(*p_++);
    }
    const char* p = p_;
    const uint64_t value = protozero::decode_varint(&p, end_);
    p_ = p;
    return value;
  }
  uint32_t ReadUint32() { return static_cast<uint32_t>(ReadVarint()); }
  int32_t ReadInt32() { return static_cast<int32_t>(ReadVarint()); }
  int32_t ReadSint32() { return protozero::decode_zigzag32(ReadUint32()); }
  uint64_t ReadFixed64() { return ReadFixed<uint64_t>(); }
  uint32_t ReadFixed32() { return ReadFixed<uint32_t>(); }
  double ReadDouble() { return ReadFixed<double>(); }
  std::string_view ReadBytes() {
    const uint64_t size = ReadVarint();
    if (size > static_cast<size_t>(end_ - p_)) throw protozero::end_of_buffer_exception();
    const char* start = p_;
    p_ += size;
    return {start, static_cast<size_t>(size)};
  }

  // Passes over the current field, whatever it is; groups with everything in them.
  void Skip() { p_ = SkipField(p_, end_, key_); }

 private:
  template <typename T>
  T ReadFixed() {
    if (static_cast<size_t>(end_ - p_) < sizeof(T)) throw protozero::end_of_buffer_exception();
    T value;
    std::memcpy(&value, p_, sizeof(T));
    p_ += sizeof(T);
    return value;
  }

  // The end of the field that begins (after its key) at `p`.
  static const char* SkipField(const char* p, const char* end, uint32_t key);

  const char* p_;
  const char* end_;
  uint32_t key_ = 0;
};

}  // namespace ao::ingest::otlp
