#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// Attribute values as OTLP has them (opentelemetry/proto/common/v1/common.proto, AnyValue).
// Everything is a view: the bytes belong to the batch that the value came with.

namespace ao::model {

struct KeyValue;

enum class ValueKind : uint8_t { kEmpty, kBool, kInt, kDouble, kString, kBytes, kArray, kMap };

class Value {
 public:
  constexpr Value() : int_(0) {}
  static Value Bool(bool v) {
    Value r(ValueKind::kBool);
    r.int_ = v;
    return r;
  }
  static Value Int(int64_t v) {
    Value r(ValueKind::kInt);
    r.int_ = v;
    return r;
  }
  static Value Double(double v) {
    Value r(ValueKind::kDouble);
    r.double_ = v;
    return r;
  }
  static Value String(std::string_view v) { return Text(ValueKind::kString, v); }
  static Value Bytes(std::string_view v) { return Text(ValueKind::kBytes, v); }
  static Value Array(std::span<const Value> v) {
    Value r(ValueKind::kArray);
    r.size_ = v.size();
    r.pointer_ = v.data();
    return r;
  }
  static inline Value Map(std::span<const KeyValue> v);

  ValueKind kind() const { return kind_; }
  // Each accessor requires the matching kind.
  bool as_bool() const { return int_ != 0; }
  int64_t as_int() const { return int_; }
  double as_double() const { return double_; }
  // kString or kBytes.
  std::string_view as_string() const { return {static_cast<const char*>(pointer_), size_}; }
  std::span<const Value> as_array() const { return {static_cast<const Value*>(pointer_), size_}; }
  inline std::span<const KeyValue> as_map() const;

  bool is_string() const { return kind_ == ValueKind::kString; }
  // An int or a double as a double (JavaScript clients send whole doubles as ints).
  bool is_number() const { return kind_ == ValueKind::kInt || kind_ == ValueKind::kDouble; }
  double number() const { return kind_ == ValueKind::kInt ? static_cast<double>(int_) : double_; }

 private:
  explicit Value(ValueKind kind) : kind_(kind), int_(0) {}
  static Value Text(ValueKind kind, std::string_view v) {
    Value r(kind);
    r.size_ = v.size();
    r.pointer_ = v.data();
    return r;
  }

  ValueKind kind_ = ValueKind::kEmpty;
  size_t size_ = 0;  // bytes or elements, for the kinds that have them
  union {
    int64_t int_;
    double double_;
    const void* pointer_;
  };
};

struct KeyValue {
  std::string_view key;
  Value value;
};

using Attributes = std::span<const KeyValue>;

inline Value Value::Map(std::span<const KeyValue> v) {
  Value r(ValueKind::kMap);
  r.size_ = v.size();
  r.pointer_ = v.data();
  return r;
}
inline std::span<const KeyValue> Value::as_map() const {
  return {static_cast<const KeyValue*>(pointer_), size_};
}

// The value of `key`, or null. Duplicate keys: the last one wins.
inline const Value* Find(Attributes attributes, std::string_view key) {
  for (size_t i = attributes.size(); i-- > 0;) {
    if (attributes[i].key == key) return &attributes[i].value;
  }
  return nullptr;
}

// The string value of `key`, or an empty view when absent or of another kind.
inline std::string_view FindString(Attributes attributes, std::string_view key) {
  const Value* v = Find(attributes, key);
  return v != nullptr && v->is_string() ? v->as_string() : std::string_view();
}

}  // namespace ao::model
