#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "cost/pricer.h"
#include "storage/rows.h"

// What a span means and what it cost: the canonical columns of a row, from the span as it was sent
// and the prices of now. The one way to fill them, at ingest and when stored spans are mapped
// again. One thread at a time.

namespace ao::storage {

class SpanMapper {
 public:
  // Null: calls to models whose cost the client did not supply have none.
  explicit SpanMapper(const cost::Pricer* pricer)
      : prices_(pricer != nullptr ? pricer->book() : nullptr) {}

  // Fills `row->canonical`, which must be default-constructed; `row->start` must be set. Views
  // point into the span, the resource or `arena`.
  void Map(std::string_view project, const model::Resource& resource, const model::Scope& scope,
           const model::Span& span, Arena* arena, SpanRow* row);

 private:
  void Price(std::string_view project, Arena* arena, SpanRow* row);

  const std::shared_ptr<const cost::PriceBook> prices_;
  std::string scratch_;
};

}  // namespace ao::storage
