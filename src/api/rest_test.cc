#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "api/testing/fixture.h"
#include "base/utf8.h"

namespace ao::api {
namespace {

const std::string kTracePath = "/api/v1/traces/" + std::string(kTraceHex);

void GiveTrace(FakeStore* store) {
  store->runs = {SampleRun()};
  store->skeleton.trace_id = *TraceId::FromHex(kTraceHex);
  store->spans = &SampleSpans;
}

// --- /api/traces ------------------------------------------------------------------------------

TEST_F(ApiTest, TheSpanListHasExactlyTheContractedShape) {
  GiveTrace(&store);
  const net::HttpResponse response = Get("/api/traces/" + std::string(kTraceHex));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(
      response.body,
      "{\"spans\":["
      "{\"name\":\"orphan\xEF\xBF\xBD\",\"spanId\":\"0000000000000003\","
      "\"parentSpanId\":\"0000000000000063\",\"startTimeUnixNano\":1769851739000000000,"
      "\"endTimeUnixNano\":1769851739000000000,\"depth\":0,\"status\":\"UNSET\","
      "\"attributes\":[]},"
      "{\"name\":\"root\",\"spanId\":\"0000000000000002\",\"parentSpanId\":\"\","
      "\"startTimeUnixNano\":1769851740000000001,\"endTimeUnixNano\":1769851742000000001,"
      "\"depth\":0,\"status\":\"OK\",\"attributes\":[]},"
      "{\"name\":\"child\",\"spanId\":\"0000000000000001\",\"parentSpanId\":\"0000000000000002\","
      "\"startTimeUnixNano\":1769851740000000001,\"endTimeUnixNano\":1769851741000000001,"
      "\"depth\":1,\"status\":\"ERROR\",\"attributes\":["
      "{\"key\":\"text\",\"value\":\"<b>\\u0001\\\"</b>\"},"
      "{\"key\":\"int\",\"value\":9007199254740993},"
      "{\"key\":\"double\",\"value\":5.0},"
      "{\"key\":\"bool\",\"value\":false},"
      "{\"key\":\"bytes\",\"value\":\"AP8=\"},"
      "{\"key\":\"list\",\"value\":\"[1,\\\"two\\\"]\"},"
      "{\"key\":\"map\",\"value\":\"{\\\"k\\\":true}\"},"
      "{\"key\":\"bad\",\"value\":\"\xEF\xBF\xBD\"},"
      "{\"key\":\"nothing\",\"value\":null}]}]}\n");
}

model::Batch SpansWithParents(const std::vector<uint64_t>& parents) {
  model::Batch batch;
  std::vector<model::Span> spans(parents.size());
  for (size_t i = 0; i < parents.size(); ++i) {
    spans[i].trace_id = *TraceId::FromHex(kTraceHex);
    spans[i].span_id = {i + 1};
    spans[i].parent_span_id = {parents[i]};
    spans[i].start = spans[i].end = 1000 + i;
  }
  batch.spans.push_back({nullptr, nullptr, batch.arena.Copy(spans)});
  return batch;
}

TEST_F(ApiTest, CyclesInTheSpanListEndSomewhere) {
  GiveTrace(&store);
  store.spans = [] { return SpansWithParents({3, 1, 2, 4, 3}); };  // 1>3>2>1, 4>4, 5>3
  const Json list(Get("/api/traces/" + std::string(kTraceHex)).body);
  std::vector<std::string> depths;
  for (int i = 0; i < 5; ++i) depths.push_back(list.Raw("/spans/" + std::to_string(i) + "/depth"));
  EXPECT_EQ(depths, (std::vector<std::string>{"2", "0", "1", "0", "2"}));
}

TEST_F(ApiTest, AVeryDeepTraceIsListed) {
  GiveTrace(&store);
  store.spans = [] {
    std::vector<uint64_t> parents;
    for (uint64_t i = 0; i < 10'000; ++i) parents.push_back(i);
    return SpansWithParents(parents);
  };
  const Json list(Get("/api/traces/" + std::string(kTraceHex)).body);
  EXPECT_EQ(list.Raw("/spans/9999/depth"), "9999");
}

// --- Skeleton and payload ---------------------------------------------------------------------

TEST_F(ApiTest, TheSkeletonIsColumnar) {
  GiveTrace(&store);
  storage::SpanSummary root;
  root.span_id = {1};
  root.start = 1'000'000'000'000'000'001;
  root.duration = 500;
  root.name = "run";
  root.op = model::Op::kAgent;
  storage::SpanSummary call = root;
  call.span_id = {2};
  call.parent_span_id = {1};
  call.start += 7;
  call.name = "llm";
  call.op = model::Op::kLlm;
  call.model = "gpt-4o";
  call.input_tokens = 10;
  store.skeleton.spans = {root, call, call};
  store.skeleton.spans[2].span_id = {3};
  store.skeleton.spans[2].parent_span_id = {77};
  const Json trace(Get(kTracePath).body);
  EXPECT_EQ(trace.Text("/trace_id"), kTraceHex);
  EXPECT_EQ(trace.Text("/run/agent"), "approver");
  EXPECT_EQ(trace.Raw("/span_count"), "3");
  EXPECT_EQ(trace.Raw("/base_unix_nano"), "1000000000000000001");
  EXPECT_EQ(trace.Raw("/columns"),
            "{\"span_id\":[\"0000000000000001\",\"0000000000000002\",\"0000000000000003\"],"
            "\"parent_span_id\":[null,\"0000000000000001\",\"000000000000004d\"],"
            "\"parent_row\":[-1,0,-1],\"start_ns\":[0,7,7],\"duration_ns\":[500,500,500],"
            "\"name\":{\"dictionary\":[\"run\",\"llm\"],\"index\":[0,1,1]},"
            "\"op\":{\"dictionary\":[\"agent\",\"llm\"],\"index\":[0,1,1]},"
            "\"kind\":{\"dictionary\":[\"unspecified\"],\"index\":[0,0,0]},"
            "\"status\":{\"dictionary\":[\"unset\"],\"index\":[0,0,0]},"
            "\"model\":{\"dictionary\":[\"\",\"gpt-4o\"],\"index\":[0,1,1]},"
            "\"input_tokens\":[null,10,10]}");
}

TEST_F(ApiTest, TheSkeletonOfTenThousandSpansIsSmall) {
  GiveTrace(&store);
  for (uint64_t i = 0; i < 10'000; ++i) {
    storage::SpanSummary span;
    span.span_id = {i + 1};
    span.parent_span_id = {i / 4};
    span.start = kTestNow + static_cast<Nanos>(i) * kMillisecond;
    span.duration = kMillisecond;
    span.name = "a rather long and always equal name of a span";
    span.service = "loans";
    store.skeleton.spans.push_back(std::move(span));
  }
  const net::HttpResponse response = Get(kTracePath);
  ASSERT_EQ(response.status, 200);
  EXPECT_LT(response.body.size(), 10'000u * 90);
  const Json trace(response.body);
  EXPECT_EQ(trace.Raw("/columns/parent_row/9999"), "2498");
  EXPECT_EQ(trace.Raw("/columns/start_ns/9999"), "9999000000");
}

TEST_F(ApiTest, ASpanIsShownWholeWithVisibleTypes) {
  GiveTrace(&store);
  const net::HttpResponse response = Get(kTracePath + "/spans/0000000000000001");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_TRUE(IsValidUtf8(response.body));
  EXPECT_NE(response.body.find("\"attributes\":{\"text\":\"<b>\\u0001\\\"</b>\","
                               "\"int\":9007199254740993,\"double\":5.0,\"bool\":false,"
                               "\"bytes\":{\"$bytes\":\"AP8=\"},\"list\":[1,\"two\"],"
                               "\"map\":{\"k\":true},\"bad\":{\"$string\":\"/w==\"},"
                               "\"nothing\":null}"),
            std::string::npos)
      << response.body;
  const Json span(response.body);
  EXPECT_EQ(span.Text("/status/code"), "error");
  EXPECT_EQ(span.Text("/status/message"), "boom");
  EXPECT_EQ(span.Text("/start"), "2026-01-31T09:29:00.000000001Z");
  EXPECT_EQ(span.Raw("/duration_ms"), "1000.0");
  EXPECT_EQ(span.Text("/parent_span_id"), "0000000000000002");
  EXPECT_EQ(span.Text("/resource/attributes/service.name"), "loans");
  EXPECT_EQ(span.Text("/scope/name"), "tracer");
  EXPECT_EQ(span.Raw("/events"), "[]");
  EXPECT_EQ(Get(kTracePath + "/spans/00000000000000ff").status, 404);
}

TEST_F(ApiTest, RepeatedAndReservedKeysKeepEveryValue) {
  GiveTrace(&store);
  store.spans = [] {
    model::Batch batch;
    const std::vector<model::KeyValue> attributes = {{"a", model::Value::Int(1)},
                                                     {"a", model::Value::Int(2)},
                                                     {"$x", model::Value::Double(NAN)}};
    const std::vector<model::KeyValue> of_event = {{"exception.type", model::Value::String("E")}};
    std::vector<model::Event> events(1);
    events[0].name = "exception";
    events[0].time = static_cast<uint64_t>(kTestNow);
    events[0].attributes = batch.arena.Copy(of_event);
    std::vector<model::Link> links(1);
    links[0].trace_id = *TraceId::FromHex(kTraceHex);
    links[0].span_id = {5};
    std::vector<model::Span> spans(1);
    spans[0].span_id = {1};
    spans[0].start = 20;
    spans[0].end = 10;
    spans[0].attributes = batch.arena.Copy(attributes);
    spans[0].events = batch.arena.Copy(events);
    spans[0].links = batch.arena.Copy(links);
    batch.spans.push_back({nullptr, nullptr, batch.arena.Copy(spans)});
    return batch;
  };
  const Json span(Get(kTracePath + "/spans/0000000000000001").body);
  EXPECT_EQ(span.Raw("/attributes"),
            "{\"$map\":[[\"a\",1],[\"a\",2],[\"$x\",{\"$double\":\"NaN\"}]]}");
  EXPECT_EQ(span.Text("/events/0/attributes/exception.type"), "E");
  EXPECT_EQ(span.Text("/links/0/span_id"), "0000000000000005");
  EXPECT_EQ(span.Raw("/duration_ms"), "0.0");
  EXPECT_EQ(span.Raw("/resource"), "null");
}

TEST_F(ApiTest, TheSummaryIsTextAndOnRequestJson) {
  GiveTrace(&store);
  storage::SpanSummary root;
  root.span_id = {1};
  root.start = kTestNow;
  root.duration = 1840 * kMillisecond;
  root.name = "agent.run";
  storage::SpanSummary call = root;
  call.span_id = {2};
  call.parent_span_id = {1};
  call.start += 1;
  call.duration = 812 * kMillisecond;
  call.name = "llm.call";
  call.model = "gpt-4o";
  call.input_tokens = 1500;
  call.output_tokens = 30;
  storage::SpanSummary tool = call;
  tool.span_id = {3};
  tool.start += 1;
  tool.name = "tool.call\nforged (0 ms)";
  tool.model.clear();
  tool.tool_name = "lookup";
  tool.input_tokens.reset();
  tool.output_tokens.reset();
  tool.status = model::StatusCode::kError;
  tool.error_type = "TimeoutError";
  store.skeleton.spans = {root, call, tool};
  const net::HttpResponse text = Get(kTracePath + "/summary");
  EXPECT_EQ(text.content_type, "text/plain; charset=utf-8");
  EXPECT_TRUE(
      text.body.starts_with("agent.run (1840 ms)\n"
                            "  llm.call (812 ms) model=gpt-4o tokens=1530\n"))
      << text.body;
  EXPECT_EQ(std::count(text.body.begin(), text.body.end(), '\n'), 3) << text.body;
  for (const net::HttpResponse& json :
       {Get(kTracePath + "/summary?format=json"),
        Get(kTracePath + "/summary", {{"accept", "application/json"}})}) {
    const Json summary(json.body);
    EXPECT_EQ(summary.Text("/text"), text.body);
    EXPECT_EQ(summary.Raw("/spans/1/depth"), "1");
    EXPECT_EQ(summary.Text("/spans/1/model"), "gpt-4o");
    EXPECT_EQ(summary.Raw("/spans/1/tokens"), "1530");
    EXPECT_EQ(summary.Text("/spans/2/error_type"), "TimeoutError");
    EXPECT_EQ(summary.Raw("/spans/0/tokens"), "null");
  }
  const net::HttpResponse forced =
      Get(kTracePath + "/summary?format=text", {{"accept", "application/json"}});
  EXPECT_EQ(forced.body, text.body);
  EXPECT_EQ(Get(kTracePath + "/summary?format=xml").status, 400);
}

// --- Logs -------------------------------------------------------------------------------------

model::Batch SampleLogs() {
  model::Batch batch;
  batch.signal = model::Signal::kLogs;
  std::vector<model::LogRecord> logs(2);
  logs[0].observed_time = static_cast<uint64_t>(kTestNow);
  logs[0].severity_number = 17;
  logs[0].body = model::Value::String("<i>it broke</i>");
  logs[0].trace_id = *TraceId::FromHex(kTraceHex);
  logs[1].time = static_cast<uint64_t>(kTestNow + 1);
  logs[1].severity_number = 99;
  batch.logs.push_back({nullptr, nullptr, batch.arena.Copy(logs)});
  return batch;
}

TEST_F(ApiTest, LogsAreListedAsTheyWereSent) {
  store.logs = &SampleLogs;
  store.next_cursor = "more";
  const Json page(
      Get("/api/v1/logs?severity=warn&service=s&q=broke&event_name=e&cursor=c&trace_id=" +
          std::string(kTraceHex) + "&span_id=00000000000000aa")
          .body);
  EXPECT_EQ(page.Text("/logs/0/body"), "<i>it broke</i>");
  EXPECT_EQ(page.Text("/logs/0/severity"), "error");
  EXPECT_EQ(page.Text("/logs/0/time"), "2026-01-31T09:30:00.000000000Z");
  EXPECT_EQ(page.Text("/logs/1/severity"), "");
  EXPECT_EQ(page.Raw("/logs/1/trace_id"), "null");
  EXPECT_EQ(page.Text("/next_cursor"), "more");
  EXPECT_EQ(store.log_query.min_severity, 13);
  EXPECT_EQ(store.log_query.text, "broke");
  EXPECT_EQ(store.log_query.cursor, "c");
  EXPECT_EQ(store.log_query.span_id.value, 0xaau);
  EXPECT_FALSE(store.log_query.ascending);
}

TEST_F(ApiTest, LogsOfATraceAreInOrderOfTime) {
  EXPECT_EQ(Get(kTracePath + "/logs").status, 200);
  EXPECT_EQ(store.log_query.trace_id.ToHex(), kTraceHex);
  EXPECT_TRUE(store.log_query.ascending);
  EXPECT_EQ(Get(kTracePath + "/logs?severity=loud").status, 400);
}

// --- Scores -----------------------------------------------------------------------------------

TEST_F(ApiTest, ScoresTakeTheKindThatTheirValueSuggests) {
  const std::string target = "\"trace_id\":\"" + std::string(kTraceHex) + "\",\"name\":\"n\"";
  const std::pair<std::string, std::string> cases[] = {
      {"true", "\"thumbs\",\"value\":true"},
      {"\"down\"", "\"thumbs\",\"value\":false"},
      {"0.5", "\"numeric\",\"value\":0.5"},
      {"3", "\"numeric\",\"value\":3.0"},
      {"\"good\"", "\"categorical\",\"value\":\"good\""},
  };
  for (const auto& [value, expected] : cases) {
    const net::HttpResponse response =
        Post("/api/v1/scores", "{" + target + ",\"value\":" + value + "}");
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_NE(response.body.find("\"kind\":" + expected), std::string::npos) << response.body;
  }
  const net::HttpResponse text =
      Post("/api/v1/scores", "{" + target + ",\"kind\":\"text\",\"value\":\"why\"}");
  EXPECT_EQ(Json(text.body).Text("/kind"), "text");
  EXPECT_EQ(store.scores.back().source, "api");
  EXPECT_EQ(store.scores.back().time, kTestNow);
}

TEST_F(ApiTest, ScoresKeepEverythingThatWasGiven) {
  project = "acme";
  const net::HttpResponse response =
      Post("/api/v1/scores",
           R"({"id":"x","session":"s","name":"n","kind":"numeric","value":-2,"comment":"<c>",)"
           R"("source":"user","time":"2026-01-31T00:00:00Z"})");
  ASSERT_EQ(response.status, 200) << response.body;
  const storage::Score& score = store.scores.at(0);
  EXPECT_EQ(score.project, "acme");
  EXPECT_EQ(score.id + score.session + score.comment + score.source, "xs<c>user");
  EXPECT_EQ(score.number, -2);
  EXPECT_TRUE(score.trace_id.empty());
  EXPECT_EQ(score.time, kTestNow - 9 * kHour - 30 * kMinute);
}

TEST_F(ApiTest, RefusesScoresThatMakeNoSense) {
  const std::string id(kTraceHex);
  const std::string long_name(201, 'n');
  for (const std::string& body :
       {std::string(),
        std::string("{"),
        std::string("[]"),
        std::string("null"),
        std::string(R"({"name":"n","value":1})"),
        std::string(R"({"name":"n","value":1,"span_id":"00000000000000aa","session":"s"})"),
        std::string(R"({"name":"n","value":1,"trace_id":"12"})"),
        std::string(R"({"name":"n","value":1,"trace_id":7})"),
        std::string(R"({"value":1,"session":"s"})"),
        std::string(R"({"name":"n","session":"s"})"),
        std::string(R"({"name":"n","session":"s","value":null})"),
        std::string(R"({"name":"n","session":"s","value":[1]})"),
        std::string(R"({"name":"n","session":"s","value":"x","kind":"numeric"})"),
        std::string(R"({"name":"n","session":"s","value":2,"kind":"thumbs"})"),
        std::string(R"({"name":"n","session":"s","value":1,"kind":"text"})"),
        std::string(R"({"name":"n","session":"s","value":"","kind":"text"})"),
        std::string(R"({"name":"n","session":"s","value":1,"kind":"stars"})"),
        std::string(R"({"name":"n","session":"s","value":1,"time":"soon"})"),
        std::string(R"({"name":"n","name":"m","session":"s","value":1})"),
        std::string("{\"name\":\"\xff\",\"session\":\"s\",\"value\":1}"),
        R"({"session":"s","value":1,"name":")" + long_name + "\"}",
        std::string(2 << 20, ' ')}) {
    const net::HttpResponse response = Post("/api/v1/scores", body);
    EXPECT_EQ(response.status, 400) << body.substr(0, 100);
    EXPECT_EQ(Json(response.body).Text("/error/code"), "invalid_argument");
  }
  EXPECT_TRUE(store.scores.empty());
  EXPECT_EQ(Json(Post("/api/v1/scores", R"({"nmae":"n"})").body).Text("/error/hint"),
            "did you mean \"name\"?");
}

TEST_F(ApiTest, ScoresAreFound) {
  EXPECT_EQ(
      Get("/api/v1/scores?name=n&session=s&limit=5&cursor=c&trace_id=" + std::string(kTraceHex))
          .status,
      200);
  EXPECT_EQ(store.score_query.name + store.score_query.session + store.score_query.cursor, "nsc");
  EXPECT_EQ(store.score_query.limit, 5);
  EXPECT_EQ(store.score_query.trace_id.ToHex(), kTraceHex);
}

// --- SQL --------------------------------------------------------------------------------------

storage::SqlResult SampleResult() {
  storage::SqlResult result;
  result.columns = {{"a", "VARCHAR"}, {"a", "DOUBLE"}, {"b,c", "VARCHAR"}};
  result.rows = {R"(["x, \"y\"\n",1.5,null])", R"(["",2,"[1,\"]\"]"])", R"([[1,{"k":"]"}],3,"z"])"};
  result.elapsed = 2 * kMillisecond;
  return result;
}

TEST_F(ApiTest, SqlAnswersAsJson) {
  project = "acme";
  store.sql = SampleResult();
  store.sql.truncated = true;
  const Json result(Post("/api/v1/sql?limit=3&timeout=5s", R"({"query": "SELECT 1"})").body);
  EXPECT_EQ(store.sql_request.text, "SELECT 1");
  EXPECT_EQ(store.sql_request.project, "acme");
  EXPECT_EQ(store.sql_request.max_rows, 3);
  EXPECT_EQ(store.sql_request.timeout, 5 * kSecond);
  EXPECT_EQ(result.Raw("/columns/1"), R"({"name":"a","type":"DOUBLE"})");
  EXPECT_EQ(result.Raw("/rows/1/1"), "2");
  EXPECT_EQ(result.Raw("/truncated"), "true");
  EXPECT_EQ(result.Raw("/elapsed_ms"), "2.0");
}

TEST_F(ApiTest, SqlComesAsTextTooAndByGet) {
  Post("/api/v1/sql", "SELECT 2");
  EXPECT_EQ(store.sql_request.text, "SELECT 2");
  Get("/api/v1/sql?q=SELECT 3");
  EXPECT_EQ(store.sql_request.text, "SELECT 3");
}

TEST_F(ApiTest, SqlAnswersAsCsvAndJsonLines) {
  store.sql = SampleResult();
  const net::HttpResponse csv = Get("/api/v1/sql?q=SELECT 1&format=csv");
  EXPECT_EQ(csv.content_type, "text/csv; charset=utf-8");
  EXPECT_EQ(csv.body,
            "a,a,\"b,c\"\r\n\"x, \"\"y\"\"\n\",1.5,\r\n\"\",2,\"[1,\"\"]\"\"]\"\r\n"
            "\"[1,{\"\"k\"\":\"\"]\"\"}]\",3,z\r\n");
  const net::HttpResponse lines = Get("/api/v1/sql?q=SELECT 1&format=jsonl");
  EXPECT_EQ(lines.body,
            "{\"a\":\"x, \\\"y\\\"\\n\",\"a_2\":1.5,\"b,c\":null}\n"
            "{\"a\":\"\",\"a_2\":2,\"b,c\":\"[1,\\\"]\\\"]\"}\n"
            "{\"a\":[1,{\"k\":\"]\"}],\"a_2\":3,\"b,c\":\"z\"}\n");
}

TEST_F(ApiTest, RefusesSqlRequestsWithoutAQuery) {
  for (const std::string_view body :
       {"", " \n", ";", "{}", R"({"query":5})", R"({"sql":"x"})", "{"}) {
    EXPECT_EQ(Post("/api/v1/sql", std::string(body)).status, 400) << body;
  }
  EXPECT_EQ(Get("/api/v1/sql").status, 400);
  EXPECT_EQ(Get("/api/v1/sql?q=SELECT 1&format=xml").status, 400);
  EXPECT_EQ(Get("/api/v1/sql?q=SELECT 1&timeout=1h").status, 400);
  EXPECT_EQ(Post("/api/v1/sql?q=SELECT 1", "SELECT 2").status, 400);
  EXPECT_EQ(store.sql_calls, 0);
}

// --- Export -----------------------------------------------------------------------------------

TEST_F(ApiTest, ExportStreamsALinePerBatch) {
  store.exported = {&SampleSpans, &SampleSpans};
  const auto reply = Call("GET", "/api/v1/export?signal=traces&since=1h&until=now");
  ASSERT_NE(reply->stream, nullptr);
  EXPECT_TRUE(reply->stream->AwaitFinish());
  EXPECT_EQ(reply->response.content_type, "application/x-ndjson");
  std::istringstream lines(reply->stream->text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(Json(line).Has("/resourceSpans/0/scopeSpans/0/spans/0/spanId"));
  }
  EXPECT_EQ(count, 2);
  EXPECT_EQ(store.export_query.range.since, kTestNow - kHour);
  EXPECT_EQ(store.export_query.range.until, kTestNow);
}

TEST_F(ApiTest, AnExportThatFailsSaysSo) {
  store.export_failure = Corruption("cannot read segment 7: bad checksum");
  EXPECT_EQ(Get("/api/v1/export?signal=logs").status, 500);
  EXPECT_EQ(store.export_query.signal, model::Signal::kLogs);
  store.exported = {&SampleSpans};
  const auto reply = Call("GET", "/api/v1/export");
  ASSERT_NE(reply->stream, nullptr);
  const std::string text = reply->stream->text();
  const size_t second = text.find('\n') + 1;
  EXPECT_EQ(Json(text.substr(second)).Text("/error/code"), "corruption");
  EXPECT_EQ(Get("/api/v1/export?signal=profiles").status, 400);
  EXPECT_EQ(Get("/api/v1/export?since=now&until=1h").status, 400);
}

// --- Live runs --------------------------------------------------------------------------------

TEST_F(ApiTest, LiveRunsArriveAsEvents) {
  const auto reply = Call("GET", "/api/v1/live/runs");
  ASSERT_NE(reply->stream, nullptr);
  EXPECT_EQ(reply->response.content_type, "text/event-stream");
  live.Publish(SampleRun());
  ASSERT_TRUE(reply->stream->AwaitText("event: run\ndata: {\"trace_id\":\"0af7"));
  ASSERT_TRUE(reply->stream->AwaitText("}\n\n"));
  live.Beat();
  EXPECT_TRUE(reply->stream->AwaitText(": heartbeat\n\n"));
  live.Close();
  EXPECT_TRUE(reply->stream->AwaitFinish());
  EXPECT_TRUE(reply->stream->AwaitText(": closed\n\n"));
}

TEST_F(ApiTest, ASlowLiveReaderIsDroppedWithAWord) {
  const auto reply = Call("GET", "/api/v1/live/runs");
  reply->stream->Block(true);
  model::Run run = SampleRun();
  live.Publish(run);
  ASSERT_TRUE(reply->stream->AwaitWriter());  // the first run is stuck; two more fit the queue
  for (uint8_t i = 1; i <= 3; ++i) {
    run.trace_id.bytes[0] = i;
    live.Publish(run);
  }
  EXPECT_EQ(live.stats().dropped_subscribers, 1u);
  reply->stream->Block(false);
  EXPECT_TRUE(reply->stream->AwaitFinish());
  EXPECT_NE(reply->stream->text().find(": dropped, this reader is too slow"), std::string::npos);
  EXPECT_NE(Get("/metrics").body.find("ao_live_dropped_subscribers_total 1\n"), std::string::npos);
}

TEST_F(ApiTest, ALiveReaderThatLeavesFreesItsPlace) {
  const auto first = Call("GET", "/api/v1/live/runs");
  const auto second = Call("GET", "/api/v1/live/runs");
  const auto third = Call("GET", "/api/v1/live/runs");
  EXPECT_EQ(third->response.status, 503);
  first->stream->Disconnect();
  live.Beat();
  ASSERT_TRUE(first->stream->AwaitFinish());
  // The thread lets go of the subscription right after it finished the stream.
  while (live.stats().subscribers > 1) std::this_thread::yield();
  EXPECT_EQ(Call("GET", "/api/v1/live/runs")->response.status, 200);
}

TEST_F(ApiTest, HostileRunsCannotForgeEvents) {
  const auto reply = Call("GET", "/api/v1/live/runs");
  model::Run run = SampleRun();
  run.root_name = "x\n\nevent: forged\ndata: {}\r\n\r\n";
  live.Publish(run);
  ASSERT_TRUE(reply->stream->AwaitText("\"clock_skewed\":0}\n\n"));
  EXPECT_EQ(reply->stream->text().find("\nevent: forged"), std::string::npos);
}

}  // namespace
}  // namespace ao::api
