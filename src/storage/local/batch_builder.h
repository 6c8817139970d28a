#pragma once

#include <functional>
#include <map>
#include <vector>

#include "base/status.h"
#include "model/telemetry.h"
#include "storage/content/content_store.h"
#include "storage/encode/attributes.h"
#include "storage/rows.h"

// Turns stored rows back into a batch as it was sent: neighbours with the same resource and scope
// form a group. The rows must live in the batch's arena. Internal to storage/local.

namespace ao::storage::local {

class BatchBuilder {
 public:
  // Gives the content of rows at a time.
  using Content = std::function<ContentReader(Nanos time)>;

  BatchBuilder(model::Batch* batch, Content content)
      : batch_(*batch), content_(std::move(content)) {}

  Status Add(const SpanRow& row);
  Status Add(const LogRow& row);
  // A point after the points of the same series forms one metric with them.
  Status Add(const SeriesRow& series, const PointRow& row);
  // Closes the last group; call before the batch is used.
  void Finish();

 private:
  struct Origin {
    const model::Resource* resource = nullptr;
    const model::Scope* scope = nullptr;
    friend bool operator==(const Origin&, const Origin&) = default;
  };
  Result<Origin> OriginOf(ContentAddress resource, ContentAddress scope, Nanos time);
  // Closes the open group when the next record has another origin.
  void Enter(const Origin& origin);
  void CloseMetric();

  model::Batch& batch_;
  const Content content_;
  std::map<std::pair<Day, ContentAddress>, const model::Resource*> resources_;
  std::map<std::pair<Day, ContentAddress>, const model::Scope*> scopes_;
  Origin origin_;
  std::vector<model::Span> spans_;
  std::vector<model::LogRecord> logs_;
  std::vector<model::Metric> metrics_;
  std::vector<model::MetricPoint> points_;  // of the open metric
  uint64_t open_series_ = 0;
  model::Attributes series_attributes_;
  model::Metric metric_;
  bool metric_open_ = false;
};

}  // namespace ao::storage::local
