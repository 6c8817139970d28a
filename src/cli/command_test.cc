// The commands that talk to a server, against a client that answers from a list.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fake_io.h"
#include "cli/json.h"
#include "cli/sample_run.h"

namespace ao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRunPage = R"({"runs":[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",
  "root_name":"answer","service":"shop","agent":"support","start":"2026-01-31T09:55:00.000000000Z",
  "start_unix_nano":1769853300000000000,"duration_ms":1234.5,"status":"error",
  "error_message":"timed out","steps":3,"tool_calls":2,"spans":9,"errors":1,
  "tokens":{"input":1000,"output":234,"total":1234},"cost_usd":0.0123,
  "models":["gpt-4o","gpt-4o-mini"],"outcome":"","session":"s1","user":"",
  "input_preview":"where is\nmy order"}],"next_cursor":null,"total":1})";

std::string TempPath(const std::string& name) { return ::testing::TempDir() + "cli-" + name; }

TEST(RunsCommandTest, TerminalShowsShortValues) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  terminal.io.width = 160;
  terminal.http.Answer(200, kRunPage);
  EXPECT_EQ(terminal.Run({"runs", "--color", "never"}), kExitOk) << terminal.err.str();
  EXPECT_EQ(terminal.out.str(),
            "RUN       STARTED  STATUS   TOOK  NAME    AGENT    STEPS  TOOLS  TOKENS     COST  "
            "SPANS  ERRORS  MODELS              INPUT\n"
            "4bf92f35   5m ago  error   1.23s  answer  support      3      2    1.2k  $0.0123  "
            "    9       1  gpt-4o,gpt-4o-mini  where is my order\n");
}

TEST(RunsCommandTest, PipeGetsFullValues) {
  FakeTerminal terminal;
  terminal.http.Answer(200, kRunPage);
  EXPECT_EQ(terminal.Run({"runs"}), kExitOk);
  EXPECT_THAT(terminal.out.str(), HasSubstr("\n4bf92f3577b34da6a3ce929d0e0e4736\t"
                                            "2026-01-31T09:55:00.000000000Z\terror\t1234.5\t"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("\twhere is\\nmy order\ttimed out\n"));
  EXPECT_EQ(terminal.err.str(), "");
}

TEST(RunsCommandTest, FiltersBecomeParameters) {
  FakeTerminal terminal;
  terminal.io.environment = {{"OBSERVATORY_URL", "https://obs.example/"},
                             {"OBSERVATORY_API_KEY", "k1"}};
  terminal.http.Answer(200, R"({"runs":[],"next_cursor":null,"total":0})");
  EXPECT_EQ(terminal.Run({"runs", "--agent", "a b&c", "--min-duration", "2s", "--query-type", "q",
                          "--since", "7d", "-n", "5"}),
            kExitOk);
  const ClientRequest& request = terminal.http.requests.at(0);
  EXPECT_EQ(request.url,
            "https://obs.example/api/v1/runs?since=7d&sort=start&order=desc&agent=a%20b%26c"
            "&query_type=q&min_duration=2s&limit=5");
  EXPECT_THAT(request.headers, ::testing::Contains(::testing::Pair("authorization", "Bearer k1")));
}

TEST(RunsCommandTest, PagesUntilTheLimit) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"runs":[{"trace_id":"a"}],"next_cursor":"c1","total":9})");
  terminal.http.Answer(200, R"({"runs":[{"trace_id":"b"}],"next_cursor":"c2","total":9})");
  EXPECT_EQ(terminal.Run({"runs", "-n", "2", "--json"}), kExitOk);
  EXPECT_EQ(terminal.out.str(), "[{\"trace_id\":\"a\"},{\"trace_id\":\"b\"}]\n");
  EXPECT_THAT(terminal.http.requests.at(1).url, HasSubstr("limit=1&cursor=c1"));
}

TEST(RunsCommandTest, NothingFoundIsFineUnlessAsked) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"runs":[],"next_cursor":null,"total":0})");
  EXPECT_EQ(terminal.Run({"runs", "--json"}), kExitOk);
  EXPECT_EQ(terminal.out.str(), "[]\n");
  terminal.http.Answer(200, R"({"runs":[],"next_cursor":null,"total":0})");
  EXPECT_EQ(terminal.Run({"runs", "--fail-empty"}), kExitNothingFound);
}

TEST(ErrorTest, ExitCodesAndMessagesFollowTheServer) {
  const auto run = [](int status, std::string body) {
    FakeTerminal terminal;
    terminal.http.Answer(status, std::move(body));
    const int code = terminal.Run({"runs"});
    return std::pair(code, terminal.err.str());
  };
  EXPECT_EQ(
      run(401,
          R"({"error":{"code":"unauthenticated","message":"cannot authenticate: no API key","hint":"do x"}})"),
      std::pair(kExitAuth, std::string("error: cannot authenticate: no API key\nhint: do x\n")));
  EXPECT_EQ(run(403, "").first, kExitAuth);
  EXPECT_EQ(run(400, R"({"error":{"message":"cannot read since"}})").first, kExitUsage);
  EXPECT_EQ(run(500, "oops"),
            std::pair(kExitFailure, std::string("error: the server answered 500\n")));
  const auto html = run(200, "<html>");
  EXPECT_EQ(html.first, kExitFailure);
  EXPECT_THAT(html.second, HasSubstr("is --server the address of an observatory?"));
}

TEST(ErrorTest, UnreachableServerSaysWhatToDo) {
  auto client = NewHttpClient();
  ClientRequest request;
  request.url = "http://127.0.0.1:1/api/v1/runs";
  const auto response = client->Send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.status().message(), "cannot reach http://127.0.0.1:1: connection refused");
  EXPECT_THAT(response.status().hint(), HasSubstr("observatory serve"));
  request.url = "ftp://127.0.0.1/";
  EXPECT_EQ(client->Send(request).status().code(), StatusCode::kInvalidArgument);
}

TEST(RunShowCommandTest, ShortIdsAreResolved) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  terminal.http.Answer(200, kRunPage);
  terminal.http.Answer(200, R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",
    "run":{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","root_name":"answer","status":"ok",
           "start_unix_nano":1769853300000000000,"duration_ms":1000,"spans":1,"service":"shop",
           "input_preview":"hello"},
    "columns":{"span_id":["00f067aa0ba902b7"],"parent_row":[-1],"start_ns":[0],
               "duration_ns":[1000000000],"name":{"dictionary":["answer"],"index":[0]},
               "op":{"dictionary":["agent"],"index":[0]}}})");
  EXPECT_EQ(terminal.Run({"run", "show", "4BF9", "--color", "never"}), kExitOk)
      << terminal.err.str();
  EXPECT_EQ(terminal.http.requests.at(1).url,
            "http://localhost:4318/api/v1/traces/4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_THAT(terminal.out.str(), HasSubstr("answer  ok  1.00s\n"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("input: hello\n"));
  EXPECT_THAT(terminal.out.str(), HasSubstr("█████"));
}

constexpr const char* kLlmTrace = R"({"run":{"root_name":"answer","status":"ok"},
    "columns":{"span_id":["00f067aa0ba902b7"],"parent_row":[-1],"start_ns":[0],
               "duration_ns":[1000000000],"name":{"dictionary":["chat"],"index":[0]},
               "op":{"dictionary":["llm"],"index":[0]}}})";
constexpr const char* kMessages = R"({"messages":{"input":[
      {"role":"system","parts":[{"type":"text","text":"be kind"}]},
      {"role":"user","parts":[{"type":"text","text":"one\ntwo\nthree\nfour\u001b[31m"}]},
      {"role":"assistant","parts":[{"type":"reasoning","text":"hmm"},
         {"type":"tool_call","name":"search","arguments":"{\"q\":1}"}]},
      {"role":"tool","parts":[{"type":"tool_result","name":"search","result":"42"}]}],
    "output":[{"role":"assistant","parts":[{"type":"text","text":"It is 42."},
         {"type":"image","uri":"http://x/y.png"}]}]}})";
constexpr const char* kTrace32 = "4bf92f3577b34da6a3ce929d0e0e4736";

TEST(RunShowCommandTest, TheConversationStandsBelowTheTree) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  terminal.http.Answer(200, kLlmTrace);
  terminal.http.Answer(200, kMessages);
  EXPECT_EQ(terminal.Run({"run", "show", kTrace32, "--color", "never"}), kExitOk);
  EXPECT_THAT(terminal.http.requests.at(1).url, HasSubstr("/spans/00f067aa0ba902b7"));
  EXPECT_THAT(terminal.out.str(),
              HasSubstr("\n\nsystem\n  be kind\nuser\n  one\n  two\n  three\n  \xE2\x80\xA6\n"
                        "assistant\n  (thinks) hmm\n  calls search({\"q\":1})\n"
                        "tool\n  search returned 42\n"
                        "assistant\n  It is 42.\n  [image http://x/y.png]\n"));
}

TEST(RunShowCommandTest, TheWholeConversationInAPipe) {
  FakeTerminal terminal;
  terminal.http.Answer(200, kLlmTrace);
  terminal.http.Answer(200, kMessages);
  EXPECT_EQ(terminal.Run({"run", "show", kTrace32, "--conversation"}), kExitOk);
  EXPECT_THAT(terminal.out.str(), HasSubstr("  three\n  four[31m\n"));
  terminal.http.Answer(200, kLlmTrace);
  terminal.http.Answer(200, "{}");
  EXPECT_EQ(terminal.Run({"run", "show", kTrace32, "--conversation"}), kExitOk);
  EXPECT_THAT(terminal.err.str(), HasSubstr("no call of this run has its messages stored"));
}

TEST(RunsCommandTest, AQueryMayBeOneArgumentOrSeveral) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"runs":[],"next_cursor":null,"total":0})");
  EXPECT_EQ(terminal.Run({"runs", "agent:a", "cost>0.1", "\"b c\""}), kExitOk);
  EXPECT_THAT(terminal.http.requests.at(0).url,
              HasSubstr("since=1h&query=agent%3Aa%20cost%3E0.1%20%22b%20c%22"));
  terminal.http.Answer(200, R"({"runs":[],"next_cursor":null,"total":0})");
  EXPECT_EQ(terminal.Run({"runs", "agent:a since:7d"}), kExitOk);
  EXPECT_THAT(terminal.http.requests.at(1).url, Not(HasSubstr("since=1h")));
}

TEST(RunShowCommandTest, AmbiguousAndUnknownIdsAreErrors) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"runs":[{"trace_id":"abcd1"},{"trace_id":"abcd2"}]})");
  EXPECT_EQ(terminal.Run({"run", "show", "abcd"}), kExitUsage);
  EXPECT_THAT(terminal.err.str(), HasSubstr("abcd1 and abcd2"));
  terminal.http.Answer(200, R"({"runs":[]})");
  EXPECT_EQ(terminal.Run({"run", "show", "abcd"}), kExitNothingFound);
  EXPECT_EQ(terminal.Run({"run", "show", "not-hex"}), kExitUsage);
}

TEST(LogsCommandTest, NewestComeLast) {
  FakeTerminal terminal;
  terminal.io.out_is_tty = true;
  terminal.http.Answer(200, R"({"logs":[
    {"time_unix_nano":1769853300500000000,"severity":"error","severity_number":17,"service":"shop",
     "body":"second","attributes":{"k":"v"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"},
    {"time_unix_nano":1769853300000000000,"severity":"info","severity_number":9,"service":"shop",
     "body":{"a":1},"attributes":{}}],"next_cursor":null})");
  EXPECT_EQ(terminal.Run({"logs", "--color", "never"}), kExitOk) << terminal.err.str();
  EXPECT_EQ(terminal.out.str(),
            "09:55:00.000 INFO  shop  {\"a\":1}\n"
            "09:55:00.500 ERROR shop  second k=v run=4bf92f35\n");
}

TEST(TailCommandTest, PrintsEndedRunsAndReconnects) {
  FakeTerminal terminal;
  const std::string live = "event: run\ndata: {\"trace_id\":\"a\",\"status\":\"live\"}\n\n";
  const std::string ended = "event: run\ndata: {\"trace_id\":\"a\",\"status\":\"ok\"}\n\n";
  terminal.http.Answer(200, ": connected\n\n" + live + ended);
  terminal.http.Fail(Unavailable("cannot reach http://localhost:4318: connection refused"));
  terminal.http.Answer(200, ended);
  EXPECT_EQ(terminal.Run({"tail", "--json", "-n", "2"}), kExitOk) << terminal.err.str();
  const std::string line = "{\"trace_id\":\"a\",\"status\":\"ok\"}\n";
  EXPECT_EQ(terminal.out.str(), line + line);
  EXPECT_THAT(terminal.err.str(), HasSubstr("reconnecting to http://localhost:4318"));
}

TEST(TailCommandTest, LogsAreNotPrintedTwice) {
  FakeTerminal terminal;
  const std::string a = R"({"time_unix_nano":1769853600000000000,"body":"a"})";
  const std::string b = R"({"time_unix_nano":1769853601000000000,"body":"b"})";
  terminal.http.Answer(200, "{\"logs\":[" + a + "],\"next_cursor\":null}");
  terminal.http.Answer(200, "{\"logs\":[" + a + "," + b + "],\"next_cursor\":null}");
  EXPECT_EQ(terminal.Run({"tail", "logs", "--json", "-n", "2"}), kExitOk) << terminal.err.str();
  EXPECT_EQ(terminal.out.str(), a + "\n" + b + "\n");
}

constexpr const char* kSqlResult = R"({"columns":[{"name":"model","type":"VARCHAR"},
  {"name":"n","type":"BIGINT"}],"rows":[["gpt, 4o",12],[null,3]],"truncated":true,"elapsed_ms":4})";

TEST(SqlCommandTest, EveryFormat) {
  const auto run = [](std::vector<std::string> words) {
    FakeTerminal terminal;
    terminal.http.Answer(200, kSqlResult);
    EXPECT_EQ(terminal.Run(words), kExitOk) << terminal.err.str();
    EXPECT_THAT(terminal.err.str(), HasSubstr("cut off after 2 rows"));
    return terminal.out.str();
  };
  EXPECT_EQ(run({"sql", "SELECT 1"}), "model\tn\ngpt, 4o\t12\n\t3\n");
  EXPECT_EQ(run({"sql", "SELECT 1", "--format", "csv"}), "model,n\r\n\"gpt, 4o\",12\r\n,3\r\n");
  EXPECT_EQ(run({"sql", "SELECT 1", "--json"}),
            "[{\"model\":\"gpt, 4o\",\"n\":12},{\"model\":null,\"n\":3}]\n");
  EXPECT_EQ(run({"sql", "SELECT 1", "--format", "table"}),
            "model     n\ngpt, 4o  12\nNULL      3\n");
}

TEST(SqlCommandTest, QueryMayComeFromStandardInput) {
  FakeTerminal terminal;
  terminal.in.str("SELECT \"x\"");
  terminal.http.Answer(200, kSqlResult);
  EXPECT_EQ(terminal.Run({"sql"}), kExitOk);
  EXPECT_EQ(terminal.http.requests.at(0).body, R"({"query":"SELECT \"x\""})");
}

constexpr const char* kCost = R"({"group":["agent"],"total":{"usd":0.5,"runs":2},"groups":[
  {"key":{"agent":"lead"},"usd":0.375,"default_price_usd":0.0,"runs":2,"calls":4,
   "input_tokens":1000,"output_tokens":200,"cache_read_tokens":0,
   "usd_per_run":{"mean":0.1875,"p50":0.125,"p95":0.25},"share":0.75,"delegated_usd":0.125}]})";

TEST(CostCommandTest, PrintsGroupsWithFullValuesInAPipe) {
  FakeTerminal terminal;
  terminal.http.Answer(200, kCost);
  EXPECT_EQ(terminal.Run({"cost", "--since", "7d", "--model", "gpt-4o*"}), kExitOk)
      << terminal.err.str();
  EXPECT_THAT(terminal.http.requests.at(0).url,
              HasSubstr("/api/v1/cost?since=7d&group=agent&limit=100&model=gpt-4o%2A"));
  EXPECT_EQ(terminal.out.str(),
            "agent\tusd\tshare\truns\tusd_per_run_mean\tusd_per_run_p50\tusd_per_run_p95\tcalls"
            "\tinput_tokens\toutput_tokens\tcache_read_tokens\tdefault_price_usd\tdelegated_usd\n"
            "lead\t0.375\t0.7500\t2\t0.1875\t0.125\t0.25\t4\t1000\t200\t0\t0\t0.125\n");
}

TEST(CostCommandTest, NothingUsedIsNothingFound) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"group":["agent"],"total":{"runs":0},"groups":[]})");
  EXPECT_EQ(terminal.Run({"cost", "--fail-empty"}), kExitNothingFound);
}

TEST(PriceCommandsTest, SetSendsThePriceAsGiven) {
  FakeTerminal terminal;
  terminal.http.Answer(200, R"({"row":"override/m*","prices":{"input_mtok":0.5}})");
  EXPECT_EQ(terminal.Run({"cost", "prices", "set", "m*", "--input", "0.5", "--provider", "azure",
                          "--price", "web_searches_kcount=10"}),
            kExitOk)
      << terminal.err.str();
  EXPECT_EQ(terminal.http.requests.at(0).method, "PUT");
  EXPECT_EQ(terminal.http.requests.at(0).body,
            R"({"model":"m*","provider":"azure","prices":{"input_mtok":0.5,)"
            R"("web_searches_kcount":10.0}})");
  EXPECT_THAT(terminal.err.str(), HasSubstr("set override/m*: input_mtok 0.5"));
}

TEST(PriceCommandsTest, SetRefusesWhatIsNoPrice) {
  FakeTerminal terminal;
  EXPECT_NE(terminal.Run({"cost", "prices", "set", "m", "--input", "cheap"}), kExitOk);
  EXPECT_THAT(terminal.err.str(), HasSubstr("'cheap' is not a number"));
  FakeTerminal other;
  EXPECT_NE(other.Run({"cost", "prices", "set", "m"}), kExitOk);
  EXPECT_THAT(other.err.str(), HasSubstr("none is given"));
}

TEST(ExportCommandTest, PassesLinesOnAndReportsABrokenEnd) {
  FakeTerminal terminal;
  terminal.http.Answer(200, "{\"resourceSpans\":[]}\n{\"resourceSpans\":[1]}\n");
  EXPECT_EQ(terminal.Run({"export", "--signal", "traces"}), kExitOk) << terminal.err.str();
  EXPECT_EQ(terminal.out.str(), "{\"resourceSpans\":[]}\n{\"resourceSpans\":[1]}\n");
  terminal.http.Answer(200, "{\"resourceSpans\":[]}\n{\"error\":{\"message\":\"disk on fire\"}}\n");
  EXPECT_EQ(terminal.Run({"export", "--signal", "traces"}), kExitFailure);
  EXPECT_EQ(terminal.out.str(), "{\"resourceSpans\":[]}\n");
  EXPECT_THAT(terminal.err.str(), HasSubstr("cannot export everything: disk on fire"));
  terminal.http.Answer(200, "{\"resourceSpans\":[]}\n{\"resour");
  EXPECT_EQ(terminal.Run({"export", "--signal", "traces"}), kExitFailure);
  EXPECT_THAT(terminal.err.str(), HasSubstr("cut off"));
}

TEST(ExportCommandTest, DirectoryGetsAFilePerSignal) {
  const std::string directory = TempPath("export");
  std::filesystem::remove_all(directory);
  FakeTerminal terminal;
  for (const char* body : {"{\"a\":1}\n", "", "{\"b\":1}\n"}) terminal.http.Answer(200, body);
  EXPECT_EQ(terminal.Run({"export", "--out", directory}), kExitOk) << terminal.err.str();
  EXPECT_EQ(std::filesystem::file_size(directory + "/traces.jsonl"), 8u);
  EXPECT_EQ(std::filesystem::file_size(directory + "/logs.jsonl"), 0u);
  EXPECT_TRUE(std::filesystem::exists(directory + "/metrics.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(directory + "/traces.jsonl.tmp"));
  std::filesystem::remove_all(directory);
}

TEST(ExportCommandTest, ParquetIsThereWhenAppOffersIt) {
  FakeTerminal terminal;
  EXPECT_EQ(terminal.Run({"export", "--parquet", "x"}), kExitUsage);
  ClientHooks hooks;
  std::string seen;
  hooks.export_parquet = [&](const Invocation& invocation, Io&, const std::string& directory) {
    seen = directory + " of " + invocation.Get("data-dir");
    return OkStatus();
  };
  EXPECT_EQ(
      cli::Run(ClientCommands(hooks), {"export", "--parquet", "x", "--data-dir", "d"}, terminal.io),
      kExitOk);
  EXPECT_EQ(seen, "x of d");
}

TEST(ImportCommandTest, MergesLinesOfOneSignal) {
  FakeTerminal terminal;
  terminal.in.str(
      "{\"resourceSpans\":[{\"a\":1}]}\n\n{\"resourceSpans\":[{\"b\":2}]}\n"
      "{\"resourceLogs\":[{\"c\":3}]}\n{\"resourceSpans\":[]}\n");
  terminal.http.Answer(200, "{}");
  terminal.http.Answer(200, "{}");
  EXPECT_EQ(terminal.Run({"import", "-"}), kExitOk) << terminal.err.str();
  ASSERT_EQ(terminal.http.requests.size(), 2u);
  EXPECT_EQ(terminal.http.requests[0].url, "http://localhost:4318/v1/traces");
  EXPECT_EQ(terminal.http.requests[0].body, R"({"resourceSpans":[{"a":1},{"b":2}]})");
  EXPECT_EQ(terminal.http.requests[1].url, "http://localhost:4318/v1/logs");
}

TEST(ImportCommandTest, BatchesStayBelowTheLimit) {
  FakeTerminal terminal;
  std::string text;
  const std::string filler(3u << 20, 'x');
  for (int i = 0; i < 5; ++i) text += "{\"resourceSpans\":[{\"a\":\"" + filler + "\"}]}\n";
  terminal.in.str(text);
  for (int i = 0; i < 3; ++i) terminal.http.Answer(200, "{}");
  EXPECT_EQ(terminal.Run({"import", "-"}), kExitOk) << terminal.err.str();
  ASSERT_EQ(terminal.http.requests.size(), 3u);
  for (const ClientRequest& request : terminal.http.requests) {
    EXPECT_LT(request.body.size(), 9u << 20);
  }
}

TEST(ImportCommandTest, WaitsAsLongAsTheServerAsks) {
  FakeTerminal terminal;
  terminal.in.str("{\"resourceSpans\":[{}]}\n");
  terminal.http.Answer(503, "", {{"retry-after", "3"}});
  terminal.http.Answer(429, "");
  terminal.http.Answer(200, "{}");
  EXPECT_EQ(terminal.Run({"import", "-"}), kExitOk) << terminal.err.str();
  EXPECT_THAT(terminal.sleeps, ::testing::ElementsAre(3 * kSecond, kSecond / 2));
}

TEST(ImportCommandTest, PartialSuccessAndBadLinesExitWithFive) {
  FakeTerminal terminal;
  terminal.in.str("{\"resourceSpans\":[{}]}\nnonsense\n");
  terminal.http.Answer(200,
                       R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"no trace id"}})");
  EXPECT_EQ(terminal.Run({"import", "-", "--json"}), kExitPartial);
  EXPECT_THAT(terminal.out.str(), HasSubstr("\"rejected_records\":2,\"bad_lines\":1"));
  EXPECT_THAT(terminal.err.str(), HasSubstr("first: stdin:2: cannot read JSON"));
}

TEST(ImportCommandTest, RefusalOfEverythingIsFailureAndMissingKeyIsAuth) {
  FakeTerminal terminal;
  terminal.in.str("{\"resourceSpans\":[{}]}\n");
  terminal.http.Answer(400, R"({"code":3,"message":"cannot decode"})");
  EXPECT_EQ(terminal.Run({"import", "-"}), kExitFailure);
  EXPECT_THAT(terminal.err.str(), HasSubstr("first: stdin:1: cannot decode"));
  terminal.in.clear();
  terminal.in.str("{\"resourceSpans\":[{}]}\n");
  terminal.http.Answer(401, "");
  EXPECT_EQ(terminal.Run({"import", "-"}), kExitAuth);
}

TEST(ImportCommandTest, ReadsDirectoriesAndPrettyPrintedFiles) {
  const std::string directory = TempPath("import");
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/a.json") << "{\n  \"resourceSpans\": [\n    {\"x\": 1}\n  ]\n}\n";
  std::ofstream(directory + "/ignored.txt") << "nothing";
  FakeTerminal terminal;
  terminal.http.Answer(200, "{}");
  EXPECT_EQ(terminal.Run({"import", directory}), kExitOk) << terminal.err.str();
  EXPECT_THAT(terminal.http.requests.at(0).body, HasSubstr("{\"x\": 1}"));
  std::filesystem::remove_all(directory);
  EXPECT_EQ(terminal.Run({"import", directory}), kExitNothingFound);
}

TEST(SendCommandTest, SendsAWellFormedRunAndPrintsItsId) {
  FakeTerminal terminal;
  terminal.http.Answer(200, "{}");
  EXPECT_EQ(terminal.Run({"send"}), kExitOk) << terminal.err.str();
  const auto json = Json::Parse(terminal.http.requests.at(0).body);
  ASSERT_TRUE(json.ok());
  const Json& spans = (*json)["resourceSpans"].at(0)["scopeSpans"].at(0)["spans"];
  ASSERT_EQ(spans.size(), 5u);
  EXPECT_EQ(spans.at(0)["traceId"].text() + "\n", terminal.out.str());
  for (const Json& span : spans.items()) {
    EXPECT_EQ(span["spanId"].text().size(), 16u);
    EXPECT_LE(span["endTimeUnixNano"].integer(), kTestNow);
    EXPECT_LT(span["startTimeUnixNano"].integer(), span["endTimeUnixNano"].integer());
  }
}

TEST(SendCommandTest, FailedSampleHasAnErrorAndSeedsAreReproducible) {
  const auto json = Json::Parse(MakeSampleRun(kTestNow, true, 7).json);
  ASSERT_TRUE(json.ok());
  const Json& spans = (*json)["resourceSpans"].at(0)["scopeSpans"].at(0)["spans"];
  EXPECT_EQ(spans.at(0)["status"]["code"].integer(), 2);
  EXPECT_EQ(MakeSampleRun(kTestNow, true, 7).json, MakeSampleRun(kTestNow, true, 7).json);
  EXPECT_THAT(MakeSampleRun(kTestNow, true, 8).trace_id,
              Not(MakeSampleRun(kTestNow, true, 7).trace_id));
}

TEST(SendCommandTest, RefusalIsNotSuccess) {
  FakeTerminal terminal;
  terminal.http.Answer(400, R"({"message":"no"})");
  EXPECT_EQ(terminal.Run({"send"}), kExitFailure);
  EXPECT_EQ(terminal.out.str(), "");
}

}  // namespace
}  // namespace ao::cli
