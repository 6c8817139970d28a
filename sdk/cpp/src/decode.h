#pragma once

#include <string_view>

#include "observatory/processor.h"
#include "record.h"

namespace observatory::detail {

// Reads back what SpanData wrote. Only for our own bytes.
SpanRecord DecodeSpan(const Record& record);
SpanRecord DecodeSpan(std::string_view message);
Value DecodeAnyValue(std::string_view message);

// Walks the fields of a message.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : rest_(message) {}
  // False at the end, and at what is malformed.
  bool Next();
  uint32_t field() const { return field_; }
  uint64_t number() const { return number_; }
  double as_double() const;
  std::string_view bytes() const { return bytes_; }

 private:
  bool Varint(uint64_t* value);

  std::string_view rest_, bytes_;
  uint32_t field_ = 0;
  uint64_t number_ = 0;
};

}  // namespace observatory::detail
