#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "observatory/export.h"

// Values of attributes, log fields and baggage. A Value owns what it holds and may be a list or a
// map, as deep as needed. An AttributeValue is a view that only lives for one call; it is what
// functions take, so that setting a number or a text copies nothing before it is needed.

namespace observatory {

class Value {
 public:
  struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
  };
  using Array = std::vector<Value>;
  using Map = std::vector<std::pair<std::string, Value>>;

  Value() = default;  // null
  template <typename T>
  requires std::same_as<T, bool> Value(T value) : data_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T value) : data_(static_cast<int64_t>(value)) {}
  template <std::floating_point T>
  Value(T value) : data_(static_cast<double>(value)) {}
  Value(const char* value) : data_(std::string(value != nullptr ? value : "")) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(Bytes value) : data_(std::move(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Map value) : data_(std::move(value)) {}
  // Any other list whose elements make values: std::vector<std::string>, std::vector<double>, ...
  template <typename T>
  requires(!std::same_as<T, Value> && std::constructible_from<Value, const T&>)
      Value(const std::vector<T>& values)
      : data_(Array(values.begin(), values.end())) {}

  // Value::array({1, "two", 3.0}); Value::map({{"id", "d1"}, {"score", 0.9}}).
  static Value array(std::initializer_list<Value> values) { return Value(Array(values)); }
  static Value map(std::initializer_list<std::pair<std::string, Value>> members) {
    return Value(Map(members));
  }

  bool is_null() const { return data_.index() == 0; }
  const bool* if_bool() const { return std::get_if<bool>(&data_); }
  const int64_t* if_int() const { return std::get_if<int64_t>(&data_); }
  const double* if_double() const { return std::get_if<double>(&data_); }
  const std::string* if_string() const { return std::get_if<std::string>(&data_); }
  const Bytes* if_bytes() const { return std::get_if<Bytes>(&data_); }
  const Array* if_array() const { return std::get_if<Array>(&data_); }
  const Map* if_map() const { return std::get_if<Map>(&data_); }
  // The member of a map; null when this is no map, or has no such member.
  const Value* find(std::string_view key) const {
    const Map* map = if_map();
    if (map == nullptr) return nullptr;
    for (const auto& [name, value] : *map) {
      if (name == key) return &value;
    }
    return nullptr;
  }

  // As JSON: a text in quotes, bytes as base64, numbers that JSON lacks as "NaN", "Infinity".
  OBSERVATORY_API std::string to_json() const;
  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Bytes, Array, Map> data_;
};

class AttributeValue {
 public:
  enum class Kind : uint8_t { kBool, kInt, kDouble, kString, kValue };

  template <typename T>
  requires std::same_as<T, bool> AttributeValue(T value)
      : kind_(Kind::kBool), int_(value ? 1 : 0) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) AttributeValue(T value)
      : kind_(Kind::kInt), int_(static_cast<int64_t>(value)) {}
  template <std::floating_point T>
  AttributeValue(T value) : kind_(Kind::kDouble), double_(static_cast<double>(value)) {}
  AttributeValue(const char* value)
      : kind_(Kind::kString), text_(value != nullptr ? std::string_view(value) : "") {}
  AttributeValue(std::string_view value) : kind_(Kind::kString), text_(value) {}
  AttributeValue(const std::string& value) : kind_(Kind::kString), text_(value) {}
  AttributeValue(const Value& value) : kind_(Kind::kValue), value_(&value) {}

  Kind kind() const { return kind_; }
  bool as_bool() const { return int_ != 0; }
  int64_t as_int() const { return int_; }
  double as_double() const { return double_; }
  std::string_view as_string() const { return text_; }
  const Value& as_value() const { return *value_; }
  OBSERVATORY_API Value to_value() const;

 private:
  Kind kind_;
  union {
    int64_t int_;
    double double_;
    std::string_view text_;
    const Value* value_;
  };
};

// {"key", value}; a view that lives for one call.
struct Attribute {
  std::string_view key;
  AttributeValue value;
};
using Attributes = std::initializer_list<Attribute>;

}  // namespace observatory
