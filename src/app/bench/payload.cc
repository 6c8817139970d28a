#include "app/bench/payload.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

#include "base/hash.h"

namespace ao::bench {
namespace {

using protozero::pbf_writer;

// Field numbers: opentelemetry/proto/trace/v1/trace.proto and common/v1/common.proto.
constexpr std::string_view kTokenMarker = "a0a0a0a0a0a0a0a0";
// Start and end of a span are first written as its id XOR these, found again, and replaced.
constexpr uint64_t kStartMarker = 0x5157415254;
constexpr uint64_t kEndMarker = 0x454e44;

void AddString(pbf_writer& owner, protozero::pbf_tag_type tag, std::string_view key,
               std::string_view value) {
  pbf_writer attribute(owner, tag);
  attribute.add_string(1, key.data(), key.size());
  pbf_writer any(attribute, 2);
  any.add_string(1, value.data(), value.size());
}

void AddInt(pbf_writer& owner, protozero::pbf_tag_type tag, std::string_view key, int64_t value) {
  pbf_writer attribute(owner, tag);
  attribute.add_string(1, key.data(), key.size());
  pbf_writer any(attribute, 2);
  any.add_int64(3, value);
}

std::string Words(std::mt19937_64& random, size_t bytes) {
  static constexpr std::string_view kWords[] = {
      "policy",   "applicant", "income",   "the",     "of",        "review",    "score",
      "document", "retrieved", "and",      "risk",    "account",   "threshold", "is",
      "was",      "approved",  "declined", "because", "statement", "month",     "average",
      "balance",  "credit",    "history",  "with",    "in",        "to",        "for",
      "branch",   "officer",   "rule",     "section", "update",    "valid",     "until",
      "evidence", "customer",  "amount",   "payment", "late",      "days",      "limit",
      "exceeds",  "below",     "verified", "source"};
  std::string text;
  while (text.size() < bytes) {
    text += kWords[random() % std::size(kWords)];
    text += random() % 9 == 0 ? ". " : " ";
    if (random() % 12 == 0) text += fmt::format("{} ", random() % 100000);
  }
  text.resize(bytes);
  return text;
}

std::string Raw(const TraceId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}
std::string Raw(SpanId id) {
  const auto bytes = id.ToBytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct SpanShape {
  std::string_view name;
  int parent;  // index in the trace, -1 for the root
  int kind;
};

// A 20-span run: agent.run, then six rounds of llm.call, tool.call and retrieval.
SpanShape ShapeOf(int index) {
  if (index == 0) return {"agent.run", -1, 1};
  switch (index % 3) {
    case 1: return {"chat gpt-4o-mini", 0, 3};
    case 2: return {"execute_tool web_search", index - 1, 1};
    default: return {"retrieval policies", index - 1, 1};
  }
}

void AddSmallAttributes(pbf_writer& span, int index, std::mt19937_64& random) {
  switch (index == 0 ? -1 : index % 3) {
    case -1:
      AddString(span, 9, "gen_ai.operation.name", "invoke_agent");
      AddString(span, 9, "gen_ai.agent.name", "loan-approval");
      AddString(span, 9, "agent.query_type", "consumer-loan");
      AddString(span, 9, "session.id", fmt::format("session-{:06}", random() % 1000000));
      AddString(span, 9, "user.id", fmt::format("user-{:05}", random() % 100000));
      AddString(span, 9, "user.input", Words(random, 120));
      break;
    case 1:
      AddString(span, 9, "gen_ai.operation.name", "chat");
      AddString(span, 9, "gen_ai.provider.name", "openai");
      AddString(span, 9, "gen_ai.request.model", "gpt-4o-mini");
      AddString(span, 9, "gen_ai.response.model", "gpt-4o-mini-2024-07-18");
      AddString(span, 9, "gen_ai.response.id", fmt::format("chatcmpl-{:016x}", random()));
      AddInt(span, 9, "gen_ai.usage.input_tokens", static_cast<int64_t>(random() % 4000));
      AddInt(span, 9, "gen_ai.usage.output_tokens", static_cast<int64_t>(random() % 600));
      AddInt(span, 9, "server.port", 443);
      AddString(span, 9, "server.address", "api.example.com");
      break;
    case 2:
      AddString(span, 9, "gen_ai.operation.name", "execute_tool");
      AddString(span, 9, "gen_ai.tool.name", "web_search");
      AddString(span, 9, "gen_ai.tool.call.id", fmt::format("call_{:016x}", random()));
      AddString(span, 9, "gen_ai.tool.call.arguments",
                fmt::format(R"({{"query":"{}"}})", Words(random, 60)));
      AddString(span, 9, "gen_ai.tool.call.result", Words(random, 120));
      break;
    default:
      AddString(span, 9, "gen_ai.operation.name", "retrieval");
      AddString(span, 9, "gen_ai.data_source.id", "policies");
      AddString(span, 9, "retrieval.query", Words(random, 80));
      AddInt(span, 9, "retrieval.document_count", static_cast<int64_t>(random() % 10));
      AddString(span, 9, "db.system", "qdrant");
      AddString(span, 9, "thread.name", "worker-3");
      break;
  }
}

std::string Message(std::string_view role, const std::string& text) {
  return fmt::format(R"({{"role":"{}","parts":[{{"type":"text","content":"{} {}"}}]}})", role,
                     kTokenMarker, text);
}

// The LLM calls of one agent: each carries all messages so far.
class Conversation {
 public:
  Conversation(PayloadKind kind, std::mt19937_64& random)
      : random_(random),
        long_texts_(kind == PayloadKind::kConversation),
        messages_("[" + Message("system", Words(random, long_texts_ ? 6000 : 1800))) {
    if (!long_texts_) return;
    tools_ = "[";
    for (int i = 0; i < 12; ++i) {
      tools_ += fmt::format(
          R"({}{{"type":"function","name":"tool_{}","description":"{}","parameters":{{"type":)"
          R"("object","properties":{{"query":{{"type":"string","description":"{}"}}}}}}}})",
          i == 0 ? "" : ",", i, Words(random, 400), Words(random, 250));
    }
    tools_ += "]";
  }

  void AddTurn(pbf_writer& span, int turn) {
    const bool is_result = turn % 2 == 0;
    messages_ += "," + Message(is_result ? "tool" : "user", Words(random_, InputSize(is_result)));
    AddString(span, 9, "gen_ai.operation.name", "chat");
    AddString(span, 9, "gen_ai.provider.name", "openai");
    AddString(span, 9, "gen_ai.request.model", "gpt-4o");
    AddInt(span, 9, "gen_ai.usage.input_tokens", 600 + 90 * turn);
    AddInt(span, 9, "gen_ai.usage.output_tokens", static_cast<int64_t>(random_() % 400));
    if (!tools_.empty()) AddString(span, 9, "gen_ai.tool.definitions", tools_);
    AddString(span, 9, "gen_ai.input.messages", messages_ + "]");
    const std::string answer = Message("assistant", Words(random_, long_texts_ ? 500 : 340));
    AddString(span, 9, "gen_ai.output.messages", "[" + answer + "]");
    if (long_texts_) messages_ += "," + answer;
  }

 private:
  size_t InputSize(bool is_result) const {
    if (!long_texts_) return 340;
    return is_result ? 2400 : 900;
  }

  std::mt19937_64& random_;
  const bool long_texts_;
  std::string messages_;
  std::string tools_;
};

}  // namespace

Payload::Payload(PayloadKind kind, int spans, uint64_t seed) : seed_(seed) {
  Encode(kind, spans);
  FindPatches();
}

TraceId Payload::TraceIdAt(uint64_t seed, uint64_t n) {
  const uint64_t words[2] = {seed, n};
  const ContentAddress hash =
      Hash128({reinterpret_cast<const char*>(words), sizeof words}, 0x0b5e55ed);
  TraceId id;
  std::memcpy(id.bytes.data(), &hash.high, 8);
  std::memcpy(id.bytes.data() + 8, &hash.low, 8);
  return id;
}

void Payload::Encode(PayloadKind kind, int spans) {
  std::mt19937_64 random(seed_);
  const int per_trace = kind == PayloadKind::kSmall ? 20 : 30;
  const int traces = std::max(1, spans / per_trace);
  spans_ = traces * per_trace;
  pbf_writer request(body_);
  pbf_writer resource_spans(request, 1);
  {
    pbf_writer resource(resource_spans, 1);
    AddString(resource, 1, "service.name", "loan-approval");
    AddString(resource, 1, "service.version", "2.3.1");
    AddString(resource, 1, "deployment.environment.name", "production");
    AddString(resource, 1, "telemetry.sdk.name", "opentelemetry");
    AddString(resource, 1, "host.name", "worker-7");
  }
  pbf_writer scope_spans(resource_spans, 2);
  {
    pbf_writer scope(scope_spans, 1);
    scope.add_string(1, "observatory.bench");
    scope.add_string(2, "1.0.0");
  }
  for (int t = 0; t < traces; ++t) EncodeTrace(kind, per_trace, random, scope_spans);
}

void Payload::EncodeTrace(PayloadKind kind, int per_trace, std::mt19937_64& random,
                          pbf_writer& scope_spans) {
  TraceId trace_marker;
  for (auto& byte : trace_marker.bytes) byte = static_cast<uint8_t>(random());
  std::vector<SpanId> ids;
  for (int i = 0; i < per_trace; ++i) ids.push_back(SpanId{random() | 1});
  markers_.emplace_back(trace_marker, ids);
  Conversation conversation(kind, random);
  for (int i = 0; i < per_trace; ++i) {
    const SpanShape shape =
        kind == PayloadKind::kSmall
            ? ShapeOf(i)
            : SpanShape{i == 0 ? "invoke_agent" : "chat gpt-4o", i ? 0 : -1, i == 0 ? 1 : 3};
    const SpanId id = ids[static_cast<size_t>(i)];
    pbf_writer span(scope_spans, 2);
    span.add_bytes(1, Raw(trace_marker));
    span.add_bytes(2, Raw(id));
    if (shape.parent >= 0) span.add_bytes(4, Raw(ids[static_cast<size_t>(shape.parent)]));
    span.add_string(5, shape.name.data(), shape.name.size());
    span.add_int32(6, shape.kind);
    span.add_fixed64(7, id.value ^ kStartMarker);
    span.add_fixed64(8, id.value ^ kEndMarker);
    if (kind == PayloadKind::kSmall || i == 0) {
      AddSmallAttributes(span, i, random);
    } else {
      conversation.AddTurn(span, i);
    }
    pbf_writer status(span, 15);
    status.add_int32(3, random() % 50 == 0 ? 2 : 1);
  }
}

void Payload::FindPatches() {
  const auto find_all = [this](std::string_view needle, size_t from, size_t to) {
    std::vector<size_t> found;
    for (size_t at = from; (at = body_.find(needle, at)) < to; ++at) found.push_back(at);
    return found;
  };
  size_t from = 0;
  for (size_t t = 0; t < markers_.size(); ++t) {
    const size_t to =
        t + 1 < markers_.size() ? body_.find(Raw(markers_[t + 1].first), from) : body_.size();
    TracePatch trace;
    trace.trace_id_at = find_all(Raw(markers_[t].first), from, to);
    trace.token_at = find_all(kTokenMarker, from, to);
    const auto& spans = markers_[t].second;
    for (size_t i = 0; i < spans.size(); ++i) {
      const auto fixed = [](uint64_t v) {
        return std::string(reinterpret_cast<const char*>(&v), sizeof v);
      };
      SpanPatch span;
      span.span_id_at = find_all(Raw(spans[i]), from, to);
      span.start_at = body_.find(fixed(spans[i].value ^ kStartMarker), from);
      span.end_at = body_.find(fixed(spans[i].value ^ kEndMarker), from);
      const auto n = static_cast<Nanos>(spans.size());
      const auto at = static_cast<Nanos>(i);
      span.start_offset = i == 0 ? -n * 40 * kMillisecond : (at - n) * 40 * kMillisecond;
      span.end_offset = i == 0 ? 0 : span.start_offset + 35 * kMillisecond;
      trace.spans.push_back(span);
    }
    traces_.push_back(std::move(trace));
    from = to;
  }
}

const std::string& Payload::Stamp(Nanos now) {
  for (TracePatch& trace : traces_) {
    const TraceId id = TraceIdAt(seed_, counter_++);
    for (size_t at : trace.trace_id_at) std::memcpy(&body_[at], id.bytes.data(), 16);
    const uint64_t fold = Fold(id);
    const std::string token = SpanId{fold}.ToHex();
    for (size_t at : trace.token_at) std::memcpy(&body_[at], token.data(), token.size());
    // Clients stamp microseconds; the jitter keeps times from compressing unrealistically well.
    const Nanos end = now - static_cast<Nanos>(fold % (50 * kMillisecond));
    for (size_t i = 0; i < trace.spans.size(); ++i) {
      const SpanPatch& span = trace.spans[i];
      const uint64_t span_id = (fold + 1) * (2 * i + 0x9E3779B97F4A7C15ULL) | 1;
      for (size_t at : span.span_id_at) std::memcpy(&body_[at], &span_id, 8);
      const uint64_t jitter = span_id % (3 * kMillisecond);
      const auto start = static_cast<uint64_t>(end + span.start_offset) + jitter;
      const auto stop = static_cast<uint64_t>(end + span.end_offset) + (i == 0 ? 0 : jitter);
      std::memcpy(&body_[span.start_at], &start, 8);
      std::memcpy(&body_[span.end_at], &stop, 8);
    }
  }
  return body_;
}

}  // namespace ao::bench
