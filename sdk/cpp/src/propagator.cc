#include "observatory/propagator.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "environment.h"
#include "json.h"
#include "trace_state.h"
#include "wire.h"

namespace observatory {
namespace {

using detail::Trim;

constexpr size_t kMaxBaggageMembers = 64, kMaxBaggageBytes = 8192;

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

void AppendEncoded(std::string_view value, std::string* out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    // baggage-octet of the W3C recommendation, without '%'.
    const bool plain = byte == 0x21 || (byte >= 0x23 && byte <= 0x2B) ||
                       (byte >= 0x2D && byte <= 0x3A) || (byte >= 0x3C && byte <= 0x5B) ||
                       (byte >= 0x5D && byte <= 0x7E);
    if (plain && c != '%') {
      out->push_back(c);
    } else {
      out->push_back('%');
      out->push_back(kDigits[byte >> 4]);
      out->push_back(kDigits[byte & 15]);
    }
  }
}

enum class Repeated { kRefused, kLast };

// A getter over pairs: lists are joined, of a name that may stand once `repeated` says which
// counts.
Propagator::Getter FromPairs(const Propagator::Pairs& pairs, Repeated repeated) {
  return [&pairs, repeated](std::string_view name) -> std::optional<std::string> {
    std::optional<std::string> out;
    for (const auto& [key, value] : pairs) {
      if (!SameName(key, name)) continue;
      if (name != "traceparent" && out) {
        *out += "," + value;
      } else if (out && repeated == Repeated::kRefused) {
        return std::nullopt;
      } else {
        out = value;
      }
    }
    return out;
  };
}

Propagator::Getter FromMap(const Value& map) {
  return [&map](std::string_view name) -> std::optional<std::string> {
    const Value* value = map.find(name);
    if (value == nullptr || value->if_string() == nullptr) return std::nullopt;
    return *value->if_string();
  };
}

void SetMember(Value::Map* map, std::string_view key, Value value) {
  for (auto& [name, held] : *map) {
    if (name == key) {
      held = std::move(value);
      return;
    }
  }
  map->emplace_back(std::string(key), std::move(value));
}

}  // namespace

std::string format_traceparent(const SpanContext& context) {
  if (!context.valid()) return {};
  static constexpr char kDigits[] = "0123456789abcdef";
  const unsigned flags = context.flags() & 3u;
  return "00-" + context.trace_id().hex() + "-" + context.span_id().hex() + "-0" + kDigits[flags];
}

SpanContext parse_traceparent(std::string_view text, std::string_view tracestate) {
  text = Trim(text);
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  const std::string_view version = text.substr(0, 2), flags = text.substr(53, 2);
  const std::string_view trace = text.substr(3, 32), span = text.substr(36, 16);
  if (!IsLowerHex(version) || version == "ff" || !IsLowerHex(flags) || !IsLowerHex(trace) ||
      !IsLowerHex(span)) {
    return {};
  }
  if (version == "00" ? text.size() != 55 : text.size() > 55 && text[55] != '-') return {};
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  const auto bits = static_cast<uint8_t>((digit(flags[0]) * 16 + digit(flags[1])) & 3);
  const SpanContext context(TraceId::from_hex(trace), SpanId::from_hex(span), bits, true,
                            detail::NormalizeTraceState(tracestate));
  return context.valid() ? context : SpanContext();
}

std::string format_baggage(const Baggage& baggage) {
  std::string out;
  size_t members = 0;
  for (const BaggageEntry& entry : baggage) {
    if (!IsToken(entry.key)) continue;
    std::string member = entry.key + "=";
    AppendEncoded(entry.value, &member);
    if (!entry.metadata.empty()) member += ";" + entry.metadata;
    if (++members > kMaxBaggageMembers || out.size() + member.size() + 1 > kMaxBaggageBytes) break;
    if (!out.empty()) out += ',';
    out += member;
  }
  return out;
}

Baggage parse_baggage(std::string_view text) {
  Baggage baggage;
  while (!text.empty() && baggage.size() < 4 * kMaxBaggageMembers) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view member = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t semicolon = std::min(member.find(';'), member.size());
    const std::string_view metadata = Trim(member.substr(std::min(semicolon + 1, member.size())));
    member = member.substr(0, semicolon);
    const size_t equals = member.find('=');
    if (equals == member.npos) continue;
    const std::string_view key = Trim(member.substr(0, equals));
    if (!IsToken(key)) continue;
    std::string value = detail::ToUtf8(detail::PercentDecode(Trim(member.substr(equals + 1))));
    baggage.push_back({std::string(key), std::move(value), std::string(metadata)});
  }
  return baggage;
}

Propagator::Propagator() {
  const auto names = detail::ReadVariable("OTEL_PROPAGATORS");
  if (!names) return;
  trace_context_ = baggage_ = false;
  std::string_view rest = *names;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view name = Trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    trace_context_ = trace_context_ || name == "tracecontext";
    baggage_ = baggage_ || name == "baggage";
  }
}

void Propagator::inject(const Setter& set, const Context& context) const {
  const SpanContext& span = context.span_context();
  if (trace_context_ && span.valid()) {
    set("traceparent", format_traceparent(span));
    if (!span.trace_state().empty()) set("tracestate", span.trace_state());
  }
  if (!baggage_ || context.baggage().empty()) return;
  const std::string text = format_baggage(context.baggage());
  if (!text.empty()) set("baggage", text);
}

Context Propagator::extract(const Getter& get, const Context& base) const {
  Context context = base;
  if (trace_context_) {
    if (const auto parent = get("traceparent")) {
      const SpanContext span = parse_traceparent(*parent, get("tracestate").value_or(""));
      if (span.valid()) context = context.with_span(span);
    }
  }
  if (!baggage_) return context;
  if (const auto text = get("baggage")) {
    Baggage baggage = parse_baggage(*text);
    if (!baggage.empty()) context = context.with_baggage(std::move(baggage));
  }
  return context;
}

Propagator::Pairs Propagator::headers(const Context& context) const {
  Pairs out;
  inject([&](auto name, auto value) { out.emplace_back(name, value); }, context);
  return out;
}
Context Propagator::extract_headers(const Pairs& headers, const Context& base) const {
  return extract(FromPairs(headers, Repeated::kRefused), base);
}

Propagator::Pairs Propagator::kafka_headers(const Context& context) const {
  return headers(context);
}
Context Propagator::extract_kafka_headers(const Pairs& headers, const Context& base) const {
  return extract(FromPairs(headers, Repeated::kLast), base);
}

Propagator::Pairs Propagator::amqp_headers(const Context& context) const {
  return headers(context);
}
Context Propagator::extract_amqp_headers(const Pairs& headers, const Context& base) const {
  return extract(FromPairs(headers, Repeated::kLast), base);
}

Propagator::Pairs Propagator::redis_fields(const Context& context) const {
  return headers(context);
}
Context Propagator::extract_redis_fields(const Pairs& fields, const Context& base) const {
  return extract(FromPairs(fields, Repeated::kLast), base);
}

void Propagator::inject_message(Value::Map* message, const Context& context) const {
  Value::Map carrier;
  inject([&](auto name, auto value) { carrier.emplace_back(name, value); }, context);
  SetMember(message, "trace_context", Value(std::move(carrier)));
}

Context Propagator::extract_message(const Value& message, const Context& base) const {
  const Value* carrier = message.find("trace_context");
  return carrier != nullptr ? extract(FromMap(*carrier), base) : base;
}

std::string Propagator::trace_context_json(const Context& context) const {
  Value::Map carrier;
  inject([&](auto name, auto value) { carrier.emplace_back(name, value); }, context);
  return Value(std::move(carrier)).to_json();
}

Context Propagator::extract_json(std::string_view json, const Context& base) const {
  const auto value = detail::ParseJson(json);
  if (!value) return base;
  return value->find("trace_context") != nullptr ? extract_message(*value, base)
                                                 : extract(FromMap(*value), base);
}

void Propagator::inject_mcp(Value::Map* params, const Context& context) const {
  Value::Map meta;
  for (const auto& [name, value] : *params) {
    if (name == "_meta" && value.if_map() != nullptr) meta = *value.if_map();
  }
  inject([&](auto name, auto value) { SetMember(&meta, name, Value(value)); }, context);
  SetMember(params, "_meta", Value(std::move(meta)));
}

Context Propagator::extract_mcp(const Value& params, const Context& base) const {
  const Value* meta = params.find("_meta");
  return meta != nullptr ? extract(FromMap(*meta), base) : base;
}

Propagator::Pairs Propagator::environment(const Context& context) const {
  Pairs out = headers(context);
  for (auto& [name, value] : out) {
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

Context Propagator::extract_environment(const Context& base) const {
  return extract(
      [](std::string_view name) {
        std::string upper(name);
        for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return detail::ReadVariable(upper.c_str());
      },
      base);
}

}  // namespace observatory
