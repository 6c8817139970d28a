#include "semconv/canonicalize.h"

namespace ao::semconv {

void Canonicalize(const model::Resource&, const model::Scope&, const model::Span&, Arena*,
                  model::Canonical*) {}

}  // namespace ao::semconv
