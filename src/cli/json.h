#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"

// JSON as the server answers it, read into a plain tree. Missing members and wrong types read as
// empty, so that a client goes on working when a server adds, drops or nulls a field.

namespace ao::cli {

class Json {
 public:
  enum class Type : uint8_t { kNull, kBool, kInteger, kDouble, kString, kArray, kObject };

  // invalid_argument with simdjson's reason when `text` is not one JSON document.
  static Result<Json> Parse(std::string_view text);

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::kNull; }
  // The member, or null.
  const Json& operator[](std::string_view key) const;
  // The item, or null.
  const Json& at(size_t index) const;
  const std::vector<Json>& items() const { return items_; }  // of an array; values of an object
  const std::vector<std::string>& keys() const { return keys_; }
  size_t size() const { return items_.size(); }

  const std::string& text() const { return text_; }  // of a string, else empty
  int64_t integer() const;  // of a number or a string of digits, else 0
  double number() const;
  bool boolean() const { return type_ == Type::kBool && integer_ != 0; }
  // For display: strings as they are, null as "", everything else as JSON.
  std::string Display() const;
  void Write(JsonWriter* json) const;

 private:
  friend class JsonReader;
  Type type_ = Type::kNull;
  int64_t integer_ = 0;
  double double_ = 0;
  std::string text_;
  std::vector<std::string> keys_;
  std::vector<Json> items_;
};

// One line of OTLP JSON: which signal, and the exact text between the brackets of its
// resourceSpans, resourceLogs or resourceMetrics array.
struct OtlpLine {
  std::string signal;  // "traces", "logs", "metrics"
  std::string items;
};
Result<OtlpLine> ReadOtlpLine(std::string_view line);
// {"resourceSpans":[<items>]} for the signal.
std::string WrapOtlp(std::string_view signal, std::string_view items);

}  // namespace ao::cli
