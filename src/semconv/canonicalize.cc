#include "semconv/canonicalize.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

#include "base/json_writer.h"
#include "semconv/aliases.h"
#include "semconv/flattened.h"
#include "semconv/json_fields.h"
#include "semconv/registry.h"

namespace ao::semconv {
namespace {

using model::Canonical;
using model::KeyValue;
using model::Op;
using model::Value;
using model::ValueKind;

constexpr uint8_t kUnset = 255;
constexpr uint8_t kFromEvent = 30;  // rank of content that came in span events
constexpr double kMaxExact = 9.0e15;

struct Slot {
  const char* text;
  size_t size;
  union {
    int64_t integer;
    double number;
  };
};

// Gathers the best value of every field of one span.
class Mapper {
 public:
  Mapper(const model::Span& span, Arena* arena) : span_(span), arena_(arena) {
    ranks_.fill(kUnset);
  }

  // True when any attribute was known.
  bool ReadAttributes() {
    const Registry& registry = Registry::Get();
    for (const KeyValue& kv : span_.attributes) {
      const auto rows = registry.Find(kv.key);
      for (const Row& row : rows) Offer(row, kv.value);
      if (!rows.empty()) {
        any_ = true;
      } else if (const PrefixRow* prefix = registry.FindPrefix(kv.key)) {
        any_ = true;
        flattened_.Add(*prefix, kv.key.substr(prefix->prefix.size()), kv.value);
      }
    }
    if (!flattened_.empty()) AddFlattened();
    return any_;
  }

  void ReadEvents() {
    for (const model::Event& event : span_.events) {
      if (event.name == "exception") {
        if (span_.status == model::StatusCode::kError) {
          SetText(Field::kErrorType, 20, model::FindString(event.attributes, "exception.type"));
        }
      } else if (event.name.starts_with("gen_ai.")) {
        ReadContentEvent(event);
      } else if (event.name == "First Token Stream Event") {
        SetFirstToken(40, event.time);
      } else if (event.name == "ai.stream.firstChunk") {
        if (const Value* v = model::Find(event.attributes, "ai.response.msToFirstChunk")) {
          SetDuration(Field::kTimeToFirstToken, 41, *v, kMillisecond);
        }
      }
    }
  }

  bool Has(Field field) const { return ranks_[static_cast<size_t>(field)] != kUnset; }
  uint8_t Rank(Field field) const { return ranks_[static_cast<size_t>(field)]; }
  std::string_view Text(Field field) const {
    const Slot& slot = slots_[static_cast<size_t>(field)];
    return Has(field) ? std::string_view(slot.text, slot.size) : std::string_view();
  }
  std::optional<int64_t> Integer(Field field) const {
    return Has(field) ? std::optional(slots_[static_cast<size_t>(field)].integer) : std::nullopt;
  }
  std::optional<double> Number(Field field) const {
    return Has(field) ? std::optional(slots_[static_cast<size_t>(field)].number) : std::nullopt;
  }

 private:
  // Where to put a value of `rank`, or null when a better one is there. Among equals the last
  // wins, as for repeated keys.
  Slot* Claim(Field field, uint8_t rank) {
    uint8_t& best = ranks_[static_cast<size_t>(field)];
    if (rank > best) return nullptr;
    best = rank;
    return &slots_[static_cast<size_t>(field)];
  }
  void SetText(Field field, uint8_t rank, std::string_view text) {
    if (text.empty()) return;
    if (Slot* slot = Claim(field, rank)) {
      slot->text = text.data();
      slot->size = text.size();
    }
  }
  void SetInteger(Field field, uint8_t rank, std::optional<int64_t> value) {
    if (!value) return;
    if (Slot* slot = Claim(field, rank)) slot->integer = *value;
  }
  void SetNumber(Field field, uint8_t rank, std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return;
    if (Slot* slot = Claim(field, rank)) slot->number = *value;
  }
  void SetDuration(Field field, uint8_t rank, const Value& value, Nanos unit) {
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

  static std::optional<double> ToNumber(const Value& value) {
    if (value.is_number()) return value.number();
    if (!value.is_string() || value.as_string().empty()) return std::nullopt;
    const std::string_view text = value.as_string();
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }
  static std::optional<int64_t> ToInteger(const Value& value) {
    if (value.kind() == ValueKind::kInt) return value.as_int();
    const auto number = ToNumber(value);
    if (!number || !(std::fabs(*number) <= kMaxExact)) return std::nullopt;
    return static_cast<int64_t>(*number);
  }

  std::string_view ToText(const Value& value) {
    if (value.is_string()) return value.as_string();
    return value.is_number() ? ToJson(value) : std::string_view();
  }
  std::string_view ToJson(const Value& value) {
    if (value.is_string()) return value.as_string();
    if (value.kind() == ValueKind::kEmpty) return {};
    std::string text;
    AppendPlainJson(value, &text);
    return arena_->Copy(text);
  }
  std::string_view FirstOf(const Value& value) {
    if (value.kind() == ValueKind::kArray) {
      return value.as_array().empty() ? std::string_view() : ToText(value.as_array().front());
    }
    std::string_view text = ToText(value);
    if (text.starts_with("[\"") && text.ends_with("\"]")) {  // the array as JSON
      text = text.substr(2, text.find('"', 2) - 2);
    }
    return text;
  }

  void Offer(const Row& row, const Value& value) {
    if (row.rank > Rank(row.field)) return;
    switch (row.convert) {
      case Convert::kText: return SetText(row.field, row.rank, ToText(value));
      case Convert::kJson: return SetText(row.field, row.rank, ToJson(value));
      case Convert::kFirst: return SetText(row.field, row.rank, FirstOf(value));
      case Convert::kInteger: return SetInteger(row.field, row.rank, ToInteger(value));
      case Convert::kNumber: return SetNumber(row.field, row.rank, ToNumber(value));
      case Convert::kSeconds: return SetDuration(row.field, row.rank, value, kSecond);
      case Convert::kMillis: return SetDuration(row.field, row.rank, value, kMillisecond);
      case Convert::kIsoTime:
        if (const auto time = ReadIsoTime(ToText(value)); time && *time >= 0) {
          SetFirstToken(row.rank, static_cast<uint64_t>(*time));
        }
        return;
      case Convert::kFlag:
        return SetInteger(row.field, row.rank,
                          value.kind() == ValueKind::kBool
                              ? value.as_bool()
                              : EqualIgnoringCase(ToText(value), "true"));
      case Convert::kOp: return OfferOp(row, value);
      case Convert::kDocuments: return OfferDocuments(row, value);
      case Convert::kUsage: return OfferUsage(row, value);
      case Convert::kCost: return SetNumber(row.field, row.rank, ReadCost(value));
    }
  }

  void OfferOp(const Row& row, const Value& value) {
    const std::string_view text = value.is_string() ? value.as_string() : std::string_view();
    for (const OpValue& op : row.ops) {
      if (EqualIgnoringCase(op.value, text)) {
        return SetInteger(row.field, row.rank, static_cast<int64_t>(op.op));
      }
    }
  }
  void OfferDocuments(const Row& row, const Value& value) {
    const auto documents = ReadDocuments(value);
    if (!documents) return;
    SetInteger(Field::kRetrievalCount, row.rank, documents->count);
    SetNumber(Field::kRetrievalTopScore, row.rank, documents->top_score);
  }
  void OfferUsage(const Row& row, const Value& value) {
    Usage usage;
    if (!ReadUsage(value, &usage)) return;
    SetInteger(Field::kInputTokens, row.rank, usage.input);
    SetInteger(Field::kOutputTokens, row.rank, usage.output);
    SetInteger(Field::kTotalTokens, row.rank, usage.total);
    SetInteger(Field::kCacheRead, row.rank, usage.cache_read);
    SetInteger(Field::kCacheWrite, row.rank, usage.cache_write);
    SetInteger(Field::kReasoning, row.rank, usage.reasoning);
  }

  void AddFlattened() {
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

  // Conventions up to 1.36 put messages into span events.
  void ReadContentEvent(const model::Event& event) {
    const auto offer = [&](Field messages, Field text, std::string_view key) {
      const Value* value = model::Find(event.attributes, key);
      if (value == nullptr) return;
      const std::string_view json = ToJson(*value);
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
  bool any_ = false;
  Flattened flattened_;
  std::array<uint8_t, kFieldCount> ranks_;
  Slot slots_[kFieldCount];
};

// What the span is, from its explicit kind, else its name, else what it carries.
Op Classify(const Mapper& mapper, const model::Span& span) {
  if (const auto op = mapper.Integer(Field::kOp)) {
    const auto explicit_op = static_cast<Op>(*op);
    // A chain at the root is the whole workflow (OpenInference, Langfuse).
    if (explicit_op == Op::kStep && span.parent_span_id.empty() && mapper.Rank(Field::kOp) <= 20) {
      return Op::kWorkflow;
    }
    return explicit_op;
  }
  if (const Op op = OpOfPlainName(span.name); op != Op::kOther) return op;
  if (mapper.Has(Field::kToolName)) return Op::kTool;
  const bool has_model = mapper.Has(Field::kModelRequested) || mapper.Has(Field::kModelAnswered);
  const bool has_call = mapper.Has(Field::kInputTokens) || mapper.Has(Field::kOutputTokens) ||
                        mapper.Has(Field::kProvider) || mapper.Has(Field::kOutputMessages);
  if (has_model && has_call) {
    return span.name.find("embed") != span.name.npos ? Op::kEmbedding : Op::kLlm;
  }
  return Op::kOther;
}

std::string_view AfterPrefix(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
}

std::string_view FirstOf(std::initializer_list<std::string_view> candidates) {
  for (const std::string_view text : candidates) {
    if (!text.empty()) return text;
  }
  return {};
}

void FillNames(const Mapper& mapper, const model::Span& span, Canonical* out) {
  const std::string_view entity = mapper.Text(Field::kEntityName);
  out->agent_role = mapper.Text(Field::kAgentRole);
  out->agent_name = mapper.Text(Field::kAgentName);
  if (out->op == Op::kAgent) {
    const std::string_view named = AfterPrefix(span.name, "invoke_agent ");
    // Some call the span of a nameless agent after the model.
    const bool nameless = !named.empty() && named == mapper.Text(Field::kModelRequested);
    out->agent_name =
        FirstOf({out->agent_name, entity, nameless ? std::string_view() : named, out->agent_role});
    if (out->agent_name.empty() && !nameless && mapper.Rank(Field::kOp) <= 20) {
      out->agent_name = span.name;
    }
  } else if (out->op == Op::kDelegate) {
    out->agent_name = FirstOf({mapper.Text(Field::kChildAgent),
                               AfterPrefix(span.name, "agent.delegate."), out->agent_name});
  }
  out->tool_name = mapper.Text(Field::kToolName);
  if (out->op == Op::kTool) {
    out->tool_name = FirstOf({out->tool_name, entity, AfterPrefix(span.name, "execute_tool "),
                              AfterPrefix(span.name, "tool.call.")});
    if (out->tool_name.empty() && mapper.Has(Field::kOp)) out->tool_name = span.name;
  }
}

void FillContent(const Mapper& mapper, Canonical* out) {
  const std::string_view in_messages = mapper.Text(Field::kInputMessages);
  const std::string_view in_text = mapper.Text(Field::kInputText);
  const std::string_view out_messages = mapper.Text(Field::kOutputMessages);
  const std::string_view out_text = mapper.Text(Field::kOutputText);
  const bool is_llm = out->op == Op::kLlm;
  out->input = is_llm ? FirstOf({in_messages, in_text}) : FirstOf({in_text, in_messages});
  out->output = is_llm ? FirstOf({out_messages, out_text}) : FirstOf({out_text, out_messages});
  out->tool_arguments = mapper.Text(Field::kToolArguments);
  out->tool_result = mapper.Text(Field::kToolResult);
  if (out->op == Op::kTool) {
    if (out->tool_arguments.empty()) out->tool_arguments = out->input;
    if (out->tool_result.empty()) out->tool_result = out->output;
    if (out->input.empty()) out->input = out->tool_arguments;
    if (out->output.empty()) out->output = out->tool_result;
  }
}

void FillTokens(const Mapper& mapper, const model::Scope& scope, const model::Span& span,
                Canonical* out) {
  // Fetching a stored answer uses nothing; what it reports was used by the call before.
  if (out->op == Op::kLlm &&
      model::FindString(span.attributes, "gen_ai.operation.name") == "fetch_response") {
    return;
  }
  out->input_tokens = mapper.Integer(Field::kInputTokens);
  out->output_tokens = mapper.Integer(Field::kOutputTokens);
  out->total_tokens = mapper.Integer(Field::kTotalTokens);
  out->cache_read_tokens = mapper.Integer(Field::kCacheRead);
  out->cache_write_tokens = mapper.Integer(Field::kCacheWrite);
  out->reasoning_tokens = mapper.Integer(Field::kReasoning);
  out->cache_write_1h_tokens = mapper.Integer(Field::kCacheWrite1h);
  out->input_audio_tokens = mapper.Integer(Field::kInputAudio);
  out->output_audio_tokens = mapper.Integer(Field::kOutputAudio);
  out->web_searches = mapper.Integer(Field::kWebSearches);
  out->service_tier = mapper.Text(Field::kServiceTier);
  out->cost_usd = mapper.Number(Field::kCost);
  // Emitters that report input without its cached part: known by name, or by a cached part that is
  // larger than the whole.
  const double cached = static_cast<double>(out->cache_read_tokens.value_or(0)) +
                        static_cast<double>(out->cache_write_tokens.value_or(0));
  if (out->input_tokens && cached > 0 && cached < kMaxExact &&
      std::abs(static_cast<double>(*out->input_tokens)) < kMaxExact &&
      (cached > static_cast<double>(*out->input_tokens) ||
       scope.name.starts_with("com.anthropic.claude_code"))) {
    *out->input_tokens += static_cast<int64_t>(cached);
  }
}

}  // namespace

void Canonicalize(const model::Resource&, const model::Scope& scope, const model::Span& span,
                  Arena* arena, Canonical* out) {
  Mapper mapper(span, arena);
  const bool known = mapper.ReadAttributes();
  if (!span.events.empty()) mapper.ReadEvents();
  if (!known && span.events.empty()) {
    out->op = OpOfPlainName(span.name);
    if (out->op == Op::kOther) return;
  }
  out->op = Classify(mapper, span);
  FillNames(mapper, span, out);
  FillContent(mapper, out);
  FillTokens(mapper, scope, span, out);
  out->model_requested = mapper.Text(Field::kModelRequested);
  out->model_answered = mapper.Text(Field::kModelAnswered);
  out->provider = CanonicalProvider(mapper.Text(Field::kProvider));
  out->response_id = mapper.Text(Field::kResponseId);
  out->tool_call_id = mapper.Text(Field::kToolCallId);
  out->finish_reason = CanonicalFinishReason(mapper.Text(Field::kFinishReason));
  out->session = mapper.Text(Field::kSession);
  out->user = mapper.Text(Field::kUser);
  out->query_type = mapper.Text(Field::kQueryType);
  out->outcome = mapper.Text(Field::kOutcome);
  out->prompt_name = mapper.Text(Field::kPromptName);
  out->prompt_version = mapper.Text(Field::kPromptVersion);
  out->error_type = mapper.Text(Field::kErrorType);
  out->time_to_first_token = mapper.Integer(Field::kTimeToFirstToken);
  out->retrieval_count = mapper.Integer(Field::kRetrievalCount);
  out->retrieval_top_score = mapper.Number(Field::kRetrievalTopScore);
  out->fallback = mapper.Integer(Field::kFallback).value_or(0) != 0;
  out->parse_error = mapper.Integer(Field::kParseError).value_or(0) != 0;
}

}  // namespace ao::semconv
