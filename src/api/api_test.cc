#include "api/api.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "api/context.h"
#include "api/testing/fixture.h"
#include "base/utf8.h"

namespace ao::api {
namespace {

std::string PathOf(const net::Route& route) {
  std::string path = route.pattern;
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"{trace_id}", std::string(kTraceHex)},
        {"{span_id}", "00000000000000aa"},
        {"{session}", "s1"},
        {"{user}", "u1"}}) {
    const size_t at = path.find(name);
    if (at != std::string::npos) path.replace(at, name.size(), value);
  }
  return path;
}

std::string Code(const net::HttpResponse& response) {
  return Json(response.body).Text("/error/code");
}

// --- Every endpoint -------------------------------------------------------------------------

TEST_F(ApiTest, EveryRouteRefusesUnknownParameters) {
  for (const net::Route& route : server.routes) {
    const auto reply = Call(route.method, PathOf(route) + "?no_such_parameter=1");
    EXPECT_EQ(reply->response.status, 400) << route.method << " " << route.pattern;
    EXPECT_EQ(Code(reply->response), "invalid_argument");
  }
  EXPECT_EQ(store.deletes, 0);
}

TEST_F(ApiTest, EveryRouteIsDescribedWithItsParameters) {
  const Json doc(Get("/api/v1/openapi.json").body);
  EXPECT_EQ(doc.Text("/openapi"), "3.0.3");
  EXPECT_EQ(doc.Text("/info/version"), "1.2.3");
  Context context(
      Dependencies{store, ledger, clock, live, *prices, *keys, *authenticator, {}, {}, {}, {}, {}});
  ASSERT_EQ(context.endpoints.size(), server.routes.size());
  std::set<std::string> operation_ids;
  for (const Endpoint& endpoint : context.endpoints) {
    std::string method(endpoint.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    simdjson::dom::element operation;
    ASSERT_EQ(doc.root["paths"][endpoint.pattern][method].get(operation), simdjson::SUCCESS)
        << endpoint.pattern;
    EXPECT_TRUE(operation_ids.insert(std::string(operation["operationId"].get_c_str())).second);
    std::set<std::string> described;
    for (const auto parameter : operation["parameters"].get_array()) {
      EXPECT_GT(parameter["description"].get_string_length().value(), 0u);
      described.insert(parameter["name"].get_c_str().value());
    }
    std::set<std::string> declared;
    for (const Parameter& parameter : endpoint.parameters) declared.emplace(parameter.name);
    EXPECT_EQ(described, declared) << endpoint.pattern;
    // Every {name} of the pattern is declared.
    for (size_t at = endpoint.pattern.find('{'); at != std::string_view::npos;
         at = endpoint.pattern.find('{', at + 1)) {
      const size_t end = endpoint.pattern.find('}', at);
      EXPECT_TRUE(declared.contains(std::string(endpoint.pattern.substr(at + 1, end - at - 1))));
    }
    EXPECT_FALSE(endpoint.summary.empty());
    EXPECT_FALSE(endpoint.response.empty());
  }
}

TEST_F(ApiTest, TheManualMentionsEveryRoute) {
  std::ifstream file(AO_SOURCE_DIR "/docs/api.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const net::Route& route : server.routes) {
    const std::string line = "`" + route.method + " " + route.pattern + "`";
    EXPECT_NE(text.str().find(line), std::string::npos) << "docs/api.md lacks " << line;
  }
}

TEST_F(ApiTest, ChangesNeedMoreThanReading) {
  for (const net::Route& route : server.routes) {
    if (route.method == "DELETE") {
      EXPECT_EQ(route.access, net::Access::kAdmin) << route.pattern;
    }
    if (route.pattern.starts_with("/api/") && route.pattern != "/api/v1/openapi.json") {
      EXPECT_NE(route.access, net::Access::kPublic) << route.pattern;
    }
  }
}

TEST_F(ApiTest, SuggestsTheNearestParameter) {
  const Json error(Get("/api/v1/runs?servce=x").body);
  EXPECT_EQ(error.Text("/error/hint"), "did you mean \"service\"?");
  EXPECT_EQ(Json(Get("/api/v1/status?x=1").body).Text("/error/hint"),
            "this endpoint takes no query parameters");
}

TEST_F(ApiTest, AnswersAreNeitherCachedNorSniffed) {
  const net::HttpResponse response = Get("/api/v1/runs");
  const net::HeaderList expected = {{"cache-control", "no-store"},
                                    {"x-content-type-options", "nosniff"}};
  EXPECT_EQ(response.headers, expected);
}

TEST_F(ApiTest, StoreFailuresKeepTheirStatusAndHint) {
  store.failure = Unavailable("cannot read: busy", "try again");
  for (const std::string_view path : {"/api/v1/runs", "/api/v1/logs", "/api/v1/sessions",
                                      "/api/v1/scores", "/api/v1/sql?q=SELECT 1"}) {
    const net::HttpResponse response = Get(path);
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(Json(response.body).Text("/error/message"), "cannot read: busy");
    EXPECT_EQ(Json(response.body).Text("/error/hint"), "try again");
  }
}

TEST_F(ApiTest, AnEmptyStoreGivesEmptyPages) {
  EXPECT_EQ(Get("/api/v1/runs").body, "{\"runs\":[],\"next_cursor\":null,\"total\":0}\n");
  EXPECT_EQ(Get("/api/v1/logs").body, "{\"logs\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(Get("/api/v1/sessions").body, "{\"sessions\":[],\"next_cursor\":null}\n");
  EXPECT_EQ(Get("/api/v1/scores").body, "{\"scores\":[],\"next_cursor\":null}\n");
  const auto exported = Call("GET", "/api/v1/export");
  EXPECT_EQ(exported->response.status, 200);
  EXPECT_EQ(exported->response.body, "");
  const std::string id(kTraceHex);
  for (const std::string& path :
       {"/api/v1/runs/" + id, "/api/v1/traces/" + id, "/api/traces/" + id,
        "/api/v1/traces/" + id + "/spans/00000000000000aa", std::string("/api/v1/sessions/s1")}) {
    const net::HttpResponse response = Get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(Code(response), "not_found");
  }
}

// --- Runs -----------------------------------------------------------------------------------

TEST_F(ApiTest, RunFiltersReachTheStore) {
  project = "acme";
  const net::HttpResponse response = Get(
      "/api/v1/runs?agent=a*&status=error&service=s&environment=e&session=x&user=u&model=m&tool=t"
      "&query_type=q&since=1h&until=2026-01-31T09:29:00Z&min_duration=1.5s&max_duration=2000"
      "&min_cost=0.5&max_cost=2&min_tokens=1&max_tokens=2&min_steps=3&max_steps=4&q=hello"
      "&sort=cost&order=asc&limit=7&cursor=abc");
  ASSERT_EQ(response.status, 200) << response.body;
  const storage::RunQuery& q = store.run_query;
  EXPECT_EQ(q.project, "acme");
  EXPECT_EQ(q.agent + q.status + q.service + q.environment + q.session + q.user + q.model + q.tool +
                q.query_type + q.text + q.cursor,
            "a*errorsexumtqhelloabc");
  EXPECT_EQ(q.range.since, kTestNow - kHour);
  EXPECT_EQ(q.range.until, kTestNow - kMinute);
  EXPECT_EQ(q.duration.min, 1500 * kMillisecond);
  EXPECT_EQ(q.duration.max, 2000 * kMillisecond);
  EXPECT_EQ(q.cost.min, 0.5);
  EXPECT_EQ(q.cost.max, 2.0);
  EXPECT_EQ(q.tokens.min, 1);
  EXPECT_EQ(q.tokens.max, 2);
  EXPECT_EQ(q.steps.min, 3);
  EXPECT_EQ(q.steps.max, 4);
  EXPECT_EQ(q.sort, storage::RunSort::kCost);
  EXPECT_TRUE(q.ascending);
  EXPECT_EQ(q.limit, 7);
}

TEST_F(ApiTest, RunFiltersHaveSensibleDefaults) {
  ASSERT_EQ(Get("/api/v1/runs?agent=&min_cost=").status, 200);
  EXPECT_EQ(store.run_query.limit, 50);
  EXPECT_FALSE(store.run_query.ascending);
  EXPECT_EQ(store.run_query.sort, storage::RunSort::kStart);
  EXPECT_FALSE(store.run_query.cost.min.has_value());
  EXPECT_EQ(store.run_query.range.since, 0);
}

TEST_F(ApiTest, RefusesMalformedRunFilters) {
  for (const std::string_view query :
       {"limit=0", "limit=1001", "limit=ten", "limit=1.5", "limit=99999999999999999999",
        "status=OK", "sort=name", "order=up", "since=yesterday", "min_duration=fast",
        "min_cost=nan", "min_cost=1e999", "min_tokens=-1", "min_steps=5&max_steps=4",
        "since=2026-01-31&until=2026-01-30", "limit=1&limit=2", "q=a&q=b"}) {
    const net::HttpResponse response = Get("/api/v1/runs?" + std::string(query));
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(Code(response), "invalid_argument") << query;
  }
  EXPECT_EQ(Json(Get("/api/v1/runs?limit=0").body).Text("/error/message"),
            "cannot read parameter \"limit\": 0 is not between 1 and 1000");
}

TEST_F(ApiTest, RunsHaveStableNames) {
  store.runs = {SampleRun()};
  store.next_cursor = "next";
  EXPECT_EQ(
      Get("/api/v1/runs").body,
      "{\"runs\":[{\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\",\"root_name\":\"agent.run\","
      "\"service\":\"loans\",\"environment\":\"\",\"agent\":\"approver\",\"session\":\"s1\","
      "\"user\":\"\",\"query_type\":\"\",\"outcome\":\"\","
      "\"start\":\"2026-01-31T09:29:00.000000000Z\",\"start_unix_nano\":1769851740000000000,"
      "\"duration_ms\":1500.25,\"status\":\"ok\",\"error_message\":\"\",\"steps\":2,"
      "\"tool_calls\":0,\"retrievals\":0,\"spans\":3,\"errors\":0,"
      "\"tokens\":{\"input\":100,\"output\":20,\"total\":120},\"cost_usd\":0.25,"
      "\"models\":[\"gpt-4o\"],\"tools\":[],\"agents\":[],\"input_preview\":\"\","
      "\"output_preview\":\"\",\"completeness\":\"complete\",\"missing_parents\":0,"
      "\"clock_skewed\":0}],\"next_cursor\":\"next\",\"total\":1}\n");
  EXPECT_EQ(Json(Get("/api/v1/runs/" + std::string(kTraceHex)).body).Text("/agent"), "approver");
}

TEST_F(ApiTest, HostileNamesStayDataAndValidJson) {
  model::Run run = SampleRun();
  run.root_name = std::string("<script>alert(1)</script>") + '\0' + "\x1b[31m\xff\xc0\x80\"\\";
  run.session = "\xed\xa0\x80";
  store.runs = {run};
  const net::HttpResponse response = Get("/api/v1/runs");
  EXPECT_TRUE(IsValidUtf8(response.body));
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_TRUE(Json(response.body).Text("/runs/0/root_name").starts_with("<script>alert(1)"));
  const net::HttpResponse error = Get("/api/v1/runs?\xff<b>\x01=1");
  EXPECT_EQ(error.status, 400);
  EXPECT_TRUE(IsValidUtf8(error.body));
  EXPECT_EQ(Code(error), "invalid_argument");
}

TEST_F(ApiTest, RefusesMalformedIds) {
  for (const std::string_view id :
       {"xyz", "0af7651916cd43dd8448eb211c80319", "00000000000000000000000000000000",
        "0af7651916cd43dd8448eb211c80319g", "0af7651916cd43dd8448eb211c80319c00"}) {
    EXPECT_EQ(Get("/api/v1/runs/" + std::string(id)).status, 400) << id;
    EXPECT_EQ(Get("/api/traces/" + std::string(id)).status, 400) << id;
    EXPECT_EQ(Call("DELETE", "/api/v1/traces/" + std::string(id))->response.status, 400) << id;
  }
  EXPECT_EQ(Get("/api/v1/traces/" + std::string(kTraceHex) + "/spans/12").status, 400);
  EXPECT_EQ(store.deletes, 0);
}

// --- Sessions, deletion, status ---------------------------------------------------------------

TEST_F(ApiTest, SessionsListWithTheirTotals) {
  storage::SessionRow row;
  row.session = "s1";
  row.first = kTestNow;
  row.runs = 3;
  row.cost_usd = 1.5;
  store.sessions = {row};
  const Json page(Get("/api/v1/sessions?user=u&q=s&cursor=c&limit=3&since=1h").body);
  EXPECT_EQ(page.Text("/sessions/0/session"), "s1");
  EXPECT_EQ(page.Text("/sessions/0/first"), "2026-01-31T09:30:00.000000000Z");
  EXPECT_EQ(page.Raw("/sessions/0/last"), "null");
  EXPECT_EQ(page.Raw("/sessions/0/runs"), "3");
  EXPECT_EQ(store.session_query.user, "u");
  EXPECT_EQ(store.session_query.cursor, "c");
  EXPECT_EQ(store.session_query.limit, 3);
}

TEST_F(ApiTest, ASessionIsItsRunsInOrderAndNoOthers) {
  model::Run other = SampleRun();
  other.session = "s1*and more";
  model::Run mine = SampleRun();
  mine.session = "s1*";
  store.runs = {other, mine};
  const Json page(Get("/api/v1/sessions/s1*").body);
  EXPECT_TRUE(store.run_query.ascending);
  EXPECT_EQ(store.run_query.session, "s1*");
  EXPECT_EQ(page.Text("/runs/0/session"), "s1*");
  EXPECT_FALSE(page.Has("/runs/1"));
}

TEST_F(ApiTest, DeletesNameExactlyWhatToDelete) {
  project = "acme";
  const auto deleted = Call("DELETE", "/api/v1/traces/" + std::string(kTraceHex));
  EXPECT_EQ(deleted->response.body, "{\"deleted_traces\":2}\n");
  EXPECT_EQ(store.delete_query.project, "acme");
  ASSERT_EQ(store.delete_query.trace_ids.size(), 1u);
  EXPECT_EQ(store.delete_query.trace_ids[0].ToHex(), kTraceHex);
}

TEST_F(ApiTest, DeletesOfSessionsAndUsersNeedAnId) {
  Call("DELETE", "/api/v1/sessions/s1");
  EXPECT_EQ(store.delete_query.session, "s1");
  EXPECT_TRUE(store.delete_query.user.empty() && store.delete_query.trace_ids.empty());
  Call("DELETE", "/api/v1/users/u1");
  EXPECT_EQ(store.delete_query.user, "u1");
  EXPECT_TRUE(store.delete_query.session.empty() && store.delete_query.trace_ids.empty());
  EXPECT_EQ(Call("DELETE", "/api/v1/users/")->response.status, 400);
  EXPECT_EQ(Call("DELETE", "/api/v1/sessions/")->response.status, 400);
  EXPECT_EQ(store.deletes, 2);
}

TEST_F(ApiTest, StatusTellsVersionUptimeAndStore) {
  store.stats.spans = 12;
  clock.Advance(90 * kSecond);
  const Json status(Get("/api/v1/status").body);
  EXPECT_EQ(status.Text("/version"), "1.2.3");
  EXPECT_EQ(status.Raw("/uptime_seconds"), "90.0");
  EXPECT_EQ(status.Text("/started"), "2026-01-31T09:30:00.000000000Z");
  EXPECT_EQ(status.Raw("/store/spans"), "12");
}

TEST_F(ApiTest, HealthAndReadiness) {
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  ready = false;
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  ready = true;
  store.stats.write_error = "disk is full";
  EXPECT_EQ(Get("/readyz").status, 503);
}

TEST_F(ApiTest, MetricsCountRequestsAndIncludeExtras) {
  Get("/api/v1/runs");
  Get("/api/v1/runs?limit=0");
  const net::HttpResponse response = Get("/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  for (const std::string_view line :
       {"ao_build_info{version=\"1.2.3\",commit=\"abcdef\"} 1\n",
        "ao_api_requests_total{method=\"GET\",route=\"/api/v1/runs\",code=\"200\"} 1\n",
        "ao_api_requests_total{method=\"GET\",route=\"/api/v1/runs\",code=\"400\"} 1\n",
        "ao_storage_rows{kind=\"spans\"} 0\n", "extra 7\n", "# TYPE process_open_fds gauge\n"}) {
    EXPECT_NE(response.body.find(line), std::string::npos) << line;
  }
  // A family is announced once.
  std::istringstream lines(response.body);
  std::set<std::string> families;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    EXPECT_TRUE(families.insert(line).second) << line;
  }
}

TEST_F(ApiTest, IngestStatusShowsOnlyTheOwnProject) {
  ingest::Receipt receipt;
  receipt.project = "default";
  receipt.protocol = "otlp/http/json";
  receipt.received = kTestNow;
  receipt.shares = {{"loans", 5}};
  receipt.rejected = {{"invalid_trace_id", 2}};
  ledger.BookStored(receipt, 1);
  receipt.project = "other";
  ledger.BookStored(receipt, 0);
  ledger.BookRefused("too_large");
  const Json status(Get("/api/v1/ingest/status").body);
  EXPECT_EQ(status.Text("/sources/0/service"), "loans");
  EXPECT_FALSE(status.Has("/sources/1"));
  EXPECT_EQ(status.Raw("/totals/accepted/traces"), "5");
  EXPECT_EQ(status.Raw("/totals/rejected/traces/invalid_trace_id"), "2");
  EXPECT_EQ(status.Raw("/refused/too_large"), "1");
}

}  // namespace
}  // namespace ao::api
