#include "observatory/traced.h"

#include <cxxabi.h>

#include <cstdlib>

#include "wire.h"

namespace observatory::detail {

std::string TypeName(const std::exception& error) {
  int status = 0;
  char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string out = status == 0 && name != nullptr ? name : typeid(error).name();
  std::free(name);
  return out;
}

void SetPreview(Span* span, std::string_view prefix, std::string_view name,
                const AttributeValue& value) noexcept {
  const std::string key = std::string(prefix) + std::string(name);
  switch (value.kind()) {
    case AttributeValue::Kind::kString:
      span->set_attribute(key, CutText(value.as_string(), kPreviewBytes));
      return;
    case AttributeValue::Kind::kValue: {
      const std::string json =
          value.as_value().if_string() != nullptr ? *value.as_value().if_string()
                                                  : value.as_value().to_json();
      span->set_attribute(key, CutText(json, kPreviewBytes));
      return;
    }
    default: span->set_attribute(key, value);
  }
}

void RecordCurrentException(Span* span) noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    span->record_error(error);
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    int status = -1;
    char* name =
        type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &status) : nullptr;
    span->record_error(name != nullptr ? name : "unknown", "");
    std::free(name);
  }
}

}  // namespace observatory::detail
