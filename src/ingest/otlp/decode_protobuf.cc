#include <fmt/core.h>

#include "ingest/otlp/protobuf_decoder.h"
#include "ingest/otlp/sniff.h"

namespace ao::ingest::otlp {

using model::KeyValue;
using model::LogRecord;
using model::Metric;
using model::Signal;
using model::Span;
using model::Value;

void DecodeMemory::Refuse() const {
  throw DecodeFailure{
      ResourceExhausted(fmt::format("the records need more than {} bytes of memory", limit_),
                        "send smaller batches")};
}

void ProtobufDecoder::RefuseDepth() const {
  throw DecodeFailure{InvalidArgument(
      fmt::format("an attribute value is nested deeper than {} levels", limits_.max_value_depth))};
}

Value ProtobufDecoder::DecodeArray(std::string_view bytes, int depth) {
  const size_t base = values_.size();
  for (WireReader r(bytes); r.Next();) {
    if (r.key() == Len(1)) {
      const Value value = DecodeValue(r.ReadBytes(), depth + 1);
      values_.Push(value);
    } else {
      r.Skip();
    }
  }
  return Value::Array(values_.Commit(base));
}

Value ProtobufDecoder::DecodeMap(std::string_view bytes, int depth) {
  const size_t base = attributes_.size();
  for (WireReader r(bytes); r.Next();) {
    if (r.key() == Len(1)) {
      const KeyValue pair = DecodeKeyValue(r.ReadBytes(), depth + 1);
      attributes_.Push(pair);
    } else {
      r.Skip();
    }
  }
  return Value::Map(attributes_.Commit(base));
}

Value ProtobufDecoder::DecodeValue(std::string_view bytes, int depth) {
  CheckDepth(depth);
  // What most values are: one short string and nothing else.
  if (bytes.size() >= 2 && bytes[0] == Len(1) && bytes.size() - 2 < 128 &&
      static_cast<uint8_t>(bytes[1]) == bytes.size() - 2) {
    return Value::String({bytes.data() + 2, bytes.size() - 2});
  }
  Value value;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): value = Value::String(r.ReadBytes()); break;
      case Varint(2): value = Value::Bool(r.ReadVarint() != 0); break;
      case Varint(3): value = Value::Int(static_cast<int64_t>(r.ReadVarint())); break;
      case Fixed64(4): value = Value::Double(r.ReadDouble()); break;
      case Len(5): value = DecodeArray(r.ReadBytes(), depth); break;
      case Len(6): value = DecodeMap(r.ReadBytes(), depth); break;
      case Len(7): value = Value::Bytes(r.ReadBytes()); break;
      case Varint(8):
        tally_.StringIndex();
        r.Skip();
        break;
      default: r.Skip();
    }
  }
  return value;
}

KeyValue ProtobufDecoder::DecodeKeyValue(std::string_view bytes, int depth) {
  // What encoders write: a short key, then a short value, and nothing else.
  const auto at = [bytes](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (bytes.size() >= 4 && at(0) == Len(1)) {
    const size_t key = at(1);
    if (key < 128 && key + 4 <= bytes.size() && at(key + 2) == Len(2)) {
      const size_t value = at(key + 3);
      if (value < 128 && key + value + 4 == bytes.size()) [[likely]] {
        return {{bytes.data() + 2, key}, DecodeValue({bytes.data() + key + 4, value}, depth)};
      }
    }
  }
  KeyValue pair;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): pair.key = r.ReadBytes(); break;
      case Len(2): pair.value = DecodeValue(r.ReadBytes(), depth); break;
      case Varint(3):
        tally_.StringIndex();
        r.Skip();
        break;
      default: r.Skip();
    }
  }
  return pair;
}

void ProtobufDecoder::DecodeAttribute(std::string_view bytes) {
  const KeyValue pair = DecodeKeyValue(bytes, 1);
  if (pair.key.empty()) [[unlikely]] {
    tally_.EmptyKey();
  } else {
    attributes_.Push(pair);
  }
}

TraceId ProtobufDecoder::DecodeTraceId(std::string_view bytes) {
  const auto id = TraceId::FromBytes(bytes);
  if (!id && !bytes.empty()) tally_.BadReference();
  return id.value_or(TraceId{});
}

SpanId ProtobufDecoder::DecodeSpanId(std::string_view bytes) {
  const auto id = SpanId::FromBytes(bytes);
  if (!id && !bytes.empty()) tally_.BadReference();
  return id.value_or(SpanId{});
}

void ProtobufDecoder::DecodeStatus(std::string_view bytes, Span* span) {
  span->status = model::StatusCode::kUnset;
  span->status_message = {};
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(2): span->status_message = r.ReadBytes(); break;
      case Varint(3): {
        const uint64_t code = r.ReadVarint();
        span->status = static_cast<model::StatusCode>(code <= 2 ? code : 0);
        break;
      }
      default: r.Skip();
    }
  }
}

void ProtobufDecoder::DecodeEvent(std::string_view bytes, model::Event* event) {
  const size_t base = attributes_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(1): event->time = r.ReadFixed64(); break;
      case Len(2): event->name = r.ReadBytes(); break;
      case Len(3): DecodeAttribute(r.ReadBytes()); break;
      case Varint(4): event->dropped_attributes_count = r.ReadUint32(); break;
      default: r.Skip();
    }
  }
  event->attributes = attributes_.Commit(base);
}

void ProtobufDecoder::DecodeLink(std::string_view bytes, model::Link* link) {
  const size_t base = attributes_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): link->trace_id = DecodeTraceId(r.ReadBytes()); break;
      case Len(2): link->span_id = DecodeSpanId(r.ReadBytes()); break;
      case Len(3): link->trace_state = r.ReadBytes(); break;
      case Len(4): DecodeAttribute(r.ReadBytes()); break;
      case Varint(5): link->dropped_attributes_count = r.ReadUint32(); break;
      case Fixed32(6): link->flags = r.ReadFixed32(); break;
      default: r.Skip();
    }
  }
  link->attributes = attributes_.Commit(base);
}

bool ProtobufDecoder::DecodeRecord(std::string_view bytes, Span* span) {
  const size_t attributes = attributes_.size(), events = events_.size(), links = links_.size();
  std::string_view parent;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): span->trace_id = TraceId::FromBytes(r.ReadBytes()).value_or(TraceId{}); break;
      case Len(2): span->span_id = SpanId::FromBytes(r.ReadBytes()).value_or(SpanId{}); break;
      case Len(3): span->trace_state = r.ReadBytes(); break;
      case Len(4): parent = r.ReadBytes(); break;
      case Len(5): span->name = r.ReadBytes(); break;
      case Varint(6): {
        const uint64_t kind = r.ReadVarint();
        span->kind = static_cast<model::SpanKind>(kind <= 5 ? kind : 0);
        break;
      }
      case Fixed64(7): span->start = r.ReadFixed64(); break;
      case Fixed64(8): span->end = r.ReadFixed64(); break;
      case Len(9): DecodeAttribute(r.ReadBytes()); break;
      case Varint(10): span->dropped_attributes_count = r.ReadUint32(); break;
      case Len(11): {
        model::Event event;
        DecodeEvent(r.ReadBytes(), &event);
        events_.Push(event);
        break;
      }
      case Varint(12): span->dropped_events_count = r.ReadUint32(); break;
      case Len(13): {
        model::Link link;
        DecodeLink(r.ReadBytes(), &link);
        links_.Push(link);
        break;
      }
      case Varint(14): span->dropped_links_count = r.ReadUint32(); break;
      case Len(15): DecodeStatus(r.ReadBytes(), span); break;
      case Fixed32(16): span->flags = r.ReadFixed32(); break;
      default: r.Skip();
    }
  }
  if (!tally_.Admit(*span)) {
    attributes_.Shrink(attributes);
    events_.Shrink(events);
    links_.Shrink(links);
    return false;
  }
  if (!parent.empty()) {
    const auto id = SpanId::FromBytes(parent);
    if (!id) tally_.BadParentId();
    span->parent_span_id = id.value_or(SpanId{});
  }
  span->attributes = attributes_.Commit(attributes);
  span->events = events_.Commit(events);
  span->links = links_.Commit(links);
  return true;
}

bool ProtobufDecoder::DecodeRecord(std::string_view bytes, LogRecord* record) {
  const size_t attributes = attributes_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Fixed64(1): record->time = r.ReadFixed64(); break;
      case Varint(2): record->severity_number = r.ReadInt32(); break;
      case Len(3): record->severity_text = r.ReadBytes(); break;
      case Len(5): record->body = DecodeValue(r.ReadBytes(), 1); break;
      case Len(6): DecodeAttribute(r.ReadBytes()); break;
      case Varint(7): record->dropped_attributes_count = r.ReadUint32(); break;
      case Fixed32(8): record->flags = r.ReadFixed32(); break;
      case Len(9): record->trace_id = DecodeTraceId(r.ReadBytes()); break;
      case Len(10): record->span_id = DecodeSpanId(r.ReadBytes()); break;
      case Fixed64(11): record->observed_time = r.ReadFixed64(); break;
      case Len(12): record->event_name = r.ReadBytes(); break;
      default: r.Skip();
    }
  }
  record->attributes = attributes_.Commit(attributes);
  return tally_.Admit(*record);
}

model::EntityRef ProtobufDecoder::DecodeEntityRef(std::string_view bytes) {
  model::EntityRef entity;
  const size_t base = strings_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): entity.schema_url = r.ReadBytes(); break;
      case Len(2): entity.type = r.ReadBytes(); break;
      case Len(3): strings_.Push(r.ReadBytes()); break;
      default: r.Skip();
    }
  }
  entity.id_keys = strings_.Commit(base);
  for (WireReader r(bytes); r.Next();) {
    if (r.key() == Len(4)) {
      strings_.Push(r.ReadBytes());
    } else {
      r.Skip();
    }
  }
  entity.description_keys = strings_.Commit(base);
  return entity;
}

void ProtobufDecoder::DecodeResource(std::string_view bytes, model::Resource* resource) {
  const size_t attributes = attributes_.size(), entities = entities_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): DecodeAttribute(r.ReadBytes()); break;
      case Varint(2): resource->dropped_attributes_count = r.ReadUint32(); break;
      case Len(3): entities_.Push(DecodeEntityRef(r.ReadBytes())); break;
      default: r.Skip();
    }
  }
  resource->attributes = attributes_.Commit(attributes);
  resource->entity_refs = entities_.Commit(entities);
}

void ProtobufDecoder::DecodeScope(std::string_view bytes, model::Scope* scope) {
  const size_t attributes = attributes_.size();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): scope->name = r.ReadBytes(); break;
      case Len(2): scope->version = r.ReadBytes(); break;
      case Len(3): DecodeAttribute(r.ReadBytes()); break;
      case Varint(4): scope->dropped_attributes_count = r.ReadUint32(); break;
      default: r.Skip();
    }
  }
  scope->attributes = attributes_.Commit(attributes);
}

template <>
Scratch<Span>& ProtobufDecoder::Records() {
  return spans_;
}
template <>
Scratch<LogRecord>& ProtobufDecoder::Records() {
  return logs_;
}
template <>
Scratch<Metric>& ProtobufDecoder::Records() {
  return metrics_;
}
template <>
std::vector<model::ScopeGroup<Span>>& ProtobufDecoder::Groups() {
  return batch_->spans;
}
template <>
std::vector<model::ScopeGroup<LogRecord>>& ProtobufDecoder::Groups() {
  return batch_->logs;
}
template <>
std::vector<model::ScopeGroup<Metric>>& ProtobufDecoder::Groups() {
  return batch_->metrics;
}

template <typename Record>
void ProtobufDecoder::DecodeScopeGroup(std::string_view bytes, const model::Resource* resource) {
  memory_.Check(sizeof(model::Scope));
  auto* scope = new (memory_.arena().AllocateArray<model::Scope>(1)) model::Scope;
  Scratch<Record>& records = Records<Record>();
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): DecodeScope(r.ReadBytes(), scope); break;
      case Len(2): {
        Record& record = records.Push();
        if (!DecodeRecord(r.ReadBytes(), &record)) records.Pop();
        break;
      }
      case Len(3): scope->schema_url = r.ReadBytes(); break;
      default: r.Skip();
    }
  }
  if (records.size() == 0) return;
  Groups<Record>().push_back({resource, scope, records.Commit(0)});
}

template <typename Record>
void ProtobufDecoder::DecodeResourceGroup(std::string_view bytes) {
  memory_.Check(sizeof(model::Resource));
  auto* resource = new (memory_.arena().AllocateArray<model::Resource>(1)) model::Resource;
  for (WireReader r(bytes); r.Next();) {
    switch (r.key()) {
      case Len(1): DecodeResource(r.ReadBytes(), resource); break;
      case Len(2): DecodeScopeGroup<Record>(r.ReadBytes(), resource); break;
      case Len(3): resource->schema_url = r.ReadBytes(); break;
      default: r.Skip();
    }
  }
}

template <typename Record>
void ProtobufDecoder::DecodeRequest() {
  for (WireReader r(batch_->body); r.Next();) {
    if (r.key() == Len(1)) {
      DecodeResourceGroup<Record>(r.ReadBytes());
    } else {
      r.Skip();
    }
  }
}

void ProtobufDecoder::Decode() {
  switch (batch_->signal) {
    case Signal::kTraces: DecodeRequest<Span>(); break;
    case Signal::kLogs: DecodeRequest<LogRecord>(); break;
    case Signal::kMetrics: DecodeRequest<Metric>(); break;
  }
  tally_.WriteTo(batch_);
}

namespace {

bool HasTime(const Span& span) { return span.start != 0 || span.end != 0; }
bool HasTime(const LogRecord& record) {
  return record.time != 0 || record.observed_time != 0 || record.severity_number != 0;
}

template <typename Record>
bool NoneHasTime(const std::vector<model::ScopeGroup<Record>>& groups) {
  for (const auto& group : groups) {
    for (const Record& record : group.records) {
      if (HasTime(record)) return false;
    }
  }
  return true;
}

// No record carries a sign of being what the endpoint expects.
bool LooksForeign(const model::Batch& batch) {
  switch (batch.signal) {
    case Signal::kTraces: return NoneHasTime(batch.spans);
    case Signal::kLogs: return NoneHasTime(batch.logs);
    case Signal::kMetrics: return batch.accepted == 0;
  }
  return false;
}

}  // namespace

Result<model::Batch> DecodeProtobuf(Signal signal, std::string body, const DecodeLimits& limits) {
  model::Batch batch;
  batch.signal = signal;
  batch.body = std::move(body);
  // A short string keeps its bytes inside the object, and views would not survive a move.
  batch.body.reserve(64);
  Status failure;
  try {
    ProtobufDecoder(&batch, limits).Decode();
  } catch (const protozero::exception& e) {
    failure = InvalidArgument(fmt::format("the body is not valid protobuf ({})", e.what()),
                              "check that the body was not cut off and is not JSON");
  } catch (const DecodeFailure& e) {
    failure = e.status;
  }
  if (!failure.ok() || LooksForeign(batch)) {
    const Sniffed found = SniffProtobuf(batch.body);
    if (found.records != 0 && found.signal != signal) {
      return WrongSignal(signal, found.signal, found.records);
    }
  }
  if (!failure.ok()) {
    return failure.WithContext(fmt::format("cannot decode {}", SignalName(signal)));
  }
  return batch;
}

}  // namespace ao::ingest::otlp
