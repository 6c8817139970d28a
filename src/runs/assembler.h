#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/run.h"
#include "storage/store.h"

namespace ao::runs {

// Assembles spans into runs, whatever the order in which they arrive: late, children before
// parents, with parents that never come, with skewed clocks, hours apart. What a run looks like
// depends only on its spans, never on their order or on how they were batched.
//
// A run is live until nothing of it is open and no span has arrived for the quiet period; then it
// is complete, or incomplete when a parent is missing. A late span makes it live again.
//
// Memory: about 100 bytes a span while a run is known, plus previews and error texts of the spans
// that may be shown. Forget what is settled with ForgetSettled; Restore it from storage when more
// spans come.
//
// Thread-safe: Observe and Restore are called from one thread, everything else from any. The clock
// must outlive the assembler.
class Assembler final : public storage::RunSource {
 public:
  struct Options {
    Nanos quiet_period = 5 * kSecond;
    // A span that was sent without an end keeps its run live for at most this long.
    Nanos open_span_limit = kHour;
    const Clock* clock = &SystemClock();
  };
  using Listener = std::function<void(const model::Run&)>;

  explicit Assembler(Options options);
  Assembler(const Assembler&) = delete;
  Assembler& operator=(const Assembler&) = delete;
  ~Assembler() override;

  // Called from TakeChanged with every run that it returns, in its caller's thread. Null stops.
  void SetListener(Listener listener);

  void Observe(std::string_view project, Nanos received,
               std::span<const storage::SpanRow* const> spans) override;
  // Spans that are known already are skipped. The run is not reported as changed; `received` is
  // when its newest span came.
  void Restore(std::string_view project, Nanos received,
               std::span<const storage::SpanRow* const> spans) override;
  bool Knows(std::string_view project, const TraceId& trace_id) const override;
  // Also the runs that became complete by being quiet. Costs time in the number of spans of the
  // changed runs.
  std::vector<model::Run> TakeChanged() override;
  std::vector<TraceId> ForgetSettled(Nanos quiet_since) override;
  void Forget(std::string_view project, const TraceId& trace_id) override;

  // Bytes held, roughly.
  size_t MemoryUsage() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ao::runs
