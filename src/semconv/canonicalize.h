#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "model/canonical.h"
#include "model/telemetry.h"

// Recognises the instrumentation dialect of a span and says what it means in canonical columns.
// Every dialect is a table of attribute keys (semconv/<dialect>/table.cc); a key that no table
// knows costs a few nanoseconds. Pure; thread-safe.
//
//   model::Canonical canonical;
//   semconv::Canonicalize(resource, scope, span, &arena, &canonical);

namespace ao::semconv {

// Of what the tables and rules make of a span; raised whenever they would answer differently, so
// that `observatory reindex` finds the rows to map again. 1 was before rows said so.
constexpr uint8_t kMappingVersion = 4;

// Fills `out` (which must be default-constructed). Its views point into the span, the resource or
// `arena`, or to static text.
void Canonicalize(const model::Resource& resource, const model::Scope& scope,
                  const model::Span& span, Arena* arena, model::Canonical* out);

// Does the key belong to an agent convention ("gen_ai.", "llm.", "traceloop." ...), while no table
// knows it? Quick for all other keys.
bool IsUnmapped(std::string_view key);

}  // namespace ao::semconv
