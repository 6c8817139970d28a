#include <cstdint>

#include "search/parser.h"

// Any text is a query or an error with a message; errors name what is wrong.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  const auto filter =
      ao::search::ParseQuery(query, {[](std::string_view) { return ao::Result<ao::Nanos>(1); }});
  if (!filter.ok() && !filter.status().message().starts_with("cannot read query: ")) {
    __builtin_trap();
  }
  return 0;
}
