#include "core.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "decode.h"
#include "environment.h"
#include "metric_store.h"
#include "observatory/version.h"
#include "random.h"
#include "trace_buffer.h"
#include "transports.h"
#include "wire.h"

namespace observatory::detail {
namespace {

using std::chrono::milliseconds;

// Every core and every instrumentation scope, for ever.
struct Registry {
  std::mutex mutex;
  std::vector<Core*> cores;
  std::vector<std::unique_ptr<Instrumentation>> scopes;
};
Registry& TheRegistry() {
  static Registry* registry = new Registry;
  return *registry;
}

void BeforeFork() {
  TheRegistry().mutex.lock();
  for (Core* core : TheRegistry().cores) core->LockForFork();
  LockRecords();
}
void AfterForkInParent() {
  UnlockRecords();
  for (Core* core : TheRegistry().cores) core->UnlockAfterFork();
  TheRegistry().mutex.unlock();
}
void AfterForkInChild() {
  UnlockRecords();
  ReseedAfterFork();
  for (Core* core : TheRegistry().cores) core->ResetInChild();
  TheRegistry().mutex.unlock();
}

void AtExit() {
  Core* core = Core::Global();
  if (core != nullptr && core->options().exit_timeout.count() > 0) {
    core->Shutdown(core->options().exit_timeout);
  }
}

std::string NewInstanceId() {
  const uint64_t a = RandomBits(), b = RandomBits();
  char text[40];
  std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                static_cast<unsigned>(a >> 16 & 0xFFFF), static_cast<unsigned>(a & 0xFFF),
                static_cast<unsigned>(0x8000 | (b >> 48 & 0x3FFF)),
                static_cast<unsigned long long>(b & 0xFFFFFFFFFFFF));
  return text;
}

std::string EncodeScope(std::string_view name, std::string_view version) {
  Buffer out;
  WriteBytes(&out, 1, ToUtf8(name));
  if (!version.empty()) WriteBytes(&out, 2, ToUtf8(version));
  return std::string(out.view());
}

}  // namespace

std::atomic<Core*> Core::global_{nullptr};

Core::Core(Options options) : options_(std::move(options)) {
  Environment environment;
  disabled_ = environment.Disabled();
  environment.Apply(&options_);
  clock_ = options_.clock.get();
  if (options_.limits.attributes > 0) limits_.attributes = options_.limits.attributes;
  if (options_.limits.events > 0) limits_.events = options_.limits.events;
  if (options_.limits.links > 0) limits_.links = options_.limits.links;
  if (options_.limits.attribute_value_bytes > 0) {
    limits_.attribute_value_bytes = options_.limits.attribute_value_bytes;
  }
  sampling_ = SamplingOf(*options_.sampler);
  watches_spans_ = !options_.processors.empty() || !options_.baggage_attributes.empty() ||
                   options_.trace_sampler.has_value();
  for (const auto& [key, value] : options_.resource) {
    if (key == "service.name" && value.if_string() != nullptr) service_ = *value.if_string();
  }
  if (options_.trace_sampler) {
    trace_buffer_ = std::make_unique<TraceBuffer>(*options_.trace_sampler);
  }
  metrics_ = std::make_unique<MetricStore>(this);
  MakeTransports(&environment);
  MakeLanes();
  std::string problems;  // in one report: the next may only come a second later
  for (const std::string& problem : environment.problems) {
    problems += (problems.empty() ? "" : "; ") + problem;
  }
  Problem(problems);
  static const bool registered = [] {
    pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild);
    std::atexit(AtExit);
    return true;
  }();
  (void)registered;
  std::lock_guard lock(TheRegistry().mutex);
  TheRegistry().cores.push_back(this);
}

void Core::MakeTransports(Environment* environment) {
  for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs}) {
    auto& transport = transports_[static_cast<size_t>(signal)];
    transport = options_.transport != nullptr
                    ? options_.transport
                    : MakeTransport(signal, environment->EndpointOf(signal, options_));
  }
}

void Core::MakeLanes() {
  for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs}) {
    Lane::Config config;
    config.signal = signal;
    config.batch = signal == Signal::kLogs ? options_.logs : options_.traces;
    if (options_.timeout.count() > 0) config.timeout = options_.timeout;
    config.transport = transports_[static_cast<size_t>(signal)];
    config.resource = [this] { return Resource(); };
    config.problem = [this](std::string_view text) { Problem(text); };
    if (signal == Signal::kMetrics) {
      config.batch.max_queue_bytes = BatchOptions().max_queue_bytes;
      config.batch.schedule_delay = options_.metric_interval;
      config.collect = [this] { metrics_->Collect(); };
    } else if (signal == Signal::kTraces && trace_buffer_ != nullptr) {
      config.collect = [this] {
        lane(Signal::kTraces).Add(trace_buffer_->TakeExpired(SteadyNanos()));
      };
    }
    lanes_[static_cast<size_t>(signal)] = std::make_unique<Lane>(std::move(config));
  }
}

Core* Core::ReplaceGlobal(Core* core) noexcept {
  return global_.exchange(core, std::memory_order_acq_rel);
}

const Instrumentation* Core::Intern(Core* core, std::string_view name, std::string_view version) {
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  for (const auto& scope : registry.scopes) {
    if (scope->core == core && scope->name == name && scope->version == version) {
      return scope.get();
    }
  }
  registry.scopes.push_back(std::make_unique<Instrumentation>(
      Instrumentation{core, std::string(name), std::string(version), EncodeScope(name, version)}));
  return registry.scopes.back().get();
}

void Core::OnStart(Span& span, const Context& parent) noexcept {
  if (trace_buffer_ != nullptr) trace_buffer_->SpanStarted(span.trace_id(), SteadyNanos());
  for (const std::string& key : options_.baggage_attributes) {
    const std::string_view value = parent.baggage_value(key);
    if (!value.empty()) span.set_attribute(key, value);
  }
  for (const auto& processor : options_.processors) processor->on_start(span, parent);
}

void Core::OnEnd(Record* record) noexcept {
  if (!options_.processors.empty()) {
    const SpanRecord decoded = DecodeSpan(*record);
    for (const auto& processor : options_.processors) processor->on_end(decoded);
  }
  if (trace_buffer_ != nullptr) {
    uint64_t dropped = 0;
    record = trace_buffer_->SpanEnded(record, &dropped);
    if (dropped > 0) lane(Signal::kTraces).AddSampledOut(dropped);
  }
  if (record != nullptr) lane(Signal::kTraces).Add(record);
}

std::string Core::Resource() {
  std::lock_guard lock(resource_mutex_);
  if (!resource_.empty()) return resource_;
  Buffer out;
  const auto has = [&](std::string_view key) {
    for (const auto& member : options_.resource) {
      if (member.first == key) return true;
    }
    return false;
  };
  for (const auto& [key, value] : options_.resource) WriteKeyValue(&out, 1, key, value);
  const auto add = [&](std::string_view key, const AttributeValue& value) {
    if (!has(key)) WriteKeyValue(&out, 1, key, value);
  };
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) == 0) add("host.name", std::string_view(host));
  add("process.pid", getpid());
  add("service.instance.id", NewInstanceId());
  add("telemetry.sdk.name", "observatory");
  add("telemetry.sdk.language", "cpp");
  add("telemetry.sdk.version", OBSERVATORY_VERSION);
  resource_ = std::string(out.view());
  return resource_;
}

void Core::Problem(std::string_view text) noexcept {
  if (text.empty()) return;
  const int64_t now = Read(CLOCK_MONOTONIC);
  int64_t last = last_problem_.load(std::memory_order_relaxed);
  if (last != 0 && now - last < 1000000000) return;
  if (!last_problem_.compare_exchange_strong(last, now)) return;
  try {
    if (options_.on_problem) {
      options_.on_problem(text);
    } else {
      std::fprintf(stderr, "observatory: %.*s\n", static_cast<int>(text.size()), text.data());
    }
  } catch (...) {  // from the program's function: nothing may come of it
  }
}

bool Core::Flush(milliseconds deadline) noexcept {
  const auto until = std::chrono::steady_clock::now() + deadline;
  if (trace_buffer_ != nullptr) lane(Signal::kTraces).Add(trace_buffer_->TakeAll());
  Lane::Ticket tickets[3];
  for (size_t i = 0; i < 3; ++i) tickets[i] = lanes_[i]->RequestFlush();
  bool all = true;
  for (size_t i = 0; i < 3; ++i) all = lanes_[i]->AwaitFlush(tickets[i], until) && all;
  return all;
}

bool Core::Shutdown(milliseconds deadline) noexcept {
  const auto tickets = Stop(deadline);
  bool all = true;
  for (size_t i = 0; i < 3; ++i) all = lanes_[i]->AwaitStop(tickets[i]) && all;
  return all;
}

std::array<Lane::Ticket, 3> Core::Stop(milliseconds deadline) noexcept {
  const auto until = std::chrono::steady_clock::now() + deadline;
  if (trace_buffer_ != nullptr) lane(Signal::kTraces).Add(trace_buffer_->TakeAll());
  std::array<Lane::Ticket, 3> tickets;
  for (size_t i = 0; i < 3; ++i) tickets[i] = lanes_[i]->Stop(until);
  return tickets;
}

void Core::LockForFork() noexcept {
  resource_mutex_.lock();
  metrics_->LockForFork();
  if (trace_buffer_ != nullptr) trace_buffer_->LockForFork();
  for (const auto& lane : lanes_) lane->LockForFork();
}

void Core::UnlockAfterFork() noexcept {
  for (const auto& lane : lanes_) lane->UnlockAfterFork();
  if (trace_buffer_ != nullptr) trace_buffer_->UnlockAfterFork();
  metrics_->UnlockAfterFork();
  resource_mutex_.unlock();
}

void Core::ResetInChild() noexcept {
  if (options_.transport != nullptr) {
    options_.transport->after_fork();
  } else {
    for (const auto& transport : transports_) transport->after_fork();
  }
  resource_.clear();
  resource_mutex_.unlock();
  metrics_->ResetInChild();
  if (trace_buffer_ != nullptr) trace_buffer_->ResetInChild();
  for (const auto& lane : lanes_) lane->ResetInChild();
}

}  // namespace observatory::detail

namespace observatory {

Clock::~Clock() = default;
Transport::~Transport() = default;
void Transport::after_fork() noexcept {}
SpanProcessor::~SpanProcessor() = default;
void SpanProcessor::on_start(Span&, const Context&) noexcept {}
void SpanProcessor::on_end(const SpanRecord&) noexcept {}

Sdk Sdk::create(Options options) noexcept { return Sdk(new detail::Core(std::move(options))); }

Sdk configure(Options options) noexcept {
  const Sdk sdk = Sdk::create(std::move(options));
  if (detail::Core* old = detail::Core::ReplaceGlobal(sdk.core_)) {
    // Its threads send what they have; nobody waits for them here.
    old->Stop(std::chrono::seconds(10));
  }
  if (!sdk.core_->disabled()) sdk.core_->lane(Signal::kMetrics).Begin();
  return sdk;
}

Sdk sdk() noexcept { return Sdk(nullptr); }

Tracer Sdk::tracer(std::string_view name, std::string_view version) const noexcept {
  return Tracer(detail::Core::Intern(core_, name, version));
}

bool Sdk::flush(std::chrono::milliseconds deadline) const noexcept {
  detail::Core* core = core_ != nullptr ? core_ : detail::Core::Global();
  return core == nullptr || core->Flush(deadline);
}

bool Sdk::shutdown(std::chrono::milliseconds deadline) const noexcept {
  detail::Core* core = core_ != nullptr ? core_ : detail::Core::Global();
  return core == nullptr || core->Shutdown(deadline);
}

ExportStats Sdk::stats(Signal signal) const noexcept {
  detail::Core* core = core_ != nullptr ? core_ : detail::Core::Global();
  return core == nullptr ? ExportStats{} : core->lane(signal).stats();
}

}  // namespace observatory
