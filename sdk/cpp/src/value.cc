#include "observatory/value.h"

#include <charconv>
#include <cmath>

#include "json.h"

namespace observatory {

std::string Value::to_json() const {
  std::string out;
  detail::AppendJson(*this, &out);
  return out;
}

Value AttributeValue::to_value() const {
  switch (kind_) {
    case Kind::kBool: return Value(as_bool());
    case Kind::kInt: return Value(int_);
    case Kind::kDouble: return Value(double_);
    case Kind::kString: return Value(text_);
    case Kind::kValue: return *value_;
  }
  return {};
}

namespace detail {
namespace {

void AppendBase64(std::string_view bytes, std::string* out) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t k) {
      return i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0u;
    };
    const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
    out->push_back(kDigits[group >> 18]);
    out->push_back(kDigits[group >> 12 & 63]);
    out->push_back(i + 1 < bytes.size() ? kDigits[group >> 6 & 63] : '=');
    out->push_back(i + 2 < bytes.size() ? kDigits[group & 63] : '=');
  }
}

void AppendNumber(double value, std::string* out) {
  if (std::isnan(value)) {
    *out += "\"NaN\"";
  } else if (std::isinf(value)) {
    *out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
    out->append(text, end);
  }
}

}  // namespace

void AppendJsonText(std::string_view text, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      default:
        if (static_cast<uint8_t>(c) < 0x20) {
          *out += "\\u00";
          out->push_back(kDigits[c >> 4 & 15]);
          out->push_back(kDigits[c & 15]);
        } else {
          out->push_back(c);
        }
    }
  }
  out->push_back('"');
}

void AppendJson(const Value& value, std::string* out) {
  if (const auto* text = value.if_string()) {
    AppendJsonText(*text, out);
  } else if (const auto* flag = value.if_bool()) {
    *out += *flag ? "true" : "false";
  } else if (const auto* number = value.if_int()) {
    *out += std::to_string(*number);
  } else if (const auto* real = value.if_double()) {
    AppendNumber(*real, out);
  } else if (const auto* bytes = value.if_bytes()) {
    out->push_back('"');
    AppendBase64(bytes->data, out);
    out->push_back('"');
  } else if (const auto* array = value.if_array()) {
    out->push_back('[');
    for (const Value& item : *array) {
      if (&item != array->data()) out->push_back(',');
      AppendJson(item, out);
    }
    out->push_back(']');
  } else if (const auto* map = value.if_map()) {
    out->push_back('{');
    for (const auto& member : *map) {
      if (&member != map->data()) out->push_back(',');
      AppendJsonText(member.first, out);
      out->push_back(':');
      AppendJson(member.second, out);
    }
    out->push_back('}');
  } else {
    *out += "null";
  }
}

}  // namespace detail
}  // namespace observatory
