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
  const detail::Target target = detail::Environment().TargetOf(Signal::kLogs, options);
  EXPECT_EQ(target.url, "http://localhost:4318/v1/logs");
  EXPECT_EQ(target.timeout, std::chrono::seconds(10));
  EXPECT_EQ(target.compression, Compression::kGzip);
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
  const detail::Target traces = environment.TargetOf(Signal::kTraces, {});
  EXPECT_EQ(traces.url, "http://collector:4318/prefix/v1/traces");
  EXPECT_EQ(traces.headers[0], (std::pair<std::string, std::string>{"x-api-key", "k=1"}));
  EXPECT_EQ(traces.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(traces.compression, Compression::kNone);
  EXPECT_EQ(environment.TargetOf(Signal::kLogs, {}).url, "http://logs:1/as/it/is");
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
