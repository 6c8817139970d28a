#include "app/bench/bench.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <random>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "app/bench/child_server.h"
#include "app/bench/load.h"
#include "app/bench/payload.h"
#include "app/bench/yardstick.h"
#include "base/file.h"
#include "base/json_writer.h"

namespace ao::bench {
namespace {

using Report = std::function<void(const Figure&)>;

double Milliseconds(Nanos t) { return static_cast<double>(t) / 1e6; }
double Mebibytes(uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

// Bytes of the files below `path`, without the write-ahead log (which is bounded, preallocated and
// empty after a clean stop).
uint64_t DiskUse(const std::string& path) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    if (entry.path().parent_path().filename() == "wal") continue;
    bytes += entry.file_size();
  }
  return bytes;
}

class Scratch {
 public:
  Scratch(const BenchOptions& options, std::string_view name)
      : path_(fmt::format("{}/{}", options.directory, name)) {
    std::filesystem::remove_all(path_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    std::filesystem::remove(path_ + ".ready", ignored);
    std::filesystem::remove(path_ + ".log", ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Status Yardstick(const BenchOptions&, const Report& report) {
  for (const auto& [name, kind] :
       {std::pair{"small", PayloadKind::kSmall}, std::pair{"llm", PayloadKind::kLlm}}) {
    AO_ASSIGN_OR_RETURN(const WalkCost cost, MeasureWalk(kind));
    report({fmt::format("{}_payload_bytes_per_span", name), cost.bytes_per_span, "B", ""});
    report({fmt::format("{}_walk_ns_per_span", name), cost.walk_ns, "ns", ""});
    report({fmt::format("{}_decode_ns_per_span", name), cost.decode_ns, "ns", ""});
    report({fmt::format("{}_prepare_ns_per_span", name), cost.prepare_ns, "ns", ""});
  }
  return OkStatus();
}

Status Ingest(const BenchOptions& options, const Report& report, std::string_view name,
              PayloadKind kind, const std::string& goal) {
  Scratch scratch(options, fmt::format("ingest-{}", name));
  AO_ASSIGN_OR_RETURN(auto server, ChildServer::Start(scratch.path()));
  report({fmt::format("ingest_{}_idle_memory", name), Mebibytes(server->memory()), "MiB",
          "< 100 MiB"});
  LoadOptions load;
  load.port = server->http_port();
  load.kind = kind;
  load.spans_per_request = kind == PayloadKind::kSmall ? 500 : 60;
  load.duration = options.seconds * kSecond;
  AO_ASSIGN_OR_RETURN(const LoadReport full, RunLoad(load));
  const auto figure = [&](std::string_view what, double value, std::string unit,
                          std::string goal_text) {
    report({fmt::format("ingest_{}_{}", name, what), value, std::move(unit), std::move(goal_text)});
  };
  figure("spans_per_second", full.spans_per_second(), "spans/s", goal);
  figure("megabytes_per_second",
         static_cast<double>(full.bytes) / 1e6 / (static_cast<double>(full.elapsed) / 1e9), "MB/s",
         "");
  figure("server_cpu_us_per_span",
         static_cast<double>(server->cpu_time()) / 1e3 / static_cast<double>(full.spans), "us", "");
  figure("refused_requests", static_cast<double>(full.refused), "", "");
  load.spans_per_second = full.spans_per_second() / 2;
  load.seed = 2;
  AO_ASSIGN_OR_RETURN(const LoadReport half, RunLoad(load));
  figure("ack_p50_at_half_load", Milliseconds(half.p50), "ms", "< 5 ms");
  figure("ack_p99_at_half_load", Milliseconds(half.p99), "ms", "< 50 ms");
  figure("ack_max_at_half_load", Milliseconds(half.max), "ms", "< 250 ms");
  figure("peak_memory", Mebibytes(server->peak_memory()), "MiB", "< 1024 MiB");
  AO_TRY(server->Terminate());
  const double stored = static_cast<double>(full.spans + half.spans);
  figure("disk_per_span", static_cast<double>(DiskUse(scratch.path())) / stored, "B",
         kind == PayloadKind::kSmall ? "< 80 B" : "");
  return OkStatus();
}

Status Small(const BenchOptions& options, const Report& report) {
  return Ingest(options, report, "small", PayloadKind::kSmall, "250000");
}
Status Llm(const BenchOptions& options, const Report& report) {
  return Ingest(options, report, "llm", PayloadKind::kLlm, "30000");
}

// 30-turn conversations, every one with text of its own.
Status Dedup(const BenchOptions& options, const Report& report) {
  Scratch scratch(options, "dedup");
  AO_ASSIGN_OR_RETURN(auto server, ChildServer::Start(scratch.path()));
  AO_ASSIGN_OR_RETURN(HttpConnection connection, HttpConnection::Connect(server->http_port()));
  uint64_t raw = 0;
  for (uint64_t i = 0; i < 300; ++i) {
    Payload payload(PayloadKind::kConversation, 30, 77'000 + i);
    const std::string& body = payload.Stamp(SystemClock().Now());
    raw += body.size();
    AO_ASSIGN_OR_RETURN(const auto response,
                        connection.Send("POST", "/v1/traces", "application/x-protobuf", body));
    if (response.status != 200) return Internal("cannot send a conversation: " + response.body);
  }
  AO_TRY(server->Terminate());
  report({"conversation_disk_factor",
          static_cast<double>(raw) / static_cast<double>(DiskUse(scratch.path())), "times smaller",
          "> 40"});
  return OkStatus();
}

// Runs `count` requests and reports p50, p99 and max.
Status TimeRequests(uint16_t port, const std::string& name, const std::string& goal, int count,
                    const std::function<std::pair<std::string, std::string>(int)>& target_and_body,
                    const Report& report) {
  AO_ASSIGN_OR_RETURN(HttpConnection connection, HttpConnection::Connect(port));
  std::vector<Nanos> times;
  for (int i = 0; i < count; ++i) {
    const auto [target, body] = target_and_body(i);
    const Nanos begin = SystemClock().Monotonic();
    AO_ASSIGN_OR_RETURN(const auto response, connection.Send(body.empty() ? "GET" : "POST", target,
                                                             "application/json", body));
    times.push_back(SystemClock().Monotonic() - begin);
    if (response.status != 200) {
      return Internal(fmt::format("cannot query {}: {} {}", target, response.status,
                                  response.body.substr(0, 300)));
    }
  }
  std::sort(times.begin(), times.end());
  report({name + "_p50", Milliseconds(Quantile(times, 0.5)), "ms", ""});
  report({name + "_p99", Milliseconds(Quantile(times, 0.99)), "ms", goal});
  return OkStatus();
}

std::string SqlBody(std::string_view sql) {
  JsonWriter json;
  json.BeginObject().Field("query", sql).EndObject();
  return json.Take();
}

// The traces of one RunLoad with 8 connections: ids follow from the seed and a number.
struct StoredTraces {
  uint64_t seed;
  uint64_t per_connection;
};

Status QueryRound(const ChildServer& server, const std::string& size,
                  const std::vector<StoredTraces>& stored, const Report& report) {
  // Ingest goes on at a fifth of the goal while the queries run.
  LoadOptions background;
  background.port = server.http_port();
  background.connections = 2;
  background.spans_per_second = 50'000;
  background.seed = 90 + stored.size();
  background.duration = 20 * kSecond;
  Status load_status;
  std::jthread load([&] { load_status = RunLoad(background).status(); });

  std::mt19937_64 random(5);
  AO_TRY(TimeRequests(
      server.http_port(), "trace_by_id_at_" + size, "< 20 ms", 300,
      [&](int) {
        const StoredTraces& from = stored[random() % stored.size()];
        const TraceId id = Payload::TraceIdAt(
            from.seed * 1000 + random() % 8, random() % std::max<uint64_t>(from.per_connection, 1));
        return std::pair<std::string, std::string>("/api/v1/traces/" + id.ToHex(), "");
      },
      report));
  AO_TRY(TimeRequests(
      server.http_port(), "run_list_at_" + size, "< 150 ms", 30,
      [](int i) {
        return std::pair<std::string, std::string>(
            i % 2 ? "/api/v1/runs?limit=50" : "/api/v1/runs?agent=loan-approval&status=error", "");
      },
      report));
  AO_TRY(TimeRequests(
      server.http_port(), "aggregate_at_" + size, "< 300 ms", 10,
      [](int) {
        return std::pair<std::string, std::string>(
            "/api/v1/sql",
            SqlBody("SELECT date_trunc('minute', start_time) AS minute, agent_name, count(*), "
                    "quantile_cont(duration_ms, [0.5, 0.95, 0.99]) FROM spans GROUP BY 1, 2"));
      },
      report));
  for (const auto& [name, goal, target] :
       {std::tuple("series_at_", "< 300 ms", "/api/v1/stats/series?step=1m&by=agent"),
        std::tuple("heatmap_at_", "< 300 ms", "/api/v1/stats/heatmap?step=1m"),
        std::tuple("cost_by_agent_at_", "", "/api/v1/cost?group=agent")}) {
    AO_TRY(TimeRequests(
        server.http_port(), name + size, goal, 10,
        [&target = target](int) { return std::pair<std::string, std::string>(target, ""); },
        report));
  }
  load.join();
  return load_status;
}

Status Queries(const BenchOptions& options, const Report& report) {
  Scratch scratch(options, "queries");
  AO_ASSIGN_OR_RETURN(auto server, ChildServer::Start(scratch.path()));
  LoadOptions load;
  load.port = server->http_port();
  load.spans_per_request = 1000;
  load.connections = 8;
  load.max_spans = std::min<uint64_t>(1'000'000, static_cast<uint64_t>(options.query_spans));
  AO_ASSIGN_OR_RETURN(const LoadReport first, RunLoad(load));
  std::vector<StoredTraces> stored = {{load.seed, first.traces_per_connection}};
  AO_TRY(QueryRound(*server, "1M", stored, report));
  if (options.query_spans > 1'000'000) {
    load.seed = 3;
    load.max_spans = static_cast<uint64_t>(options.query_spans) - first.spans;
    AO_ASSIGN_OR_RETURN(const LoadReport more, RunLoad(load));
    stored.push_back({load.seed, more.traces_per_connection});
    AO_TRY(
        QueryRound(*server, fmt::format("{}M", options.query_spans / 1'000'000), stored, report));
  }
  report({"queries_peak_memory", Mebibytes(server->peak_memory()), "MiB", ""});
  return server->Terminate();
}

Status StartUp(const BenchOptions& options, const Report& report) {
  Scratch scratch(options, "startup");
  {
    AO_ASSIGN_OR_RETURN(auto server, ChildServer::Start(scratch.path()));
    report({"start_empty", Milliseconds(server->start_time()), "ms", "< 300 ms"});
    LoadOptions load;
    load.port = server->http_port();
    load.spans_per_request = 1000;
    load.max_spans = 700'000;  // past one seal, then most of another write-ahead log
    AO_TRY(RunLoad(load).status());
    server->Kill();
  }
  {
    AO_ASSIGN_OR_RETURN(auto server, ChildServer::Start(scratch.path()));
    report({"start_after_kill", Milliseconds(server->start_time()), "ms", "< 3000 ms"});
    AO_TRY(server->Terminate());
  }
  AO_ASSIGN_OR_RETURN(auto server, ChildServer::Start(scratch.path()));
  report({"start_clean", Milliseconds(server->start_time()), "ms", "< 300 ms"});
  return server->Terminate();
}

struct Phase {
  std::string_view name;
  Status (*run)(const BenchOptions&, const Report&);
};
constexpr Phase kPhases[] = {{"yardstick", Yardstick}, {"small", Small},     {"llm", Llm},
                             {"dedup", Dedup},         {"startup", StartUp}, {"queries", Queries}};

}  // namespace

Status RunBench(const BenchOptions& options, const std::function<void(const Figure&)>& on_figure) {
  for (const std::string& wanted : options.only) {
    if (std::none_of(std::begin(kPhases), std::end(kPhases),
                     [&](const Phase& p) { return p.name == wanted; })) {
      return InvalidArgument(
          fmt::format("cannot run phase '{}': there is none of that name", wanted),
          fmt::format("phases: {}", fmt::join(BenchPhases(), ", ")));
    }
  }
  AO_TRY(PosixFileSystem().CreateDirectories(options.directory));
  for (const Phase& phase : kPhases) {
    if (!options.only.empty() &&
        std::find(options.only.begin(), options.only.end(), phase.name) == options.only.end()) {
      continue;
    }
    AO_TRY(phase.run(options, on_figure).WithContext(fmt::format("phase {}", phase.name)));
  }
  return OkStatus();
}

std::vector<std::string> BenchPhases() {
  std::vector<std::string> names;
  for (const Phase& phase : kPhases) names.emplace_back(phase.name);
  return names;
}

}  // namespace ao::bench
