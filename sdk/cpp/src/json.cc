#include "json.h"

#include <charconv>
#include <cstdint>

namespace observatory::detail {
namespace {

constexpr int kMaxDepth = 64;

class Parser {
 public:
  explicit Parser(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool Document(Value* out) {
    if (!Any(out, 0)) return false;
    Space();
    return at_ == end_;
  }

 private:
  void Space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool Take(char c) {
    Space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word) {
    if (static_cast<size_t>(end_ - at_) < word.size() ||
        std::string_view(at_, word.size()) != word) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  bool Any(Value* out, int depth) {
    Space();
    if (at_ == end_ || depth > kMaxDepth) return false;
    switch (*at_) {
      case '{': return Object(out, depth);
      case '[': return Array(out, depth);
      case '"': {
        std::string text;
        if (!Text(&text)) return false;
        *out = Value(std::move(text));
        return true;
      }
      case 't': *out = Value(true); return Word("true");
      case 'f': *out = Value(false); return Word("false");
      case 'n': *out = Value(); return Word("null");
      default: return Number(out);
    }
  }

  bool Object(Value* out, int depth) {
    ++at_;
    Value::Map map;
    if (!Take('}')) {
      do {
        std::string key;
        Value value;
        Space();
        if (at_ == end_ || *at_ != '"' || !Text(&key) || !Take(':') || !Any(&value, depth + 1)) {
          return false;
        }
        map.emplace_back(std::move(key), std::move(value));
      } while (Take(','));
      if (!Take('}')) return false;
    }
    *out = Value(std::move(map));
    return true;
  }

  bool Array(Value* out, int depth) {
    ++at_;
    Value::Array array;
    if (!Take(']')) {
      do {
        Value value;
        if (!Any(&value, depth + 1)) return false;
        array.push_back(std::move(value));
      } while (Take(','));
      if (!Take(']')) return false;
    }
    *out = Value(std::move(array));
    return true;
  }

  bool Number(Value* out) {
    const char* start = at_;
    bool whole = true;
    if (at_ != end_ && *at_ == '-') ++at_;
    const char* digits = at_;
    while (at_ != end_ && ((*at_ >= '0' && *at_ <= '9') || *at_ == '.' || *at_ == 'e' ||
                           *at_ == 'E' || *at_ == '+' || *at_ == '-')) {
      if (*at_ < '0' || *at_ > '9') whole = false;
      ++at_;
    }
    if (at_ == digits || *digits < '0' || *digits > '9') return false;
    if (at_ - digits > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return false;
    int64_t integer = 0;
    if (std::string_view(start, static_cast<size_t>(at_ - start)) == "-0") whole = false;
    if (whole && std::from_chars(start, at_, integer).ec == std::errc()) {
      *out = Value(integer);
      return true;
    }
    double real = 0;
    const auto [end, error] = std::from_chars(start, at_, real);
    if (error != std::errc() || end != at_) return false;
    *out = Value(real);
    return true;
  }

  bool Hex(uint32_t* unit) {
    if (end_ - at_ < 4) return false;
    const auto [end, error] = std::from_chars(at_, at_ + 4, *unit, 16);
    if (error != std::errc() || end != at_ + 4) return false;
    at_ += 4;
    return true;
  }

  static void AppendUtf8(uint32_t code, std::string* out) {
    if (code < 0x80) {
      out->push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      out->push_back(static_cast<char>(0xC0 | code >> 6));
      out->push_back(static_cast<char>(0x80 | (code & 63)));
    } else if (code < 0x10000) {
      out->push_back(static_cast<char>(0xE0 | code >> 12));
      out->push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
      out->push_back(static_cast<char>(0x80 | (code & 63)));
    } else {
      out->push_back(static_cast<char>(0xF0 | code >> 18));
      out->push_back(static_cast<char>(0x80 | (code >> 12 & 63)));
      out->push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
      out->push_back(static_cast<char>(0x80 | (code & 63)));
    }
  }

  bool Escape(std::string* out) {
    if (at_ == end_) return false;
    switch (*at_++) {
      case '"': out->push_back('"'); return true;
      case '\\': out->push_back('\\'); return true;
      case '/': out->push_back('/'); return true;
      case 'b': out->push_back('\b'); return true;
      case 'f': out->push_back('\f'); return true;
      case 'n': out->push_back('\n'); return true;
      case 'r': out->push_back('\r'); return true;
      case 't': out->push_back('\t'); return true;
      case 'u': break;
      default: return false;
    }
    uint32_t code = 0, low = 0;
    if (!Hex(&code)) return false;
    if (code >= 0xD800 && code < 0xDC00) {
      if (Word("\\u") && Hex(&low) && low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      } else {
        return false;
      }
    } else if (code >= 0xDC00 && code < 0xE000) {
      return false;
    }
    AppendUtf8(code, out);
    return true;
  }

  bool Text(std::string* out) {
    ++at_;
    while (at_ != end_ && *at_ != '"') {
      if (static_cast<uint8_t>(*at_) < 0x20) return false;
      if (*at_ != '\\') {
        out->push_back(*at_++);
        continue;
      }
      ++at_;
      if (!Escape(out)) return false;
    }
    if (at_ == end_) return false;
    ++at_;
    return true;
  }

  const char* at_;
  const char* const end_;
};

}  // namespace

std::optional<Value> ParseJson(std::string_view text) {
  Value value;
  if (!Parser(text).Document(&value)) return std::nullopt;
  return value;
}

}  // namespace observatory::detail
