#include "environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "testing.h"

namespace observatory {
namespace {

// Sets a variable while it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* const name_;
};

Options Applied(Options options = {}, std::vector<std::string>* problems = nullptr) {
  detail::Environment environment;
  environment.Apply(&options);
  if (problems != nullptr) *problems = environment.problems;
  return options;
}

TEST(EnvironmentTest, DefaultsWithoutVariables) {
  const Options options = Applied();
  EXPECT_EQ(options.metric_interval, std::chrono::seconds(10));
  EXPECT_EQ(options.traces.schedule_delay, std::chrono::seconds(1));
  const Endpoint endpoint = detail::Environment().EndpointOf(Signal::kLogs, options);
  EXPECT_EQ(endpoint.url, "http://localhost:4318/v1/logs");
  EXPECT_EQ(endpoint.timeout, std::chrono::seconds(10));
  EXPECT_EQ(endpoint.compression, Compression::kGzip);
}

TEST(EnvironmentTest, NameAndResource) {
  Variable a("OTEL_SERVICE_NAME", "from-env");
  Variable b("OTEL_RESOURCE_ATTRIBUTES", "team=a%20b,service.name=ignored,broken");
  std::vector<std::string> problems;
  const Options options = Applied({}, &problems);
  EXPECT_EQ(*testing::Find(options.resource, "service.name"), Value("from-env"));
  EXPECT_EQ(*testing::Find(options.resource, "team"), Value("a b"));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], "cannot read OTEL_RESOURCE_ATTRIBUTES: 'broken' is not key=value");
  EXPECT_EQ(*testing::Find(Applied({.service_name = "code"}).resource, "service.name"),
            Value("code"));
}

TEST(EnvironmentTest, EndpointsOfAllAndOfOneSignal) {
  Variable a("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/prefix/");
  Variable b("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:1/as/it/is");
  Variable c("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=k%3D1, b=2");
  Variable d("OTEL_EXPORTER_OTLP_TIMEOUT", "1500");
  Variable e("OTEL_EXPORTER_OTLP_COMPRESSION", "none");
  detail::Environment environment;
  const Endpoint traces = environment.EndpointOf(Signal::kTraces, {});
  EXPECT_EQ(traces.url, "http://collector:4318/prefix/v1/traces");
  EXPECT_EQ(traces.headers[0], (std::pair<std::string, std::string>{"x-api-key", "k=1"}));
  EXPECT_EQ(traces.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(traces.compression, Compression::kNone);
  EXPECT_EQ(environment.EndpointOf(Signal::kLogs, {}).url, "http://logs:1/as/it/is");
}

TEST(EnvironmentTest, AnUnknownProtocolIsReportedOnceAndHttpTaken) {
  Variable a("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
  Variable b("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
  detail::Environment environment;
  for (const Signal signal : {Signal::kTraces, Signal::kMetrics, Signal::kLogs}) {
    EXPECT_EQ(environment.EndpointOf(signal, {}).protocol, "http/protobuf");
  }
  ASSERT_EQ(environment.problems.size(), 1u);
  EXPECT_EQ(environment.problems[0],
            "cannot use OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' is not in this program; sending "
            "http/protobuf instead");
}

// Without the component, telemetry goes where HTTP is spoken, and the program says what to do.
TEST(EnvironmentTest, GrpcWithoutItsComponentGoesToThePortOfHttp) {
  Variable a("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc");
  Variable b("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4317");
  detail::Environment environment;
  const Endpoint traces = environment.EndpointOf(Signal::kTraces, {});
  EXPECT_EQ(traces.protocol, "http/protobuf");
  EXPECT_EQ(traces.url, "http://collector:4318/v1/traces");
  ASSERT_EQ(environment.problems.size(), 1u);
  EXPECT_EQ(environment.problems[0],
            "cannot use OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' is not in this program, link "
            "observatory::grpc (find_package(observatory COMPONENTS grpc)); sending http/protobuf "
            "instead");
  EXPECT_EQ(environment.EndpointOf(Signal::kLogs, {}).url, "http://localhost:4318/v1/logs");
}

// Of a protocol that was registered, the endpoint is passed on as it was given.
TEST(EnvironmentTest, RegisteredProtocolsAreTaken) {
  static std::vector<Endpoint>& made = *new std::vector<Endpoint>;
  register_transport("test/protocol", [](Signal, const Endpoint& endpoint) {
    made.push_back(endpoint);
    return std::shared_ptr<Transport>(std::make_shared<testing::FakeTransport>());
  });
  Variable a("OTEL_EXPORTER_OTLP_INSECURE", "True");
  const Sdk sdk = Sdk::create({.endpoint = "collector:9", .protocol = "test/protocol"});
  ASSERT_EQ(made.size(), 3u);
  EXPECT_EQ(made[0].url, "collector:9");
  EXPECT_TRUE(made[0].insecure);
  sdk.tracer().start_span("a").end();
  EXPECT_TRUE(sdk.shutdown());
}

TEST(EnvironmentTest, ATransportThatCannotBeMadeRefusesAndSaysWhy) {
  register_transport("test/broken", [](Signal, const Endpoint&) -> std::shared_ptr<Transport> {
    throw std::runtime_error("no such file");
  });
  std::string problem;
  const Sdk sdk = Sdk::create({.endpoint = "collector:9",
                               .protocol = "test/broken",
                               .on_problem = [&](std::string_view text) { problem = text; }});
  sdk.tracer().start_span("a").end();
  EXPECT_FALSE(sdk.shutdown());
  EXPECT_EQ(sdk.stats(Signal::kTraces).dropped_refused, 1u);
  EXPECT_EQ(problem, "cannot send telemetry to collector:9 by test/broken: no such file");
}

TEST(EnvironmentTest, BatchLimitsAndSpanLimits) {
  Variable a("OTEL_BSP_SCHEDULE_DELAY", "250");
  Variable b("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "7");
  Variable c("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "3");
  Variable d("OTEL_BSP_MAX_QUEUE_SIZE", "many");
  std::vector<std::string> problems;
  const Options options = Applied({}, &problems);
  EXPECT_EQ(options.traces.schedule_delay, std::chrono::milliseconds(250));
  EXPECT_EQ(options.logs.max_batch_records, 7u);
  EXPECT_EQ(options.limits.attributes, 3u);
  EXPECT_EQ(problems.at(0), "cannot read OTEL_BSP_MAX_QUEUE_SIZE: 'many' is not a number");
}

TEST(EnvironmentTest, SamplerByName) {
  Variable a("OTEL_TRACES_SAMPLER", "always_off");
  testing::Fixture f;
  EXPECT_FALSE(f.sdk->tracer().start_span("a").recording());
}

TEST(EnvironmentTest, TheWholeSdkCanBeDisabled) {
  Variable a("OTEL_SDK_DISABLED", "TRUE");
  testing::Fixture f;
  EXPECT_FALSE(f.sdk->tracer().start_span("a").recording());
  f.sdk->meter().counter("c").add(1);
  EXPECT_TRUE(f.sdk->flush());
  EXPECT_EQ(f.transport->attempts(), 0);
}

}  // namespace
}  // namespace observatory
