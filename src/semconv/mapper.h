#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "base/clock.h"
#include "model/telemetry.h"
#include "semconv/aliases.h"
#include "semconv/convert.h"
#include "semconv/field_values.h"
#include "semconv/flattened.h"
#include "semconv/json_fields.h"
#include "semconv/registry.h"

// Gathers the best value of every canonical field of one span. Internal to semconv/. The observer
// hears what happened: nothing on the hot path, everything when a span explains itself.

namespace ao::semconv {

constexpr uint8_t kFromEvent = 30;  // rank of content that came in span events

// Gathers the best value of every field of one span.
template <typename Observer>
class Mapper : public FieldValues<Observer> {
 public:
  using Values = FieldValues<Observer>;
  using Values::Integer, Values::Number, Values::Rank;

  Mapper(const model::Span& span, Arena* arena, Observer& observer)
      : Values(observer), span_(span), arena_(arena), observer_(observer) {}

  // True when any attribute was known.
  bool ReadAttributes() {
    const Registry& registry = Registry::Get();
    for (const model::KeyValue& kv : span_.attributes) {
      const Registry::Match match = registry.Find(kv.key);
      if (!match.rows.empty()) {
        shown_ |= match.shown;
        observer_.Attribute(kv.key);
        for (const Row& row : match.rows) {
          observer_.Candidate(row, registry.DialectOf(row), kv.key);
          Offer(row, kv.value);
        }
        any_ = true;
      } else if (const Registry::Prefix* prefix = registry.FindPrefix(kv.key)) {
        shown_ |= prefix->shown;
        any_ = true;
        if (prefix->row.kind == ListKind::kIgnored) continue;
        flattened_.Add(prefix->row, kv.key.substr(prefix->row.prefix.size()), kv.value);
      } else if constexpr (Observer::kWantsUnmapped) {
        observer_.Unmapped(kv.key);
      }
    }
    if (!flattened_.empty()) AddFlattened();
    return any_;
  }

  void ReadEvents() {
    for (const model::Event& event : span_.events) {
      observer_.Attribute(event.name);
      if (event.name == "exception") {
        if (span_.status == model::StatusCode::kError) {
          SetText(Field::kErrorType, 20, model::FindString(event.attributes, "exception.type"));
        }
      } else if (event.name.starts_with("gen_ai.")) {
        shown_ |= Only(model::Dialect::kOtel);
        ReadContentEvent(event);
      } else if (event.name == "db.query.result") {
        AddRetrieved(event);
      } else if (event.name == "First Token Stream Event") {
        SetFirstToken(40, event.time);
      } else if (event.name == "ai.stream.firstChunk") {
        if (const model::Value* v = model::Find(event.attributes, "ai.response.msToFirstChunk")) {
          SetDuration(Field::kTimeToFirstToken, 41, *v, kMillisecond);
        }
      }
    }
  }

  // The dialects that the attributes give away.
  DialectSet shown() const { return shown_; }

 private:
  using Values::SetInteger, Values::SetNumber, Values::SetText;

  void SetDuration(Field field, uint8_t rank, const model::Value& value, Nanos unit) {
    const auto number = ToNumber(value);
    if (!number || !(*number >= 0) || *number > 1e9) return;
    SetInteger(field, rank,
               static_cast<int64_t>(std::llround(*number * static_cast<double>(unit))));
  }
  void SetFirstToken(uint8_t rank, uint64_t time) {
    if (span_.start != 0 && time >= span_.start && time - span_.start < uint64_t{kDay}) {
      SetInteger(Field::kTimeToFirstToken, rank, static_cast<int64_t>(time - span_.start));
    }
  }

  void Offer(const Row& row, const model::Value& value) {
    if (row.field == Field::kIgnored || row.rank > Rank(row.field)) return;
    switch (row.convert) {
      case Convert::kText: return SetText(row.field, row.rank, ToText(value, arena_));
      case Convert::kJson: return SetText(row.field, row.rank, ToJson(value, arena_));
      case Convert::kFirst: return SetText(row.field, row.rank, ToFirst(value, arena_));
      case Convert::kInteger: return SetInteger(row.field, row.rank, ToInteger(value));
      case Convert::kNumber: return SetNumber(row.field, row.rank, ToNumber(value));
      case Convert::kSeconds: return SetDuration(row.field, row.rank, value, kSecond);
      case Convert::kMillis: return SetDuration(row.field, row.rank, value, kMillisecond);
      case Convert::kIsoTime:
        if (const auto time = ReadIsoTime(ToText(value, arena_)); time && *time >= 0) {
          SetFirstToken(row.rank, static_cast<uint64_t>(*time));
        }
        return;
      case Convert::kFlag:
        return SetInteger(row.field, row.rank,
                          value.kind() == model::ValueKind::kBool
                              ? value.as_bool()
                              : EqualIgnoringCase(ToText(value, arena_), "true"));
      case Convert::kOp: return OfferOp(row, value);
      case Convert::kDocuments: return OfferDocuments(row, value);
      case Convert::kUsage:
      case Convert::kUsageSum: return OfferUsage(row, value);
      case Convert::kBilling: return OfferBilling(row, value);
      case Convert::kQuoted: return SetText(row.field, row.rank, ToUnquoted(value, arena_));
      case Convert::kPresent:
        if (value.kind() != model::ValueKind::kEmpty) SetOp(row, row.ops.front().op);
        return;
      case Convert::kCost: return SetNumber(row.field, row.rank, ReadCost(value));
    }
  }

  void SetOp(const Row& row, model::Op op) {
    SetInteger(row.field, row.rank, static_cast<int64_t>(op));
  }
  void OfferOp(const Row& row, const model::Value& value) {
    const std::string_view text = ToUnquoted(value, arena_);
    for (const OpValue& op : row.ops) {
      if (EqualIgnoringCase(op.value, text)) return SetOp(row, op.op);
    }
  }
  void OfferDocuments(const Row& row, const model::Value& value) {
    const auto documents = ReadDocuments(value);
    if (!documents) return;
    SetInteger(Field::kRetrievalCount, row.rank, documents->count);
    SetNumber(Field::kRetrievalTopScore, row.rank, documents->top_score);
  }
  void OfferUsage(const Row& row, const model::Value& value) {
    Usage usage;
    if (!(row.convert == Convert::kUsage ? ReadUsage(value, &usage)
                                         : ReadUsageSum(value, &usage))) {
      return;
    }
    SetInteger(Field::kInputTokens, row.rank, usage.input);
    SetInteger(Field::kOutputTokens, row.rank, usage.output);
    SetInteger(Field::kTotalTokens, row.rank, usage.total);
    SetInteger(Field::kCacheRead, row.rank, usage.cache_read);
    SetInteger(Field::kCacheWrite, row.rank, usage.cache_write);
    SetInteger(Field::kReasoning, row.rank, usage.reasoning);
    SetInteger(Field::kCacheWrite1h, row.rank, usage.cache_write_1h);
    SetText(Field::kServiceTier, row.rank, usage.service_tier);
  }
  void OfferBilling(const Row& row, const model::Value& value) {
    Billing billing;
    if (!ReadBilling(value, &billing)) return;
    SetText(Field::kServiceTier, row.rank, arena_->Copy(billing.service_tier));
    SetInteger(Field::kCacheWrite1h, row.rank, billing.cache_write_1h);
  }

  void AddFlattened() {
    observer_.Attribute("(indexed attributes)");
    const uint8_t in = flattened_.rank(ListKind::kInput);
    const std::string_view input = flattened_.Input();
    SetText(Field::kInputMessages, in, input);
    SetText(Field::kInputText, 81, input);
    const uint8_t out = flattened_.rank(ListKind::kOutput);
    const std::string_view output = flattened_.Output(arena_);
    SetText(Field::kOutputMessages, out, output);
    SetText(Field::kOutputText, 81, output);
    if (flattened_.document_count() > 0) {
      const uint8_t rank = flattened_.rank(ListKind::kDocuments);
      SetInteger(Field::kRetrievalCount, rank, flattened_.document_count());
      SetNumber(Field::kRetrievalTopScore, rank, flattened_.top_score());
    }
  }

  // OpenLLMetry writes an event for every document that a vector database found.
  void AddRetrieved(const model::Event& event) {
    SetInteger(Field::kRetrievalCount, 50, Integer(Field::kRetrievalCount).value_or(0) + 1);
    const model::Value* score = model::Find(event.attributes, "db.query.result.score");
    if (score == nullptr || !score->is_number()) return;
    const auto best = Number(Field::kRetrievalTopScore);
    SetNumber(Field::kRetrievalTopScore, 50,
              best ? std::max(*best, score->number()) : score->number());
  }

  // Conventions up to 1.36 put messages into span events.
  void ReadContentEvent(const model::Event& event) {
    const auto offer = [&](Field messages, Field text, std::string_view key) {
      const model::Value* value = model::Find(event.attributes, key);
      if (value == nullptr) return;
      const std::string_view json = ToJson(*value, arena_);
      SetText(messages, kFromEvent, json);
      SetText(text, 84, json);
    };
    if (event.name == "gen_ai.content.prompt") {
      offer(Field::kInputMessages, Field::kInputText, "gen_ai.prompt");
    } else if (event.name == "gen_ai.content.completion") {
      offer(Field::kOutputMessages, Field::kOutputText, "gen_ai.completion");
    } else if (event.name == "gen_ai.user.message") {
      offer(Field::kInputMessages, Field::kInputText, "content");
    } else if (event.name == "gen_ai.choice") {
      offer(Field::kOutputMessages, Field::kOutputText, "message");
    } else if (event.name == "gen_ai.client.inference.operation.details") {
      offer(Field::kInputMessages, Field::kInputText, "gen_ai.input.messages");
      offer(Field::kOutputMessages, Field::kOutputText, "gen_ai.output.messages");
    }
  }

  const model::Span& span_;
  Arena* arena_;
  Observer& observer_;
  bool any_ = false;
  DialectSet shown_ = 0;
  Flattened flattened_;
};

}  // namespace ao::semconv
