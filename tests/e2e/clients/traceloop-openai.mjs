import { trace } from '@opentelemetry/api';
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
import OpenAI from 'openai';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { converse, kQuestion, kSession, kToolResult } from './scenario.mjs';

const provider = startTracing(undefined, await exporterFromEnvironment());
const instrumentation = new OpenAIInstrumentation();
instrumentation.setTracerProvider(provider);
instrumentation.manuallyInstrument(OpenAI);
const tracer = trace.getTracer('client');

function callTool(call) {
  return tracer.startActiveSpan('weather.tool', { attributes: {
    'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'weather',
    'traceloop.entity.input': call.function.arguments,
    'traceloop.entity.output': JSON.stringify(kToolResult),
  } }, (span) => {
    span.end();
    return kToolResult;
  });
}

await tracer.startActiveSpan('assistant.workflow', { attributes: {
  'traceloop.span.kind': 'workflow', 'traceloop.entity.name': 'assistant',
  'traceloop.workflow.name': 'assistant', 'traceloop.entity.input': kQuestion,
  'traceloop.association.properties.session_id': kSession,
} }, async (span) => {
  span.setAttribute('traceloop.entity.output', await converse(new OpenAI({ maxRetries: 0 }), callTool));
  span.end();
  console.log(JSON.stringify({ traceId: span.spanContext().traceId }));
});
await provider.shutdown();
