#include "span_data.h"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "core.h"
#include "wire.h"

namespace observatory::detail {
namespace {

// Fields of Span, Event, Link and Status.
enum : uint32_t {
  kTraceId = 1,
  kSpanId = 2,
  kTraceState = 3,
  kParentSpanId = 4,
  kName = 5,
  kKind = 6,
  kStart = 7,
  kEnd = 8,
  kAttributes = 9,
  kDroppedAttributes = 10,
  kEvents = 11,
  kDroppedEvents = 12,
  kLinks = 13,
  kDroppedLinks = 14,
  kStatus = 15,
  kFlags = 16,
};

uint32_t HashOf(std::string_view key) noexcept {
  uint64_t hash = key.size() * 0x9E3779B97F4A7C15u;
  const char* at = key.data();
  size_t left = key.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
  }
  uint64_t tail = 0;
  std::memcpy(&tail, at, left);
  hash = (hash ^ tail) * 0xD6E8FEB86659FD93u;
  return static_cast<uint32_t>(hash >> 32);
}

// The key of an encoded attributes field: tag, size, then KeyValue {1: key ...}.
std::string_view KeyAt(const char* field) noexcept {
  const auto skip_varint = [](const char* at) {
    while ((static_cast<uint8_t>(*at) & 0x80) != 0) ++at;
    return at + 1;
  };
  const char* at = skip_varint(field + 1) + 1;  // the size, the tag of the key
  size_t size = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(*at++);
    size |= static_cast<size_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return {at, size};
}

void WriteAttributes(Buffer* out, uint32_t field, std::span<const Attribute> attributes,
                     size_t max_text) {
  for (const Attribute& attribute : attributes) {
    if (!attribute.key.empty()) {
      WriteKeyValue(out, field, attribute.key, attribute.value, max_text);
    }
  }
}

bool IsCallName(std::string_view name) {
  return name.starts_with("llm.call") || name.starts_with("tool.call");
}

}  // namespace

AttributeIndex::~AttributeIndex() {
  if (entries_ != inline_) std::free(entries_);
}

bool AttributeIndex::Add(Entry entry) noexcept {
  if (count_ == capacity_) {
    const uint32_t capacity = capacity_ * 2;
    auto* grown = static_cast<Entry*>(std::malloc(capacity * sizeof(Entry)));
    if (grown == nullptr) return false;
    std::memcpy(grown, entries_, count_ * sizeof(Entry));
    if (entries_ != inline_) std::free(entries_);
    entries_ = grown;
    capacity_ = capacity;
  }
  entries_[count_++] = entry;
  return true;
}

SpanData::~SpanData() {
  if (record_ != nullptr) ReturnRecords(record_);
}

void SpanData::Start(std::string_view name, SpanKind kind, const SpanContext& own,
                     const SpanContext& parent, int64_t start_unix, int64_t start_steady) noexcept {
  kind_ = kind;
  parent_id_ = parent.valid() ? parent.span_id() : SpanId{};
  parent_remote_ = parent.remote();
  start_unix_ = start_unix;
  start_steady_ = start_steady;
  record_->scope = scope_;
  record_->trace_id = own.trace_id();
  record_->call = call_name_ = IsCallName(name);
  if (IsUtf8(name)) [[likely]] {
    WriteBytes(&record_->data, kName, name);
  } else {
    WriteBytes(&record_->data, kName, ToUtf8(name));
  }
  name_end_ = static_cast<uint32_t>(record_->data.size());
}

// What the TraceSampler wants to know of a span.
void SpanData::Notice(std::string_view key, const AttributeValue& value) noexcept {
  if (key == "agent.steps" && value.kind() == AttributeValue::Kind::kInt) {
    record_->steps = value.as_int();
  } else if (key == "gen_ai.operation.name" && value.kind() == AttributeValue::Kind::kString) {
    const std::string_view op = value.as_string();
    record_->call = op == "chat" || op == "execute_tool" || op == "text_completion" ||
                    op == "generate_content" || call_name_;
  }
}

void SpanData::Drop(AttributeIndex::Entry* entry) noexcept {
  const uint32_t offset = entry->offset, size = entry->size;
  record_->data.Erase(offset, size);
  for (AttributeIndex::Entry& other : attributes_) {
    if (other.offset > offset) other.offset -= size;
  }
}

void SpanData::WriteAttribute(std::string_view key, const AttributeValue& value) noexcept {
  if (key.empty()) return;
  const uint32_t hash = HashOf(key);
  AttributeIndex::Entry* entry = nullptr;
  for (AttributeIndex::Entry& known : attributes_) {
    if (known.hash == hash && KeyAt(record_->data.data() + known.offset) == key) {
      entry = &known;
      break;
    }
  }
  if (entry == nullptr && attributes_.count() >= core_->limits().attributes) {
    ++dropped_attributes_;
    return;
  }
  if (entry != nullptr) Drop(entry);
  const auto offset = static_cast<uint32_t>(record_->data.size());
  WriteKeyValue(&record_->data, kAttributes, key, value, core_->limits().attribute_value_bytes);
  const auto size = static_cast<uint32_t>(record_->data.size()) - offset;
  if (entry != nullptr) {
    *entry = {hash, offset, size};
  } else if (size > 0) {
    attributes_.Add({hash, offset, size});
  }
  if (key[0] == 'a' || key[0] == 'g') Notice(key, value);
}

void SpanData::SetAttribute(std::string_view key, const AttributeValue& value) noexcept {
  std::lock_guard guard(lock_);
  if (record_ != nullptr) WriteAttribute(key, value);
}

void SpanData::AddEvent(std::string_view name, std::span<const Attribute> attributes,
                        int64_t time_ns) noexcept {
  std::lock_guard guard(lock_);
  if (record_ == nullptr) return;
  if (events_ >= core_->limits().events) {
    ++dropped_events_;
    return;
  }
  ++events_;
  Buffer event;
  WriteFixed64(&event, 1, static_cast<uint64_t>(time_ns));
  WriteBytes(&event, 2, IsUtf8(name) ? name : std::string_view(ToUtf8(name)));
  WriteAttributes(&event, 3, attributes, core_->limits().attribute_value_bytes);
  WriteBytes(&record_->data, kEvents, event.view());
}

void SpanData::AddLink(const SpanContext& context, Attributes attributes) noexcept {
  if (!context.valid()) return;
  std::lock_guard guard(lock_);
  if (record_ == nullptr) return;
  if (links_ >= core_->limits().links) {
    ++dropped_links_;
    return;
  }
  ++links_;
  Buffer link;
  char* at = link.Room(64);
  at = PutTraceId(at, Tag(1, kBytes), context.trace_id());
  link.Advance(PutSpanId(at, Tag(2, kBytes), context.span_id()));
  if (!context.trace_state().empty()) WriteBytes(&link, 3, context.trace_state());
  WriteAttributes(&link, 4, {attributes.begin(), attributes.size()}, core_->limits().attribute_value_bytes);
  if (char* flags = link.Room(8)) {
    link.Advance(PutFixed32(flags, Tag(6, kFixed32),
                            context.flags() | 0x100u | (context.remote() ? 0x200u : 0u)));
  }
  WriteBytes(&record_->data, kLinks, link.view());
}

void SpanData::SetStatus(StatusCode code, std::string_view description) noexcept {
  std::lock_guard guard(lock_);
  if (record_ == nullptr || status_ == StatusCode::kOk || code == StatusCode::kUnset) return;
  status_ = code;
  try {
    status_message_ = code == StatusCode::kError ? ToUtf8(description) : std::string();
  } catch (const std::bad_alloc&) {  // the code alone, then
  }
}

void SpanData::SetName(std::string_view name) noexcept {
  std::lock_guard guard(lock_);
  if (record_ == nullptr) return;
  record_->data.Erase(0, name_end_);
  for (AttributeIndex::Entry& entry : attributes_) entry.offset -= name_end_;
  Buffer field;
  WriteBytes(&field, kName, IsUtf8(name) ? name : std::string_view(ToUtf8(name)));
  const size_t rest_size = record_->data.size();
  field.Append(record_->data.view());
  record_->data.Clear(record_->data.heap_bytes());
  record_->data.Append(field.view());
  name_end_ = static_cast<uint32_t>(field.size() - rest_size);
  for (AttributeIndex::Entry& entry : attributes_) entry.offset += name_end_;
  record_->call = call_name_ = IsCallName(name);
}

void SpanData::WriteTrailer(const SpanContext& own, int64_t end_unix) noexcept {
  Buffer& out = record_->data;
  const std::string_view state = own.trace_state();
  char* at = out.Room(160 + state.size() + status_message_.size());
  if (at == nullptr) return;
  at = PutTraceId(at, Tag(kTraceId, kBytes), own.trace_id());
  at = PutSpanId(at, Tag(kSpanId, kBytes), own.span_id());
  if (!state.empty()) at = PutBytes(at, Tag(kTraceState, kBytes), state);
  if (parent_id_.valid()) at = PutSpanId(at, Tag(kParentSpanId, kBytes), parent_id_);
  at = PutVarint(PutVarint(at, Tag(kKind, kVarint)), static_cast<uint64_t>(kind_));
  at = PutFixed64(at, Tag(kStart, kFixed64), static_cast<uint64_t>(start_unix_));
  at = PutFixed64(at, Tag(kEnd, kFixed64), static_cast<uint64_t>(end_unix));
  const auto dropped = [&](uint32_t field, uint32_t count) {
    if (count > 0) at = PutVarint(PutVarint(at, Tag(field, kVarint)), count);
  };
  dropped(kDroppedAttributes, dropped_attributes_);
  dropped(kDroppedEvents, dropped_events_);
  dropped(kDroppedLinks, dropped_links_);
  if (status_ != StatusCode::kUnset) {
    const size_t text = status_message_.size();
    const size_t size = 2 + (text > 0 ? 1 + VarintSize(text) + text : 0);
    at = PutVarint(PutVarint(at, Tag(kStatus, kBytes)), size);
    if (text > 0) at = PutBytes(at, Tag(2, kBytes), status_message_);
    at = PutVarint(PutVarint(at, Tag(3, kVarint)), static_cast<uint64_t>(status_));
  }
  at = PutFixed32(at, Tag(kFlags, kFixed32),
                  own.flags() | 0x100u | (parent_remote_ ? 0x200u : 0u));
  out.Advance(at);
}

void SpanData::End(const SpanContext& own, std::optional<int64_t> time_ns) noexcept {
  Record* record = nullptr;
  {
    std::lock_guard guard(lock_);
    if (record_ == nullptr) return;
    const int64_t end =
        time_ns ? *time_ns : start_unix_ + (core_->SteadyNanos() - start_steady_);
    WriteTrailer(own, end < start_unix_ ? start_unix_ : end);
    record_->error = status_ == StatusCode::kError;
    record = std::exchange(record_, nullptr);
    ended_.store(true, std::memory_order_relaxed);
  }
  core_->OnEnd(record);
}

}  // namespace observatory::detail
