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

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : p_(bytes.data()), end_(p_ + bytes.size()) {}

  // Moves to the next field; false at the end of the message.
  bool Next() {
    if (p_ == end_) return false;
    const uint64_t key = protozero::decode_varint(&p_, end_);
    if (key < 8 || key > UINT32_MAX) throw protozero::invalid_tag_exception();
    key_ = static_cast<uint32_t>(key);
    return true;
  }
  uint32_t key() const { return key_; }

  // The value of the current field; its wire type must be the one that the key says.
  uint64_t ReadVarint() { return protozero::decode_varint(&p_, end_); }
  uint32_t ReadUint32() { return static_cast<uint32_t>(ReadVarint()); }
  int32_t ReadInt32() { return static_cast<int32_t>(ReadVarint()); }
  int32_t ReadSint32() { return protozero::decode_zigzag32(ReadUint32()); }
  uint64_t ReadFixed64() { return ReadFixed<uint64_t>(); }
  uint32_t ReadFixed32() { return ReadFixed<uint32_t>(); }
  double ReadDouble() { return ReadFixed<double>(); }
  std::string_view ReadBytes() {
    const uint64_t size = protozero::decode_varint(&p_, end_);
    if (size > Left()) throw protozero::end_of_buffer_exception();
    const char* start = p_;
    p_ += size;
    return {start, static_cast<size_t>(size)};
  }

  // Passes over the current field, whatever it is; groups with everything in them.
  void Skip() {
    const uint32_t type = key_ & 7;
    if (type == kStartGroup) {
      SkipGroup();
    } else {
      SkipScalar(type);
    }
  }

 private:
  static constexpr uint32_t kStartGroup = 3, kEndGroup = 4;
  static constexpr int kMaxGroupDepth = 64;

  size_t Left() const { return static_cast<size_t>(end_ - p_); }

  template <typename T>
  T ReadFixed() {
    if (Left() < sizeof(T)) throw protozero::end_of_buffer_exception();
    T value;
    std::memcpy(&value, p_, sizeof(T));
    p_ += sizeof(T);
    return value;
  }

  void SkipScalar(uint32_t type) {
    switch (type) {
      case 0: protozero::skip_varint(&p_, end_); break;
      case 1: ReadFixed64(); break;
      case 2: ReadBytes(); break;
      case 5: ReadFixed32(); break;
      default: throw protozero::unknown_pbf_wire_type_exception();
    }
  }

  void SkipGroup() {
    uint32_t open[kMaxGroupDepth];
    int depth = 0;
    open[depth++] = key_ >> 3;
    while (depth > 0) {
      if (!Next()) throw protozero::end_of_buffer_exception();
      const uint32_t type = key_ & 7;
      if (type == kStartGroup) {
        if (depth == kMaxGroupDepth) throw protozero::invalid_tag_exception();
        open[depth++] = key_ >> 3;
      } else if (type == kEndGroup) {
        if (open[--depth] != key_ >> 3) throw protozero::invalid_tag_exception();
      } else {
        SkipScalar(type);
      }
    }
  }

  const char* p_;
  const char* end_;
  uint32_t key_ = 0;
};

}  // namespace ao::ingest::otlp
