#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "observatory/context.h"
#include "observatory/ref.h"

namespace observatory::detail {

class SharedText final : public Shared {
 public:
  explicit SharedText(std::string_view t) : text(t) {}
  const std::string text;
};

// Baggage and values of a context. Never changed once a context refers to it.
class Extras final : public Shared {
 public:
  std::shared_ptr<const Baggage> baggage;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> values;
};

}  // namespace observatory::detail
