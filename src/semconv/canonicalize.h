#pragma once

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

// Fills `out` (which must be default-constructed). Its views point into the span, the resource or
// `arena`, or to static text.
void Canonicalize(const model::Resource& resource, const model::Scope& scope,
                  const model::Span& span, Arena* arena, model::Canonical* out);

}  // namespace ao::semconv
