#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/arena.h"
#include "model/telemetry.h"

// For tests: telemetry of every shape that OTLP allows, from a seed.

namespace ao::storage {

class RandomTelemetry {
 public:
  RandomTelemetry(uint64_t seed, Arena* arena) : random_(seed), arena_(arena) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  std::string_view Text() {
    static const std::vector<std::string> kSpecial = {"",
                                                      "a",
                                                      "$ref",
                                                      "$map",
                                                      "quote\" back\\slash",
                                                      std::string("nul\0byte", 8),
                                                      "\xff\xfe not utf-8",
                                                      "\xED\xA0\x80",
                                                      "caf\xC3\xA9 \xF0\x9F\x98\x80",
                                                      "line\nbreak\t\x01",
                                                      "gen_ai.usage.input_tokens",
                                                      "{\"json\":[1,2]}"};
    if (OneIn(3)) return kSpecial[Below(kSpecial.size())];
    std::string text(Below(OneIn(10) ? 2000 : 40), 'x');
    for (char& c : text) c = static_cast<char>(OneIn(50) ? Below(256) : 'a' + Below(26));
    return arena_->Copy(text);
  }

  double Double() {
    static const double kSpecial[] = {0.0,
                                      -0.0,
                                      5.0,
                                      1e300,
                                      5e-324,
                                      0.1,
                                      std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity(),
                                      std::numeric_limits<double>::quiet_NaN()};
    if (OneIn(2)) return kSpecial[Below(std::size(kSpecial))];
    return std::ldexp(static_cast<double>(random_()), static_cast<int>(Below(200)) - 100);
  }

  int64_t Int() {
    if (OneIn(4)) return std::numeric_limits<int64_t>::min();
    if (OneIn(4)) return std::numeric_limits<int64_t>::max();
    return static_cast<int64_t>(Below(100)) - 50;
  }
  uint64_t Uint() { return OneIn(3) ? random_() : Below(3); }
  uint32_t Uint32() { return static_cast<uint32_t>(Uint()); }

  model::Value Value(int depth = 0) {
    switch (Below(depth > 3 ? 6 : 8)) {
      case 0: return {};
      case 1: return model::Value::Bool(OneIn(2));
      case 2: return model::Value::Int(Int());
      case 3: return model::Value::Double(Double());
      case 4: return model::Value::String(Text());
      case 5: return model::Value::Bytes(Text());
      case 6: {
        std::vector<model::Value> items(Below(5));
        for (auto& item : items) item = Value(depth + 1);
        return model::Value::Array(arena_->Copy(items));
      }
      default: return model::Value::Map(Map(depth + 1));
    }
  }

  model::Attributes Map(int depth = 0) {
    std::vector<model::KeyValue> items(Below(OneIn(20) ? 100 : 6));
    for (auto& item : items) item = {Text(), Value(depth + 1)};
    return arena_->Copy(items);
  }

  std::span<const model::Event> Events() {
    std::vector<model::Event> events(Below(4));
    for (auto& e : events) e = {Uint(), Text(), Map(), Uint32()};
    return arena_->Copy(events);
  }

  std::span<const model::Link> Links() {
    std::vector<model::Link> links(Below(4));
    for (auto& l : links) {
      for (auto& b : l.trace_id.bytes) b = static_cast<uint8_t>(Below(256));
      l.span_id.value = random_();
      l.trace_state = Text();
      l.attributes = Map();
      l.dropped_attributes_count = Uint32();
      l.flags = Uint32();
    }
    return arena_->Copy(links);
  }

 private:
  std::mt19937_64 random_;
  Arena* arena_;
};

// Equal in every bit; NaN equals NaN.
inline bool Same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
}

inline bool Same(const model::Value& a, const model::Value& b);
inline bool Same(model::Attributes a, model::Attributes b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].key != b[i].key || !Same(a[i].value, b[i].value)) return false;
  }
  return true;
}
inline bool Same(const model::Value& a, const model::Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case model::ValueKind::kEmpty: return true;
    case model::ValueKind::kBool: return a.as_bool() == b.as_bool();
    case model::ValueKind::kInt: return a.as_int() == b.as_int();
    case model::ValueKind::kDouble: return Same(a.as_double(), b.as_double());
    case model::ValueKind::kString:
    case model::ValueKind::kBytes: return a.as_string() == b.as_string();
    case model::ValueKind::kMap: return Same(a.as_map(), b.as_map());
    case model::ValueKind::kArray: {
      const auto x = a.as_array(), y = b.as_array();
      if (x.size() != y.size()) return false;
      for (size_t i = 0; i < x.size(); ++i) {
        if (!Same(x[i], y[i])) return false;
      }
      return true;
    }
  }
  return false;
}

inline bool Same(const model::Event& a, const model::Event& b) {
  return a.time == b.time && a.name == b.name && Same(a.attributes, b.attributes) &&
         a.dropped_attributes_count == b.dropped_attributes_count;
}
inline bool Same(const model::Link& a, const model::Link& b) {
  return a.trace_id == b.trace_id && a.span_id == b.span_id && a.trace_state == b.trace_state &&
         Same(a.attributes, b.attributes) && a.flags == b.flags &&
         a.dropped_attributes_count == b.dropped_attributes_count;
}
template <typename T>
bool SameList(std::span<const T> a, std::span<const T> b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!Same(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace ao::storage
