// OpenTelemetry SDK set-ups for the tests: every exporter, and ids that can be the same each time.
import { createHash } from 'node:crypto';
import { detectResources, envDetector } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export const kProtocols = ['grpc', 'http/protobuf', 'http/json'];
const kPackages = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };
const kClasses = { trace: 'OTLPTraceExporter', metrics: 'OTLPMetricExporter', logs: 'OTLPLogExporter' };
const kPaths = { trace: 'traces', metrics: 'metrics', logs: 'logs' };

// signal: trace, metrics or logs. target: {http: URL, grpc: "host:port"}.
export async function makeExporter(signal, protocol, target, options = {}) {
  const module = await import(`@opentelemetry/exporter-${signal}-otlp-${kPackages[protocol]}`);
  const url = protocol === 'grpc' ? `http://${target.grpc}` : `${target.http}/v1/${kPaths[signal]}`;
  return new module[kClasses[signal]]({ url, ...options });
}

// Exports and resolves when the server has acknowledged; rejects with its error.
export function exportNow(exporter, items) {
  return new Promise((resolve, reject) => {
    exporter.export(items, ({ code, error }) => (code === 0 ? resolve() : reject(error ?? new Error('export failed'))));
  });
}

// The same seed gives the same ids.
export class SeededIds {
  constructor(seed) {
    this.seed = seed;
    this.count = 0;
  }
  #next(bytes) {
    return createHash('sha256').update(`${this.seed} ${this.count++}`).digest('hex').slice(0, 2 * bytes);
  }
  generateTraceId() { return this.#next(16); }
  generateSpanId() { return this.#next(8); }
}

// A registered tracer provider for a client process, configured by OTEL_* variables as usual.
// OTEL_TEST_ID_SEED makes the ids the same in every run.
export function startTracing(makeProcessor, signalExporter) {
  const seed = process.env.OTEL_TEST_ID_SEED;
  const provider = new NodeTracerProvider({
    resource: detectResources({ detectors: [envDetector] }),
    spanProcessors: [(makeProcessor ?? ((exporter) => new BatchSpanProcessor(exporter)))(signalExporter)],
    ...(seed ? { idGenerator: new SeededIds(seed) } : {}),
  });
  provider.register();
  return provider;
}

// The exporter that OTEL_EXPORTER_OTLP_PROTOCOL and OTEL_EXPORTER_OTLP_ENDPOINT ask for.
export async function exporterFromEnvironment(signal = 'trace') {
  const protocol = process.env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  const module = await import(`@opentelemetry/exporter-${signal}-otlp-${kPackages[protocol]}`);
  return new module[kClasses[signal]]();
}
