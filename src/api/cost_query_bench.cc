#include <chrono>
#include <cstdio>
#include <ctime>

#include "api/rest/cost_query.h"
#include "storage/duckdb/database.h"

// Seconds of the statements behind GET /api/v1/cost over 500,000 runs of three parts each.

namespace ao::api {
namespace {

constexpr const char* kRuns =
    "CREATE TABLE runs AS SELECT format('{:032x}', i) AS trace_id, "
    "1769851800000000000 + i * 5000000000 AS start_ns, format('s{}', i // 7) AS session, "
    "format('u{}', i % 900) AS user_id, format('q{}', i % 9) AS query_type, 'prod' AS environment, "
    "list_transform(range(3), p -> {'agent': format('agent-{}', (i + p) % 12), 'service': 'svc', "
    "'provider': 'openai', 'model': format('gpt-{}', (i + p) % 5), 'tool': '', 'calls': 2::BIGINT, "
    "'input_tokens': 1200::BIGINT, 'output_tokens': 140::BIGINT, 'total_tokens': 1340::BIGINT, "
    "'cache_read_tokens': 400::BIGINT, 'cache_write_tokens': 0::BIGINT, 'reasoning_tokens': "
    "0::BIGINT, 'estimated_tokens': 0::BIGINT, 'cost_usd': (1 + (i + p) % 9) / 1000.0, "
    "'cost_source': 'catalogue'}) AS usage, "
    "[{'from': 'agent-' || (i % 12)::VARCHAR, 'to': 'agent-' || ((i + 1) % 12)::VARCHAR, "
    "'evidence': 'parent', 'handoff': false, 'calls': 1::BIGINT, 'errors': 0::BIGINT}] AS edges "
    "FROM range(500000) t(i)";

int Measure() {
  auto database = storage::duck::Database::OpenInMemory({{"threads", "2"}});
  if (!database.ok()) return 1;
  auto connection = (*database)->Connect();
  if (const Status made = (*connection)->Execute(kRuns); !made.ok()) {
    std::printf("%s\n", made.ToString().c_str());
    return 1;
  }
  const auto time = [&](const char* name, const std::string& sql) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    auto rows = (*connection)->Query(sql);
    size_t count = 0;
    while (rows.ok() && (*rows)->Next().value_or(false)) count += (*rows)->size();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%-28s %6.2f s, %6.2f s of CPU, %6zu rows %s\n", name, took.count(),
                static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC, count,
                rows.ok() ? "" : rows.status().message().c_str());
  };
  CostQuery query{.project = "default", .group = {}, .filters = {}};
  time("total", CostSql(query));
  query.group = {"agent"};
  time("by agent", CostSql(query));
  time("delegated", DelegationSql(query));
  query.group = {"user", "model"};
  time("by user and model", CostSql(query));
  query.group = {"model"};
  query.step = kDay;
  time("by model and day", CostSql(query));
  query.since = 1'769'851'800 * kSecond;
  query.until = query.since + kDay;
  time("by model, one day of 29", CostSql(query));
  return 0;
}

}  // namespace
}  // namespace ao::api

int main() { return ao::api::Measure(); }
