import { context, trace } from '@opentelemetry/api';
import { setSession, setUser } from '@arizeai/openinference-core';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import OpenAI from 'openai';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { converse, kAnswer, kQuestion, kSession, kToolResult, kUser } from './scenario.mjs';

const provider = startTracing(undefined, await exporterFromEnvironment());
new OpenAIInstrumentation({ tracerProvider: provider }).manuallyInstrument(OpenAI);
const tracer = trace.getTracer('client');

function callTool(call) {
  return tracer.startActiveSpan('weather', { attributes: {
    'openinference.span.kind': 'TOOL', 'tool.name': 'weather',
    'input.value': call.function.arguments, 'input.mime_type': 'application/json',
    'output.value': JSON.stringify(kToolResult), 'output.mime_type': 'application/json',
  } }, (span) => {
    span.end();
    return kToolResult;
  });
}

const scope = setUser(setSession(context.active(), { sessionId: kSession }), { userId: kUser });
await context.with(scope, () => tracer.startActiveSpan('assistant', { attributes: {
  'openinference.span.kind': 'AGENT', 'agent.name': 'assistant', 'input.value': kQuestion,
  'session.id': kSession, 'user.id': kUser,
} }, async (span) => {
  span.setAttribute('output.value', await converse(new OpenAI({ maxRetries: 0 }), callTool));
  span.end();
  console.log(JSON.stringify({ traceId: span.spanContext().traceId, answer: kAnswer }));
}));
await provider.shutdown();
