#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "context_state.h"
#include "observatory/context.h"
#include "observatory/span.h"
#include "record.h"

namespace observatory::detail {

class Core;
struct Instrumentation;

// Held for tens of nanoseconds only.
class SpinLock {
 public:
  void lock() noexcept {
    while (flag_.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() noexcept { flag_.clear(std::memory_order_release); }

 private:
  std::atomic_flag flag_ = ATOMIC_FLAG_INIT;
};

// Where attributes are in the encoded bytes, so that setting one again replaces it.
class AttributeIndex {
 public:
  struct Entry {
    uint32_t hash, offset, size;
  };
  ~AttributeIndex();
  uint32_t count() const { return count_; }
  Entry* begin() { return entries_; }
  Entry* end() { return entries_ + count_; }
  bool Add(Entry entry) noexcept;  // false: no memory

 private:
  static constexpr uint32_t kInline = 14;
  Entry inline_[kInline];
  Entry* entries_ = inline_;
  uint32_t count_ = 0, capacity_ = kInline;
};

// A span that is being recorded. It is encoded as it goes: attributes, events and links are
// appended to the record's bytes as the fields of an OTLP Span message, in whatever order, and
// what is known only at the end follows then. Thread-safe.
class SpanData final : public Shared {
 public:
  SpanData(Core* core, const Instrumentation* scope, Record* record) noexcept
      : core_(core), scope_(scope), record_(record) {}
  ~SpanData() override;

  // Before it is shared; `name` first.
  void Start(std::string_view name, SpanKind kind, const SpanContext& own, const SpanContext& parent,
             int64_t start_unix, int64_t start_steady) noexcept;

  void SetAttribute(std::string_view key, const AttributeValue& value) noexcept;
  void AddEvent(std::string_view name, std::span<const Attribute> attributes,
                int64_t time_ns) noexcept;
  void AddLink(const SpanContext& context, Attributes attributes) noexcept;
  void SetStatus(StatusCode code, std::string_view description) noexcept;
  void SetName(std::string_view name) noexcept;
  void End(const SpanContext& own, std::optional<int64_t> time_ns) noexcept;

  bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }
  Core* core() const { return core_; }
  int64_t start_unix() const { return start_unix_; }

 private:
  void WriteAttribute(std::string_view key, const AttributeValue& value) noexcept;
  void Drop(AttributeIndex::Entry* entry) noexcept;
  void WriteTrailer(const SpanContext& own, int64_t end_unix) noexcept;
  void Notice(std::string_view key, const AttributeValue& value) noexcept;

  Core* const core_;
  const Instrumentation* const scope_;
  Record* record_;  // null once it has ended
  SpinLock lock_;
  std::atomic<bool> ended_{false};
  SpanKind kind_ = SpanKind::kInternal;
  StatusCode status_ = StatusCode::kUnset;
  bool parent_remote_ = false;
  bool call_name_ = false;
  SpanId parent_id_;
  int64_t start_unix_ = 0, start_steady_ = 0;
  uint32_t name_end_ = 0;  // the encoded name is the first field
  uint32_t events_ = 0, links_ = 0;
  uint32_t dropped_attributes_ = 0, dropped_events_ = 0, dropped_links_ = 0;
  AttributeIndex attributes_;
  std::string status_message_;
};

}  // namespace observatory::detail
