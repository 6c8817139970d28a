import { OpenTelemetry } from '@ai-sdk/otel';
import { trace } from '@opentelemetry/api';
import { generateText, isStepCount, registerTelemetry, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { kAnswer, kModel, kQuestion, kSession, kToolResult } from './scenario.mjs';

const provider = startTracing(undefined, await exporterFromEnvironment());
registerTelemetry(new OpenTelemetry());

function reply(content, finish, input, output) {
  return {
    content,
    finishReason: { unified: finish, raw: finish },
    usage: { inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
             outputTokens: { total: output, text: output, reasoning: 0 } },
    warnings: [],
  };
}

const replies = [
  reply([{ type: 'tool-call', toolCallId: 'call_1', toolName: 'weather', input: '{"city":"Oslo"}' }],
        'tool-calls', 100, 20),
  reply([{ type: 'text', text: kAnswer }], 'stop', 150, 30),
];
const model = new MockLanguageModelV4({ provider: 'mock', modelId: kModel,
                                        doGenerate: async () => replies.shift() });
const weather = tool({ description: 'The weather in a city', inputSchema: z.object({ city: z.string() }),
                       execute: async () => kToolResult });

let traceId;
await trace.getTracer('client').startActiveSpan('request', { attributes: { 'session.id': kSession } }, async (span) => {
  traceId = span.spanContext().traceId;
  await generateText({ model, prompt: kQuestion, tools: { weather }, stopWhen: isStepCount(5) });
  span.end();
});
console.log(JSON.stringify({ traceId }));
await provider.shutdown();
