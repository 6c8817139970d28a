#pragma once

#include <string_view>

#include "field_reader.h"
#include "observatory/processor.h"
#include "record.h"

namespace observatory::detail {

// Reads back what SpanData wrote. Only for our own bytes.
SpanRecord DecodeSpan(const Record& record);
SpanRecord DecodeSpan(std::string_view message);
Value DecodeAnyValue(std::string_view message);

}  // namespace observatory::detail
