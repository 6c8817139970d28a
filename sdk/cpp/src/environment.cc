#include "environment.h"

#include <errno.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "transports.h"

namespace observatory::detail {
namespace {

using std::chrono::milliseconds;

constexpr char kHttp[] = "http/protobuf";

bool HasMember(const Value::Map& map, std::string_view key) {
  return std::any_of(map.begin(), map.end(), [&](const auto& m) { return m.first == key; });
}

bool IsTrue(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return text == "true";
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string> ReadVariable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> ParsePairs(std::string_view text,
                                                            std::vector<std::string>* bad) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = Trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;
    const size_t equals = member.find('=');
    const std::string_view key = Trim(member.substr(0, equals));
    if (equals == member.npos || key.empty()) {
      bad->emplace_back(member);
      continue;
    }
    pairs.emplace_back(PercentDecode(key), PercentDecode(Trim(member.substr(equals + 1))));
  }
  return pairs;
}

bool Environment::Disabled() const {
  return IsTrue(ReadVariable("OTEL_SDK_DISABLED").value_or(""));
}

template <typename T>
void Environment::Number(const char* name, T* value) {
  const auto text = ReadVariable(name);
  if (!text || *value != T{}) return;
  T number{};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) {
    Report(std::string("cannot read ") + name + ": '" + *text + "' is not a number");
    return;
  }
  *value = number;
}

void Environment::Milliseconds(const char* name, milliseconds* value) {
  int64_t number = value->count();
  Number(name, &number);
  if (number >= 0) *value = milliseconds(number);
}

void Environment::ApplyBatch(const char* prefix, BatchOptions* options) {
  const std::string name = std::string("OTEL_") + prefix;
  Milliseconds((name + "_SCHEDULE_DELAY").c_str(), &options->schedule_delay);
  Number((name + "_MAX_QUEUE_SIZE").c_str(), &options->max_queue_records);
  Number((name + "_MAX_EXPORT_BATCH_SIZE").c_str(), &options->max_batch_records);
  if (options->schedule_delay.count() == 0) options->schedule_delay = milliseconds(1000);
  if (options->max_batch_records == 0) options->max_batch_records = 2048;
}

void Environment::ApplyLimits(SpanLimits* limits) {
  Number("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", &limits->attributes);
  Number("OTEL_ATTRIBUTE_COUNT_LIMIT", &limits->attributes);
  Number("OTEL_SPAN_EVENT_COUNT_LIMIT", &limits->events);
  Number("OTEL_SPAN_LINK_COUNT_LIMIT", &limits->links);
  Number("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", &limits->attribute_value_bytes);
  Number("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", &limits->attribute_value_bytes);
}

std::shared_ptr<Sampler> Environment::ReadSampler() {
  const std::string name = ReadVariable("OTEL_TRACES_SAMPLER").value_or("parentbased_always_on");
  double ratio = 0;
  Number("OTEL_TRACES_SAMPLER_ARG", &ratio);
  if (!ReadVariable("OTEL_TRACES_SAMPLER_ARG")) ratio = 1;
  if (name == "always_on") return always_on();
  if (name == "always_off") return always_off();
  if (name == "traceidratio") return probability(ratio);
  if (name == "parentbased_always_off") return parent_based(always_off());
  if (name == "parentbased_traceidratio") return parent_based(probability(ratio));
  if (name != "parentbased_always_on") {
    Report("cannot use OTEL_TRACES_SAMPLER: '" + name +
           "' is not a sampler; taking parentbased_always_on");
  }
  return parent_based(always_on());
}

void Environment::ApplyResource(Options* options) {
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty() && !HasMember(options->resource, key)) {
      options->resource.emplace_back(key, value);
    }
  };
  add("service.name", options->service_name);
  add("service.version", options->service_version);
  add("deployment.environment.name", options->environment);
  add("service.name", ReadVariable("OTEL_SERVICE_NAME").value_or(""));
  std::vector<std::string> bad;
  const auto pairs = ParsePairs(ReadVariable("OTEL_RESOURCE_ATTRIBUTES").value_or(""), &bad);
  for (const auto& [key, value] : pairs) add(key, value);
  for (const std::string& member : bad) {
    Report("cannot read OTEL_RESOURCE_ATTRIBUTES: '" + member + "' is not key=value");
  }
  add("service.name", std::string("unknown_service:") + program_invocation_short_name);
}

void Environment::Apply(Options* options) {
  ApplyResource(options);
  ApplyBatch("BSP", &options->traces);
  ApplyBatch("BLRP", &options->logs);
  ApplyLimits(&options->limits);
  Milliseconds("OTEL_METRIC_EXPORT_INTERVAL", &options->metric_interval);
  if (options->metric_interval.count() == 0) options->metric_interval = milliseconds(10000);
  const auto temporality = ReadVariable("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
  if (temporality == "delta" || temporality == "DELTA") options->delta_metrics = true;
  if (options->sampler == nullptr) options->sampler = ReadSampler();
}

void Environment::Report(std::string problem) {
  if (std::find(problems.begin(), problems.end(), problem) == problems.end()) {
    problems.push_back(std::move(problem));
  }
}

// By HTTP instead of a protocol that is not in this program.
void Environment::Replace(Signal signal, Endpoint* endpoint) {
  std::string problem =
      "cannot use OTEL_EXPORTER_OTLP_PROTOCOL: '" + endpoint->protocol + "' is not in this program";
  if (endpoint->protocol == "grpc") {
    *endpoint = HttpInsteadOfGrpc(signal, std::move(*endpoint));
    problem += ", link observatory::grpc (find_package(observatory COMPONENTS grpc))";
  }
  endpoint->protocol = kHttp;
  Report(problem + "; sending " + kHttp + " instead");
}

Endpoint Environment::EndpointOf(Signal signal, const Options& options) {
  static constexpr const char* kNames[] = {"TRACES", "METRICS", "LOGS"};
  const auto index = static_cast<size_t>(signal);
  // The variable of the signal, else the general one.
  const auto read = [&](const char* what, bool* own = nullptr) {
    const std::string prefix = "OTEL_EXPORTER_OTLP_";
    auto value = ReadVariable((prefix + kNames[index] + "_" + what).c_str());
    if (own != nullptr) *own = value.has_value();
    return value ? value : ReadVariable((prefix + what).c_str());
  };
  Endpoint endpoint;
  endpoint.protocol =
      !options.protocol.empty() ? options.protocol : read("PROTOCOL").value_or(kHttp);
  const bool grpc = endpoint.protocol == "grpc";
  bool own = false;
  const auto given = options.endpoint.empty() ? read("ENDPOINT", &own) : options.endpoint;
  endpoint.url = given.value_or(grpc ? "http://localhost:4317" : "http://localhost:4318");
  endpoint.insecure = IsTrue(read("INSECURE").value_or(""));
  if (endpoint.protocol != kHttp && FindTransport(endpoint.protocol) == nullptr) {
    Replace(signal, &endpoint);
  }
  if (endpoint.protocol == kHttp && !grpc) {
    if (!own) {
      while (endpoint.url.ends_with('/')) endpoint.url.pop_back();
      endpoint.url += PathOf(signal);
    }
    if (endpoint.url.find("://") == std::string::npos) endpoint.url = "http://" + endpoint.url;
  }
  endpoint.headers = options.headers;
  std::vector<std::string> bad;
  if (endpoint.headers.empty()) endpoint.headers = ParsePairs(read("HEADERS").value_or(""), &bad);
  for (const std::string& member : bad) {
    Report("cannot read OTEL_EXPORTER_OTLP_HEADERS: '" + member + "' is not key=value");
  }
  endpoint.timeout = options.timeout;
  Milliseconds(("OTEL_EXPORTER_OTLP_" + std::string(kNames[index]) + "_TIMEOUT").c_str(),
               &endpoint.timeout);
  Milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT", &endpoint.timeout);
  if (endpoint.timeout.count() == 0) endpoint.timeout = milliseconds(10000);
  const auto compression = read("COMPRESSION");
  endpoint.compression =
      options.compression.value_or(compression == "none" ? Compression::kNone : Compression::kGzip);
  endpoint.certificate = read("CERTIFICATE").value_or("");
  endpoint.client_key = read("CLIENT_KEY").value_or("");
  endpoint.client_certificate = read("CLIENT_CERTIFICATE").value_or("");
  return endpoint;
}

}  // namespace observatory::detail
