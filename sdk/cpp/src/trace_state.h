#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// W3C tracestate, and OpenTelemetry's member of it, `ot=th:...;rv:...` (OpenTelemetry
// specification, "TraceState: Probability Sampling").

namespace observatory::detail {

// The members that are well formed, at most 32, each key once; several headers are joined with ','
// before. Empty when any member is malformed: then the whole of it is to be ignored.
std::string NormalizeTraceState(std::string_view text);
// The value of a member; empty when it is not there.
std::string_view TraceStateMember(std::string_view state, std::string_view key);
// With the member first, others as they were; at most 32 members and 512 bytes.
std::string WithTraceStateMember(std::string_view state, std::string_view key,
                                 std::string_view value);

// Randomness and thresholds have 56 bits.
constexpr uint64_t kRandomRange = uint64_t{1} << 56;
// The threshold of a ratio: kept are the traces whose randomness is not below it.
uint64_t ThresholdOf(double ratio);
// Up to 14 hexadecimal digits, without trailing zeros; "0" for all.
std::string FormatThreshold(uint64_t threshold);
std::optional<uint64_t> ParseThreshold(std::string_view text);
// `rv` of the `ot` member when there is one, else the last 56 bits of the trace id.
uint64_t RandomnessOf(std::string_view trace_state, uint64_t trace_id_low);
// The sub-key of the value of `ot`.
std::string_view OtField(std::string_view ot, std::string_view key);
// The value of `ot` with `th` set, or taken away when nothing is given.
std::string WithThreshold(std::string_view ot, std::optional<uint64_t> threshold);

}  // namespace observatory::detail
