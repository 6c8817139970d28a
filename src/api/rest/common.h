#pragma once

#include <string>
#include <string_view>

#include "api/context.h"
#include "api/endpoint.h"
#include "storage/store.h"

// What several families share.

namespace ao::api {

inline const Parameter kTraceIdInPath{"trace_id", Type::kTraceId, "trace id, 32 hex digits"};
inline const Parameter kSpanIdInPath{"span_id", Type::kSpanId, "span id, 16 hex digits"};
inline const Parameter kTraceIdFilter{"trace_id", Type::kTraceId, "only this trace"};
inline const Parameter kSpanIdFilter{"span_id", Type::kSpanId, "only this span"};
inline const Parameter kSince{"since", Type::kTime, "from this time on"};
inline const Parameter kUntil{"until", Type::kTime, "before this time"};
inline const Parameter kCursor{"cursor", Type::kText, "next_cursor of the page before"};

inline Parameter Limit(std::string_view fallback) {
  return {"limit", Type::kInteger, "at most this many", {}, fallback, 1, 1000};
}

// invalid_argument when the window is empty because its ends are swapped.
Result<storage::TimeRange> RangeOf(const Arguments& arguments);

// The text as an SQL string literal. No text that the SQL sees holds a NUL, so it is left out.
std::string SqlText(std::string_view text);

}  // namespace ao::api
