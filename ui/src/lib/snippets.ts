// What to paste to send telemetry here. Every snippet ends with one span that shows up at once.

export interface Snippet { id: string; title: string; note: string; code: (url: string, key: string) => string }

// Values of the variable are percent-encoded.
const header = (key: string) => (key ? `\nexport OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20${key}"` : '');

// A key as it may be looked at: which one it is, but not the secret.
export const masked = (key: string) => (key ? `${/^ao_[a-z0-9-]+_/.exec(key)?.[0] ?? ''}${key.slice(-4).padStart(8, '•')}` : '');

export const kSnippets: readonly Snippet[] = [
  { id: 'env', title: 'Any OpenTelemetry SDK', note: 'Set these before your agent starts; nothing in the code changes.',
    code: (url, key) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${url}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf${header(key)}\nexport OTEL_SERVICE_NAME=my-agent` },
  { id: 'curl', title: 'curl', note: 'One span, to see that it arrives.',
    code: (url, key) => `curl ${url}/v1/traces -H 'content-type: application/json'${key ? ` -H 'authorization: Bearer ${key}'` : ''} -d '{
  "resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "hello"}}]},
    "scopeSpans": [{"spans": [{"traceId": "'$(openssl rand -hex 16)'", "spanId": "'$(openssl rand -hex 8)'",
      "name": "agent.run", "startTimeUnixNano": "'$(date +%s%N)'", "endTimeUnixNano": "'$(date +%s%N)'"}]}]}]}'` },
  { id: 'python', title: 'Python', note: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
    code: (url, key) => `from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(
    endpoint="${url}/v1/traces"${key ? `, headers={"Authorization": "Bearer ${key}"}` : ''})))
trace.set_tracer_provider(provider)

with trace.get_tracer("hello").start_as_current_span("agent.run") as span:
    span.set_attribute("user.input", "hello")
provider.shutdown()` },
  { id: 'node', title: 'Node.js', note: 'npm install @opentelemetry/sdk-trace-node @opentelemetry/exporter-trace-otlp-proto',
    code: (url, key) => `import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const exporter = new OTLPTraceExporter({ url: '${url}/v1/traces'${key ? `,\n  headers: { Authorization: 'Bearer ${key}' }` : ''} });
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'my-agent' }),
  spanProcessors: [new BatchSpanProcessor(exporter)] });
provider.register();

provider.getTracer('hello').startActiveSpan('agent.run', (span) => {
  span.setAttribute('user.input', 'hello');
  span.end();
});
await provider.shutdown();` },
  { id: 'cpp', title: 'C++', note: 'With the C++ SDK of this project: find_package(observatory).',
    code: (url, key) => `#include <observatory/observatory.h>

int main() {
  observatory::configure({
      .service_name = "my-agent",
      .endpoint = "${url}"${key ? `,\n      .headers = {{"Authorization", "Bearer ${key}"}}` : ''}});
  auto run = observatory::agent_run("my-agent", {.input = "hello"});
  auto call = observatory::llm_call("gpt-4o", {.provider = "openai", .input = "hello"});
  call.set_response({.output = "Hi.", .input_tokens = 3, .output_tokens = 2});
  call.end();
  run.set_output("Hi.");
}` },
  { id: 'collector', title: 'OpenTelemetry Collector', note: 'An exporter for a pipeline that is already there.',
    code: (url, key) => `exporters:
  otlphttp/observatory:
    endpoint: ${url}${key ? `\n    headers:\n      Authorization: Bearer ${key}` : ''}
service:
  pipelines:
    traces: {exporters: [otlphttp/observatory]}
    logs: {exporters: [otlphttp/observatory]}
    metrics: {exporters: [otlphttp/observatory]}` },
];
