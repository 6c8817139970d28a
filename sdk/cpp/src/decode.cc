#include "decode.h"

#include <bit>
#include <cstring>

#include "core.h"

namespace observatory {

const Value* SpanRecord::attribute(std::string_view key) const {
  for (const auto& [known, value] : attributes) {
    if (known == key) return &value;
  }
  return nullptr;
}

namespace detail {

namespace {

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

TraceId ReadTraceId(std::string_view bytes) {
  if (bytes.size() != 16) return {};
  return {BigEndian(bytes), BigEndian(bytes.substr(8))};
}

void ReadKeyValue(std::string_view message, Value::Map* out) {
  std::string key;
  Value value;
  for (FieldReader reader(message); reader.Next();) {
    if (reader.field() == 1) key = reader.bytes();
    if (reader.field() == 2) value = DecodeAnyValue(reader.bytes());
  }
  out->emplace_back(std::move(key), std::move(value));
}

SpanRecord::Event ReadEvent(std::string_view message) {
  SpanRecord::Event event;
  for (FieldReader reader(message); reader.Next();) {
    if (reader.field() == 1) event.time_ns = static_cast<int64_t>(reader.number());
    if (reader.field() == 2) event.name = reader.bytes();
    if (reader.field() == 3) ReadKeyValue(reader.bytes(), &event.attributes);
  }
  return event;
}

SpanRecord::LinkRecord ReadLink(std::string_view message) {
  SpanRecord::LinkRecord link;
  for (FieldReader reader(message); reader.Next();) {
    if (reader.field() == 1) link.trace_id = ReadTraceId(reader.bytes());
    if (reader.field() == 2) link.span_id = {BigEndian(reader.bytes())};
    if (reader.field() == 3) link.trace_state = reader.bytes();
    if (reader.field() == 4) ReadKeyValue(reader.bytes(), &link.attributes);
  }
  return link;
}

}  // namespace

Value DecodeAnyValue(std::string_view message) {
  FieldReader reader(message);
  if (!reader.Next()) return {};
  switch (reader.field()) {
    case 1: return Value(reader.bytes());
    case 2: return Value(reader.number() != 0);
    case 3: return Value(static_cast<int64_t>(reader.number()));
    case 4: return Value(reader.as_double());
    case 5: {
      Value::Array array;
      for (FieldReader items(reader.bytes()); items.Next();) {
        array.push_back(DecodeAnyValue(items.bytes()));
      }
      return Value(std::move(array));
    }
    case 6: {
      Value::Map map;
      for (FieldReader members(reader.bytes()); members.Next();) {
        ReadKeyValue(members.bytes(), &map);
      }
      return Value(std::move(map));
    }
    case 7: return Value(Value::Bytes{std::string(reader.bytes())});
    default: return {};
  }
}

SpanRecord DecodeSpan(std::string_view message) {
  SpanRecord span;
  for (FieldReader reader(message); reader.Next();) {
    const auto count = static_cast<uint32_t>(reader.number());
    switch (reader.field()) {
      case 1: span.trace_id = ReadTraceId(reader.bytes()); break;
      case 2: span.span_id = {BigEndian(reader.bytes())}; break;
      case 3: span.trace_state = reader.bytes(); break;
      case 4: span.parent_span_id = {BigEndian(reader.bytes())}; break;
      case 5: span.name = reader.bytes(); break;
      case 6: span.kind = static_cast<SpanKind>(count); break;
      case 7: span.start_ns = static_cast<int64_t>(reader.number()); break;
      case 8: span.end_ns = static_cast<int64_t>(reader.number()); break;
      case 9: ReadKeyValue(reader.bytes(), &span.attributes); break;
      case 10: span.dropped_attributes = count; break;
      case 11: span.events.push_back(ReadEvent(reader.bytes())); break;
      case 12: span.dropped_events = count; break;
      case 13: span.links.push_back(ReadLink(reader.bytes())); break;
      case 14: span.dropped_links = count; break;
      case 15:
        for (FieldReader status(reader.bytes()); status.Next();) {
          if (status.field() == 2) span.status_message = status.bytes();
          if (status.field() == 3) span.status = static_cast<StatusCode>(status.number());
        }
        break;
      case 16: span.flags = count; break;
      default: break;
    }
  }
  return span;
}

SpanRecord DecodeSpan(const Record& record) {
  SpanRecord span = DecodeSpan(record.data.view());
  span.scope_name = record.scope->name;
  span.scope_version = record.scope->version;
  return span;
}

}  // namespace detail
}  // namespace observatory
