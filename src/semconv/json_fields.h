#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/value.h"

// Readers of attribute values that hold structures. Internal to semconv/. None throws; what cannot
// be read is as good as absent. JSON longer than a quarter MiB is not read.

namespace ao::semconv {

struct Usage {
  std::optional<int64_t> input, output, total, cache_read, cache_write, reasoning;
  std::optional<int64_t> cache_write_1h;  // part of cache_write
  int64_t ephemeral = 0;                  // cache_write, where it is told by how long it is kept
  std::string_view service_tier;          // static text; told by the names of counts
};
// Langfuse usage details: a JSON object of disjoint counts ("input", "input_cached_tokens", ...).
bool ReadUsage(const model::Value& value, Usage* usage);

// Counts where the input includes what was cached: a JSON object with or without details
// ("input_token_details": {"cache_read": 1}), or "prompt_tokens=1 completion_tokens=2".
bool ReadUsageSum(const model::Value& value, Usage* usage);

// What decides on prices beyond token counts, in the JSON of an answer, of request parameters or of
// provider metadata: "service_tier" ("serviceTier") and "ephemeral_1h_input_tokens", at the top or
// in objects up to three levels down. False when there is neither.
struct Billing {
  std::string service_tier;
  std::optional<int64_t> cache_write_1h;
};
bool ReadBilling(const model::Value& value, Billing* billing);

// A number, or a JSON object of costs: its "total", else the sum of its numbers.
std::optional<double> ReadCost(const model::Value& value);

struct Documents {
  int64_t count = 0;
  std::optional<double> top_score;
};
// A list of documents, as a value or as JSON.
std::optional<Documents> ReadDocuments(const model::Value& value);

// "2026-01-31T12:00:00.250Z", with or without quotes, fraction and offset.
std::optional<Nanos> ReadIsoTime(std::string_view text);

// Ordinary JSON of a value, for people and for previews (not the storage encoding).
void AppendPlainJson(const model::Value& value, std::string* out);

}  // namespace ao::semconv
