#include "runs/assembler.h"

#include <algorithm>
#include <mutex>
#include <queue>
#include <utility>

#include "base/hash_map.h"
#include "runs/interner.h"
#include "runs/run_state.h"

namespace ao::runs {
namespace {

struct RunKey {
  uint32_t project = 0;
  TraceId trace;
  friend auto operator<=>(const RunKey&, const RunKey&) = default;
};

}  // namespace
}  // namespace ao::runs

template <>
struct std::hash<ao::runs::RunKey> {
  size_t operator()(const ao::runs::RunKey& key) const noexcept {
    return ao::Fold(key.trace) ^ (uint64_t{key.project} * 0x9E3779B97F4A7C15ULL);
  }
};

namespace ao::runs {
namespace {

constexpr size_t kMinCompaction = 4096;  // distinct names below which nothing is compacted

}  // namespace

class Assembler::Impl {
 public:
  explicit Impl(Options options) : options_(options) {}

  void SetListener(Listener listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }

  void Observe(std::string_view project, Nanos received,
               std::span<const storage::SpanRow* const> spans) {
    const std::lock_guard lock(mutex_);
    const uint32_t project_id = projects_.Intern(project);
    for (size_t i = 0; i < spans.size();) {
      const TraceId& trace = spans[i]->trace_id;
      size_t end = i + 1;
      while (end < spans.size() && spans[end]->trace_id == trace) ++end;
      RunState* run = &RunOf(project_id, trace);
      run->last_arrival = std::max(run->last_arrival, received);
      run->completeness = model::Completeness::kLive;
      MarkChanged(run);
      Queue(run, run->last_arrival + options_.quiet_period);
      // Room for just these in a new run; grown by half in one that goes on.
      const size_t size = run->spans.size() + (end - i);
      if (size > run->spans.capacity()) {
        run->spans.reserve(std::max(size, run->spans.size() * 3 / 2));
      }
      for (; i < end; ++i) AddSpan(*spans[i], &names_, run);
    }
  }

  void Restore(std::string_view project, Nanos received,
               std::span<const storage::SpanRow* const> spans) {
    const std::lock_guard lock(mutex_);
    const uint32_t project_id = projects_.Intern(project);
    RunState* run = nullptr;
    HashSet<SpanId> known;
    for (const storage::SpanRow* row : spans) {
      if (run == nullptr || run->trace_id != row->trace_id) {
        run = &RunOf(project_id, row->trace_id);
        run->last_arrival = std::max(run->last_arrival, received);
        Queue(run, run->last_arrival + options_.quiet_period);
        known.clear();
        for (const SpanState& span : run->spans) known.insert(span.id);
      }
      if (known.insert(row->span_id).second) AddSpan(*row, &names_, run);
    }
  }

  bool Knows(std::string_view project, const TraceId& trace_id) const {
    const std::lock_guard lock(mutex_);
    const auto id = projects_.Find(project);
    return id && runs_.contains(RunKey{*id, trace_id});
  }

  std::vector<model::Run> TakeChanged() {
    std::vector<model::Run> result;
    Listener listener;
    {
      const std::lock_guard lock(mutex_);
      const Nanos now = options_.clock->Now();
      SettleQuiet(now);
      result.reserve(changed_.size());
      for (const RunKey& key : changed_) {
        const auto found = runs_.find(key);
        if (found == runs_.end() || !found->second->dirty) continue;
        found->second->dirty = false;
        result.push_back(Render(found->second.get(), now));
      }
      changed_.clear();
      listener = listener_;
    }
    if (listener) {
      for (const model::Run& run : result) listener(run);
    }
    return result;
  }

  std::vector<TraceId> ForgetSettled(Nanos quiet_since) {
    const std::lock_guard lock(mutex_);
    std::vector<TraceId> forgotten;
    for (auto it = runs_.begin(); it != runs_.end();) {
      const RunState& run = *it->second;
      const bool settled = run.completeness != model::Completeness::kLive && !run.dirty;
      if (settled && run.last_arrival < quiet_since) {
        forgotten.push_back(run.trace_id);
        runs_.erase(it++);
      } else {
        ++it;
      }
    }
    if (!forgotten.empty()) CompactNames();
    return forgotten;
  }

  void Forget(std::string_view project, const TraceId& trace_id) {
    const std::lock_guard lock(mutex_);
    if (const auto id = projects_.Find(project)) runs_.erase(RunKey{*id, trace_id});
  }

  size_t MemoryUsage() const {
    const std::lock_guard lock(mutex_);
    size_t bytes = names_.bytes() + runs_.capacity() * (sizeof(RunKey) + sizeof(void*));
    for (const auto& [key, run] : runs_) bytes += run->MemoryUsage();
    return bytes;
  }

 private:
  // All private members are called with mutex_ held.
  RunState& RunOf(uint32_t project, const TraceId& trace_id) {
    std::unique_ptr<RunState>& run = runs_[RunKey{project, trace_id}];
    if (run == nullptr) {
      run = std::make_unique<RunState>();
      run->project = project;
      run->trace_id = trace_id;
    }
    return *run;
  }

  void MarkChanged(RunState* run) {
    if (run->dirty) return;
    run->dirty = true;
    changed_.push_back({run->project, run->trace_id});
  }

  // A run is in the queue at most once; when its turn comes too early it is put back.
  void Queue(RunState* run, Nanos deadline) {
    if (run->queued) return;
    run->queued = true;
    to_settle_.push({deadline, {run->project, run->trace_id}});
  }

  void SettleQuiet(Nanos now) {
    while (!to_settle_.empty() && to_settle_.top().first <= now) {
      const RunKey key = to_settle_.top().second;
      to_settle_.pop();
      const auto found = runs_.find(key);
      if (found == runs_.end() || !found->second->queued) continue;
      RunState* run = found->second.get();
      run->queued = false;
      const Nanos wait = run->open_spans > 0
                             ? std::max(options_.open_span_limit, options_.quiet_period)
                             : options_.quiet_period;
      if (now - run->last_arrival < wait) {
        Queue(run, run->last_arrival + wait);
      } else {
        run->completeness = model::Completeness::kComplete;
        MarkChanged(run);
      }
    }
  }

  model::Run Render(RunState* state, Nanos now) {
    state->version = std::max(state->version + 1, static_cast<uint64_t>(std::max<Nanos>(now, 0)));
    model::Run run = RenderRun(*state, names_);
    run.project = projects_.Text(state->project);
    run.last_arrival = state->last_arrival;
    run.version = state->version;
    run.completeness = state->completeness;
    if (run.completeness == model::Completeness::kComplete && run.missing_parents > 0) {
      run.completeness = model::Completeness::kIncomplete;
    }
    return run;
  }

  // Names of forgotten runs are dropped once they could be half of all.
  void CompactNames() {
    if (names_.size() < compact_at_) return;
    Interner kept;
    std::vector<uint32_t> renamed(names_.size(), kNone);
    const auto rename = [&](uint32_t* id) {
      if (renamed[*id] == kNone) renamed[*id] = kept.Intern(names_.Text(*id));
      *id = renamed[*id];
    };
    for (auto& [key, run] : runs_) {
      for (SpanState& span : run->spans) {
        for (uint32_t* id : {&span.name, &span.service, &span.environment, &span.agent, &span.model,
                             &span.tool, &span.provider}) {
          rename(id);
        }
      }
      for (SpanExtra& extra : run->extras) {
        for (uint32_t* id :
             {&extra.session, &extra.user, &extra.query_type, &extra.outcome, &extra.delegate_to}) {
          rename(id);
        }
      }
      for (SpanLink& link : run->links) rename(&link.agent);
      for (Setup& setup : run->setups) {
        rename(&setup.service_version);
        rename(&setup.model);
      }
    }
    names_ = std::move(kept);
    compact_at_ = std::max(kMinCompaction, names_.size() * 2);
  }

  using Settling = std::pair<Nanos, RunKey>;

  const Options options_;
  mutable std::mutex mutex_;
  Listener listener_;
  Interner projects_;
  Interner names_;
  HashMap<RunKey, std::unique_ptr<RunState>> runs_;
  std::vector<RunKey> changed_;
  std::priority_queue<Settling, std::vector<Settling>, std::greater<>> to_settle_;
  size_t compact_at_ = kMinCompaction;
};

Assembler::Assembler(Options options) : impl_(std::make_unique<Impl>(options)) {}
Assembler::~Assembler() = default;

void Assembler::SetListener(Listener listener) { impl_->SetListener(std::move(listener)); }
void Assembler::Observe(std::string_view project, Nanos received,
                        std::span<const storage::SpanRow* const> spans) {
  impl_->Observe(project, received, spans);
}
void Assembler::Restore(std::string_view project, Nanos received,
                        std::span<const storage::SpanRow* const> spans) {
  impl_->Restore(project, received, spans);
}
bool Assembler::Knows(std::string_view project, const TraceId& trace_id) const {
  return impl_->Knows(project, trace_id);
}
std::vector<model::Run> Assembler::TakeChanged() { return impl_->TakeChanged(); }
std::vector<TraceId> Assembler::ForgetSettled(Nanos quiet_since) {
  return impl_->ForgetSettled(quiet_since);
}
void Assembler::Forget(std::string_view project, const TraceId& trace_id) {
  impl_->Forget(project, trace_id);
}
size_t Assembler::MemoryUsage() const { return impl_->MemoryUsage(); }

}  // namespace ao::runs
