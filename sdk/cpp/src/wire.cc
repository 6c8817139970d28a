#include "wire.h"

#include <string>

namespace observatory::detail {
namespace {

// Fields of AnyValue and KeyValue.
constexpr uint32_t kString = 1, kBool = 2, kInt = 3, kDouble = 4, kArray = 5, kMap = 6, kRaw = 7;
constexpr int kMaxDepth = 64;  // what is nested deeper becomes an empty value

size_t FieldSize(size_t content) { return 1 + VarintSize(content) + content; }

size_t AnySize(const Value& value, int depth);

size_t ArraySize(const Value::Array& array, int depth) {
  size_t size = 0;
  for (const Value& item : array) size += FieldSize(AnySize(item, depth + 1));
  return size;
}

size_t MemberSize(const std::pair<std::string, Value>& member, int depth) {
  return FieldSize(member.first.size()) + FieldSize(AnySize(member.second, depth + 1));
}

size_t MapSize(const Value::Map& map, int depth) {
  size_t size = 0;
  for (const auto& member : map) size += FieldSize(MemberSize(member, depth));
  return size;
}

size_t AnySize(const Value& value, int depth) {
  if (depth > kMaxDepth) return 0;
  if (const auto* text = value.if_string()) return FieldSize(text->size());
  if (value.if_bool() != nullptr) return 2;
  if (const auto* number = value.if_int()) return 1 + VarintSize(static_cast<uint64_t>(*number));
  if (value.if_double() != nullptr) return 9;
  if (const auto* array = value.if_array()) return FieldSize(ArraySize(*array, depth));
  if (const auto* map = value.if_map()) return FieldSize(MapSize(*map, depth));
  if (const auto* bytes = value.if_bytes()) return FieldSize(bytes->data.size());
  return 0;
}

char* PutLength(char* at, uint32_t field, size_t size) {
  return PutVarint(PutVarint(at, Tag(field, kBytes)), size);
}

char* PutDouble(char* at, uint32_t field, double value) {
  return PutFixed64(at, Tag(field, kFixed64), std::bit_cast<uint64_t>(value));
}

char* PutAny(char* at, const Value& value, int depth) {
  if (depth > kMaxDepth) return at;
  if (const auto* text = value.if_string()) return PutBytes(at, Tag(kString, kBytes), *text);
  if (const auto* flag = value.if_bool()) {
    return PutVarint(PutVarint(at, Tag(kBool, kVarint)), *flag ? 1 : 0);
  }
  if (const auto* number = value.if_int()) {
    return PutVarint(PutVarint(at, Tag(kInt, kVarint)), static_cast<uint64_t>(*number));
  }
  if (const auto* number = value.if_double()) return PutDouble(at, kDouble, *number);
  if (const auto* array = value.if_array()) {
    at = PutLength(at, kArray, ArraySize(*array, depth));
    for (const Value& item : *array) {
      at = PutAny(PutLength(at, 1, AnySize(item, depth + 1)), item, depth + 1);
    }
    return at;
  }
  if (const auto* map = value.if_map()) {
    at = PutLength(at, kMap, MapSize(*map, depth));
    for (const auto& member : *map) {
      at = PutLength(at, 1, MemberSize(member, depth));
      at = PutBytes(at, Tag(1, kBytes), member.first);
      at = PutAny(PutLength(at, 2, AnySize(member.second, depth + 1)), member.second, depth + 1);
    }
    return at;
  }
  if (const auto* bytes = value.if_bytes()) return PutBytes(at, Tag(kRaw, kBytes), bytes->data);
  return at;
}

// Whether every text in `value` can be sent as it is.
bool Clean(const Value& value, size_t max_text) {
  if (const auto* text = value.if_string()) return text->size() <= max_text && IsUtf8(*text);
  if (const auto* array = value.if_array()) {
    for (const Value& item : *array) {
      if (!Clean(item, max_text)) return false;
    }
  }
  if (const auto* map = value.if_map()) {
    for (const auto& [key, item] : *map) {
      if (!IsUtf8(key) || !Clean(item, max_text)) return false;
    }
  }
  return true;
}

Value Cleaned(const Value& value, size_t max_text) {
  if (const auto* text = value.if_string()) return Value(ToUtf8(CutText(*text, max_text)));
  if (const auto* array = value.if_array()) {
    Value::Array out;
    for (const Value& item : *array) out.push_back(Cleaned(item, max_text));
    return Value(std::move(out));
  }
  if (const auto* map = value.if_map()) {
    Value::Map out;
    for (const auto& [key, item] : *map) out.emplace_back(ToUtf8(key), Cleaned(item, max_text));
    return Value(std::move(out));
  }
  return value;
}

// A KeyValue whose AnyValue has `value_size` bytes, which `put` writes.
template <typename Put>
void WriteMember(Buffer* out, uint32_t field, std::string_view key, size_t value_size,
                 const Put& put) {
  const size_t size = FieldSize(key.size()) + FieldSize(value_size);
  char* at = out->Room(size + 16);
  if (at == nullptr) return;
  at = PutLength(at, field, size);
  at = PutBytes(at, Tag(1, kBytes), key);
  at = put(PutLength(at, 2, value_size));
  out->Advance(at);
}

void WriteText(Buffer* out, uint32_t field, std::string_view key, std::string_view text) {
  WriteMember(out, field, key, FieldSize(text.size()),
              [&](char* at) { return PutBytes(at, Tag(kString, kBytes), text); });
}

size_t Utf8Length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : 0u;
  };
  const auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool low = first == 0xE0 && byte(1) < 0xA0, surrogate = first == 0xED && byte(1) > 0x9F;
    return tail(1) && tail(2) && !low && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool low = first == 0xF0 && byte(1) < 0x90, high = first == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !low && !high ? 4 : 0;
  }
  return 0;
}

}  // namespace

void WriteVarint(Buffer* out, uint32_t field, uint64_t value) {
  if (char* at = out->Room(16)) {
    out->Advance(PutVarint(PutVarint(at, Tag(field, kVarint)), value));
  }
}

void WriteFixed64(Buffer* out, uint32_t field, uint64_t value) {
  if (char* at = out->Room(16)) out->Advance(PutFixed64(at, Tag(field, kFixed64), value));
}

void WriteDouble(Buffer* out, uint32_t field, double value) {
  WriteFixed64(out, field, std::bit_cast<uint64_t>(value));
}

void WriteBytes(Buffer* out, uint32_t field, std::string_view bytes) {
  if (char* at = out->Room(bytes.size() + 16)) {
    out->Advance(PutBytes(at, Tag(field, kBytes), bytes));
  }
}

void WriteHeader(Buffer* out, uint32_t field, size_t size) {
  if (char* at = out->Room(16)) out->Advance(PutLength(at, field, size));
}

void WriteAnyValue(Buffer* out, uint32_t field, const Value& value) {
  if (!Clean(value, static_cast<size_t>(-1))) {
    return WriteAnyValue(out, field, Cleaned(value, static_cast<size_t>(-1)));
  }
  const size_t size = AnySize(value, 0);
  char* at = out->Room(size + 16);
  if (at == nullptr) return;
  out->Advance(PutAny(PutLength(at, field, size), value, 0));
}

void WriteKeyValue(Buffer* out, uint32_t field, std::string_view key, const AttributeValue& value,
                   size_t max_text) {
  if (!IsUtf8(key)) return WriteKeyValue(out, field, ToUtf8(key), value, max_text);
  switch (value.kind()) {
    case AttributeValue::Kind::kBool:
      return WriteMember(out, field, key, 2, [&](char* at) {
        return PutVarint(PutVarint(at, Tag(kBool, kVarint)), value.as_bool() ? 1 : 0);
      });
    case AttributeValue::Kind::kInt: {
      const auto number = static_cast<uint64_t>(value.as_int());
      return WriteMember(out, field, key, 1 + VarintSize(number), [&](char* at) {
        return PutVarint(PutVarint(at, Tag(kInt, kVarint)), number);
      });
    }
    case AttributeValue::Kind::kDouble:
      return WriteMember(out, field, key, 9,
                         [&](char* at) { return PutDouble(at, kDouble, value.as_double()); });
    case AttributeValue::Kind::kString: {
      const std::string_view text = CutText(value.as_string(), max_text);
      if (IsUtf8(text)) return WriteText(out, field, key, text);
      return WriteText(out, field, key, ToUtf8(text));
    }
    case AttributeValue::Kind::kValue: break;
  }
  const Value& tree = value.as_value();
  if (!Clean(tree, max_text)) return WriteKeyValue(out, field, key, Cleaned(tree, max_text));
  WriteMember(out, field, key, AnySize(tree, 0), [&](char* at) { return PutAny(at, tree, 0); });
}

std::string_view CutText(std::string_view text, size_t max) {
  if (text.size() <= max) return text;
  size_t end = max;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

bool IsUtf8(std::string_view text) {
  size_t at = 0;
  while (at + 8 <= text.size()) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & 0x8080808080808080u) != 0) break;
    at += 8;
  }
  while (at < text.size()) {
    const size_t length = Utf8Length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string ToUtf8(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = Utf8Length(text, at);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
    } else {
      out.append(text.substr(at, length));
      at += length;
    }
  }
  return out;
}

}  // namespace observatory::detail
