#include <random>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/import.h"
#include "cli/interrupt.h"
#include "cli/sample_run.h"

namespace ao::cli {
namespace {

class SpanWriter {
 public:
  SpanWriter(std::string trace_id, Nanos start, std::mt19937_64& random)
      : trace_id_(std::move(trace_id)), start_(start), random_(random) {}

  // Begins a span `from` to `to` milliseconds after the start; attributes follow.
  std::string Begin(std::string_view name, int kind, const std::string& parent, int64_t from,
                    int64_t to) {
    const std::string id = fmt::format("{:016x}", random_() | 1);
    json_.BeginObject().Field("traceId", trace_id_).Field("spanId", id);
    json_.FieldIfSet("parentSpanId", parent).Field("name", name).Field("kind", kind);
    json_.Field("startTimeUnixNano", std::to_string(start_ + from * kMillisecond));
    json_.Field("endTimeUnixNano", std::to_string(start_ + to * kMillisecond));
    json_.Key("attributes").BeginArray();
    return id;
  }
  SpanWriter& Text(std::string_view key, std::string_view value) {
    json_.BeginObject().Field("key", key).Key("value").BeginObject();
    json_.Field("stringValue", value).EndObject().EndObject();
    return *this;
  }
  SpanWriter& Integer(std::string_view key, int64_t value) {
    json_.BeginObject().Field("key", key).Key("value").BeginObject();
    json_.Field("intValue", std::to_string(value)).EndObject().EndObject();
    return *this;
  }
  SpanWriter& Double(std::string_view key, double value) {
    json_.BeginObject().Field("key", key).Key("value").BeginObject();
    json_.Field("doubleValue", value).EndObject().EndObject();
    return *this;
  }
  void End(std::string_view error = {}) {
    json_.EndArray().Key("status").BeginObject().Field("code", error.empty() ? 1 : 2);
    json_.FieldIfSet("message", error).EndObject().EndObject();
  }
  JsonWriter& json() { return json_; }

 private:
  const std::string trace_id_;
  const Nanos start_;
  std::mt19937_64& random_;
  JsonWriter json_;
};

constexpr std::string_view kQuestion = "Where is my order 1042?";
constexpr std::string_view kAnswer =
    "Your order 1042 left the warehouse yesterday and arrives on Thursday.";

void WriteLlmCall(SpanWriter* spans, const std::string& parent, int64_t from, int64_t to,
                  const std::string& input, std::string_view output, int64_t in, int64_t out) {
  spans->Begin("chat gpt-4o-mini", 3, parent, from, to);
  spans->Text("gen_ai.operation.name", "chat").Text("gen_ai.provider.name", "openai");
  spans->Text("gen_ai.request.model", "gpt-4o-mini");
  spans->Text("gen_ai.response.model", "gpt-4o-mini-2024-07-18");
  spans->Integer("gen_ai.usage.input_tokens", in).Integer("gen_ai.usage.output_tokens", out);
  spans->Text("gen_ai.input.messages", input).Text("gen_ai.output.messages", output);
  spans->End();
}

// [{"role", "parts": [{"type": "text", "content"}]}]
std::string Messages(const std::vector<std::pair<std::string_view, std::string_view>>& messages) {
  JsonWriter json;
  json.BeginArray();
  for (const auto& [role, text] : messages) {
    json.BeginObject().Field("role", role).Key("parts").BeginArray().BeginObject();
    json.Field("type", "text").Field("content", text).EndObject().EndArray().EndObject();
  }
  return json.EndArray().Take();
}

}  // namespace

SampleRun MakeSampleRun(Nanos now, bool fail, uint64_t seed) {
  std::mt19937_64 random(seed);
  SampleRun sample;
  sample.trace_id = fmt::format("{:016x}{:016x}", random(), random());
  SpanWriter spans(sample.trace_id, now - 1900 * kMillisecond, random);
  spans.json().BeginObject().Key("resourceSpans").BeginArray().BeginObject();
  spans.json().Key("resource").BeginObject().Key("attributes").BeginArray();
  spans.Text("service.name", "sample-support");
  spans.json().EndArray().EndObject().Key("scopeSpans").BeginArray().BeginObject();
  spans.json().Key("scope").BeginObject().Field("name", "observatory.send").EndObject();
  spans.json().Key("spans").BeginArray();

  const std::string root = spans.Begin("invoke_agent support", 1, "", 0, 1900);
  spans.Text("gen_ai.operation.name", "invoke_agent").Text("gen_ai.agent.name", "support");
  spans.Text("gen_ai.conversation.id", "sample-session").Text("agent.query_type", "order_status");
  spans.Text("gen_ai.input.messages", Messages({{"user", kQuestion}}));
  spans.Text("gen_ai.output.messages", fail ? "" : Messages({{"assistant", kAnswer}}));
  spans.Text("agent.outcome", fail ? "failed" : "answered");
  spans.End(fail ? "order system does not answer" : "");

  WriteLlmCall(&spans, root, 10, 620, Messages({{"user", kQuestion}}),
               Messages({{"assistant", "I look up order 1042."}}), 184, 22);
  spans.Begin("retrieve shipping policy", 1, root, 630, 700);
  spans.Text("gen_ai.operation.name", "retrieval").Text("retrieval.query", "order status");
  spans.Integer("retrieval.document_count", 3).Double("retrieval.top_score", 0.87).End();
  spans.Begin("execute_tool get_order", 1, root, 710, 890);
  spans.Text("gen_ai.operation.name", "execute_tool").Text("gen_ai.tool.name", "get_order");
  spans.Text("gen_ai.tool.call.arguments", R"({"order_id":1042})");
  if (fail) {
    spans.Text("error.type", "timeout").End("order system does not answer");
  } else {
    spans.Text("gen_ai.tool.call.result", R"({"status":"shipped","eta":"Thursday"})").End();
    WriteLlmCall(&spans, root, 900, 1890,
                 Messages({{"user", kQuestion},
                           {"assistant", "I look up order 1042."},
                           {"tool", R"({"status":"shipped","eta":"Thursday"})"}}),
                 Messages({{"assistant", kAnswer}}), 231, 31);
  }
  spans.json().EndArray().EndObject().EndArray().EndObject().EndArray().EndObject();
  sample.json = spans.json().Take();
  return sample;
}

namespace {

uint64_t RandomSeed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

int SendSamples(ApiClient& api, const Invocation& invocation, Io& io) {
  const auto count = invocation.Integer("count", 1);
  if (!count.ok()) return ReportError(io, count.status());
  OtlpSender sender(api, io);
  Status status;
  for (int64_t i = 0; i < *count && status.ok(); ++i) {
    const SampleRun sample = MakeSampleRun(io.clock.Now(), invocation.On("fail"), RandomSeed());
    status = sender.AddLine(sample.json, "sample");
    if (status.ok()) status = sender.Flush();
    if (!status.ok() || sender.report().accepted_requests <= i) break;
    if (invocation.On("json")) {
      JsonWriter json;
      json.BeginObject().Field("trace_id", sample.trace_id).EndObject();
      io.out << json.text() << "\n";
    } else {
      io.out << sample.trace_id << "\n";
    }
  }
  if (status.ok() && sender.report().accepted_requests == *count) {
    if (io.err_is_tty) io.err << "see it with: observatory runs\n";
    return kExitOk;
  }
  return ReportImport(status, sender.report(), "sent", false, io);
}

int Send(const Invocation& invocation, Io& io) {
  auto api = ApiClient::From(invocation, io);
  if (!api.ok()) return ReportError(io, api.status());
  CatchInterrupts();
  const std::vector<std::string> files = invocation.Arguments("file");
  if (files.empty()) return SendSamples(*api, invocation, io);
  OtlpSender sender(*api, io);
  const Status status = SendFiles(files, io, &sender);
  return ReportImport(status, sender.report(), "sent", invocation.On("json"), io);
}

}  // namespace

Command SendCommand() {
  return {.path = "send",
          .summary = "Send a small sample run, or a file of OTLP JSON",
          .details = "Without a file a made-up agent run of five spans is sent by OTLP/HTTP JSON "
                     "and its trace id printed.",
          .examples = {{"observatory send", "Is everything connected?"},
                       {"observatory send --fail", "A run whose tool call fails"},
                       {"observatory send spans.jsonl", "A recorded file"}},
          .flags = {{.name = "count",
                     .value = "<n>",
                     .doc = "Send this many runs",
                     .default_value = "1",
                     .letter = 'n'},
                    {.name = "fail", .doc = "Send a failed run"}},
          .positionals = {{"file", "Files of OTLP JSON lines; - for standard input", false, true}},
          .run = Send,
          .uses_server = true,
          .group = "Move data"};
}

}  // namespace ao::cli
