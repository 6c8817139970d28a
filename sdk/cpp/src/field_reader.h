#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace observatory::detail {

// Walks the fields of a protobuf message. Any bytes will do; what is malformed ends it.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : rest_(message) {}
  // False at the end, and at what is malformed.
  inline bool Next();
  uint32_t field() const { return field_; }
  uint64_t number() const { return number_; }
  double as_double() const { return std::bit_cast<double>(number_); }
  std::string_view bytes() const { return bytes_; }

 private:
  inline bool Varint(uint64_t* value);

  std::string_view rest_, bytes_;
  uint32_t field_ = 0;
  uint64_t number_ = 0;
};

bool FieldReader::Varint(uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool FieldReader::Next() {
  uint64_t tag = 0;
  if (rest_.empty() || !Varint(&tag)) return false;
  field_ = static_cast<uint32_t>(tag >> 3);
  bytes_ = {};
  number_ = 0;
  size_t size = 0;
  switch (tag & 7) {
    case 0: return Varint(&number_);
    case 1: size = 8; break;
    case 5: size = 4; break;
    case 2: {
      uint64_t length = 0;
      if (!Varint(&length) || length > rest_.size()) return false;
      bytes_ = rest_.substr(0, length);
      rest_.remove_prefix(length);
      return true;
    }
    default: return false;
  }
  if (rest_.size() < size) return false;
  std::memcpy(&number_, rest_.data(), size);
  rest_.remove_prefix(size);
  return true;
}

// A reader at the first field `field`; where there is none, at nothing: 0, no bytes.
inline FieldReader FirstField(std::string_view message, uint32_t field) {
  for (FieldReader reader(message); reader.Next();) {
    if (reader.field() == field) return reader;
  }
  return FieldReader({});
}

}  // namespace observatory::detail
