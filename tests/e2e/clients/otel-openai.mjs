// OpenTelemetry's own instrumentation: spans in the GenAI conventions, contents in log events.
import { createRequire } from 'node:module';
import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import { detectResources, envDetector } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { converse, kSession, kToolResult, kUser } from './scenario.mjs';

const resource = detectResources({ detectors: [envDetector] });
const provider = startTracing(undefined, await exporterFromEnvironment());
const logExporter = await exporterFromEnvironment('logs');
const loggerProvider = new LoggerProvider({
  resource, processors: [new BatchLogRecordProcessor({ exporter: logExporter })] });
logs.setGlobalLoggerProvider(loggerProvider);
const reader = new PeriodicExportingMetricReader({ exporter: await exporterFromEnvironment('metrics') });
const meterProvider = new MeterProvider({ resource, readers: [reader] });
metrics.setGlobalMeterProvider(meterProvider);
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation({ captureMessageContent: true })] });

const { OpenAI } = createRequire(import.meta.url)('openai');  // patched when it is required
const tracer = trace.getTracer('client');

function callTool(call) {
  return tracer.startActiveSpan('execute_tool weather', { attributes: {
    'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather',
    'gen_ai.tool.call.id': call.id, 'gen_ai.tool.call.arguments': call.function.arguments,
    'gen_ai.tool.call.result': JSON.stringify(kToolResult),
  } }, (span) => {
    span.end();
    return kToolResult;
  });
}

await tracer.startActiveSpan('invoke_agent assistant', { attributes: {
  'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'assistant',
  'gen_ai.conversation.id': kSession, 'user.id': kUser,
} }, async (span) => {
  await converse(new OpenAI({ maxRetries: 0 }), callTool);
  span.end();
  console.log(JSON.stringify({ traceId: span.spanContext().traceId }));
});
await Promise.all([provider, loggerProvider, meterProvider].map((p) => p.shutdown()));
