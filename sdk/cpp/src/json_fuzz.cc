#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "json.h"
#include "observatory/propagator.h"

// Arguments of tools and trace contexts in messages come from outside. Whatever parses is written
// as JSON that parses again, to the same value.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  observatory::Propagator().extract_json(text);
  const auto value = observatory::detail::ParseJson(text);
  if (!value) return 0;
  const std::string written = value->to_json();
  const auto again = observatory::detail::ParseJson(written);
  if (!again || again->to_json() != written) std::abort();
  return 0;
}
