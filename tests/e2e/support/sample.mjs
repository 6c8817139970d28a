// Telemetry with everything the SDK can express, made by the SDK itself. `ids` and `at` (ms) fix
// the ids and times.
import { context, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

export const kAttributes = {
  text: 'grüße, 世界 🌍', empty: '', yes: true, no: false, whole: 42, negative: -7, large: 9007199254740991,
  fraction: 0.125, texts: ['a', 'b'], numbers: [1, 2, 3], flags: [true, false],
};

export function sampleResource(service) {
  return resourceFromAttributes({ 'service.name': service, 'service.version': '1.2.3',
                                  'deployment.environment.name': 'test' });
}

// A parent with events, links and every attribute type, and two children; one fails.
export function makeSpans({ service, ids, at }) {
  const memory = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ resource: sampleResource(service), idGenerator: ids,
                                            spanProcessors: [new SimpleSpanProcessor(memory)] });
  const tracer = provider.getTracer('sample', '0.1.0');
  const link = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), traceFlags: TraceFlags.SAMPLED };
  const parent = tracer.startSpan('parent', {
    kind: SpanKind.SERVER, startTime: at, attributes: kAttributes,
    links: [{ context: link, attributes: { reason: 'retry of', attempt: 2 } }],
  });
  parent.addEvent('checkpoint', { reached: true, count: 3 }, at + 5);
  const inParent = trace.setSpan(context.active(), parent);
  const good = tracer.startSpan('child.good', { kind: SpanKind.CLIENT, startTime: at + 10 }, inParent);
  good.setStatus({ code: SpanStatusCode.OK });
  good.end(at + 20);
  const bad = tracer.startSpan('child.bad', { startTime: at + 20 }, inParent);
  bad.recordException({ name: 'TimeoutError', message: 'no answer after 10 s', stack: 'at sample' }, at + 29);
  bad.setStatus({ code: SpanStatusCode.ERROR, message: 'no answer after 10 s' });
  bad.end(at + 30);
  parent.end(at + 40);
  return memory.getFinishedSpans();
}

export function makeLogs({ service, at, span }) {
  const memory = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource: sampleResource(service),
                                        processors: [new SimpleLogRecordProcessor({ exporter: memory })] });
  const logger = provider.getLogger('sample', '0.1.0');
  const inSpan = trace.setSpanContext(context.active(), span);
  const times = { timestamp: at, observedTimestamp: at + 1 };
  logger.emit({ ...times, severityNumber: SeverityNumber.INFO, severityText: 'INFO', context: inSpan,
                eventName: 'order.placed', body: 'an order was placed', attributes: kAttributes });
  logger.emit({ ...times, severityNumber: SeverityNumber.ERROR, severityText: 'ERROR', context: inSpan,
                body: { structured: { depth: 2, list: [1, 'two', null] }, ok: false } });
  logger.emit({ ...times, body: 'neither severity nor span' });
  return memory.getFinishedLogRecords();
}

class ManualReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

// A counter, an up-down counter, a gauge, a histogram and an exponential histogram; two series
// each for the first.
export async function makeMetrics({ service, at }) {
  const reader = new ManualReader();
  const provider = new MeterProvider({
    resource: sampleResource(service), readers: [reader],
    views: [{ instrumentName: 'sample.exponential',
              aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('sample', '0.1.0');
  const counter = meter.createCounter('sample.counter', { unit: '1', description: 'a counter' });
  counter.add(3, { kind: 'a' });
  counter.add(4, { kind: 'b' });
  meter.createUpDownCounter('sample.updown').add(-2);
  meter.createGauge('sample.gauge', { unit: 'Cel' }).record(21.5);
  const histogram = meter.createHistogram('sample.histogram', { unit: 'ms', advice: { explicitBucketBoundaries: [10, 100] } });
  const exponential = meter.createHistogram('sample.exponential');
  for (const value of [1, 50, 500]) {
    histogram.record(value);
    exponential.record(value);
  }
  const { resourceMetrics } = await reader.collect();
  for (const { metrics } of resourceMetrics.scopeMetrics) {
    for (const point of metrics.flatMap((metric) => metric.dataPoints)) {
      point.startTime = [Math.trunc(at / 1000) - 60, 0];
      point.endTime = [Math.trunc(at / 1000), 0];
    }
  }
  return resourceMetrics;
}
