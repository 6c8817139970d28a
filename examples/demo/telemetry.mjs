// OpenTelemetry for an agent, configured by the standard environment variables:
// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_ENDPOINT and
// OTEL_EXPORTER_OTLP_PROTOCOL (grpc, http/protobuf or http/json).
import { logs } from '@opentelemetry/api-logs';
import { metrics, trace } from '@opentelemetry/api';
import { detectResources, envDetector } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const kPackages = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };

async function makeExporters() {
  const kind = kPackages[process.env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf'];
  const [traces, logRecords, points] = await Promise.all([
    import(`@opentelemetry/exporter-trace-otlp-${kind}`),
    import(`@opentelemetry/exporter-logs-otlp-${kind}`),
    import(`@opentelemetry/exporter-metrics-otlp-${kind}`),
  ]);
  return {
    spans: new traces.OTLPTraceExporter(),
    logs: new logRecords.OTLPLogExporter(),
    metrics: new points.OTLPMetricExporter(),
  };
}

// Exports what is left. What could not be delivered makes the process fail, but not the agent.
async function stop(providers) {
  for (const { reason } of await Promise.allSettled(providers.map((p) => p.shutdown()))) {
    if (!reason) continue;
    console.error(`cannot export telemetry: ${reason.message}`);
    process.exitCode = 1;
  }
}

// Registers global providers. Resolves to {provider, tracer, logger, meters, stop()}.
export async function startTelemetry() {
  const exporters = await makeExporters();
  const resource = detectResources({ detectors: [envDetector] });
  const provider = new NodeTracerProvider({
    resource, spanProcessors: [new BatchSpanProcessor(exporters.spans, { scheduledDelayMillis: 500 })],
  });
  provider.register();
  const loggerProvider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: exporters.logs, scheduledDelayMillis: 500 })],
  });
  logs.setGlobalLoggerProvider(loggerProvider);
  const meterProvider = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: exporters.metrics,
                                                  exportIntervalMillis: 10_000 })],
  });
  metrics.setGlobalMeterProvider(meterProvider);
  const meter = metrics.getMeter('demo');
  return {
    provider,
    tracer: trace.getTracer('demo'),
    logger: logs.getLogger('demo'),
    meters: {
      duration: meter.createHistogram('agent.run.duration_ms', { unit: 'ms' }),
      steps: meter.createHistogram('agent.run.steps'),
      tokens: meter.createCounter('agent.tokens.total'),
      toolCalls: meter.createCounter('agent.tool_calls.total'),
      errors: meter.createCounter('agent.errors.total'),
    },
    stop: () => stop([provider, loggerProvider, meterProvider]),
  };
}
