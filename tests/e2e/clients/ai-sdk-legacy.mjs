import { trace } from '@opentelemetry/api';
import { generateText, stepCountIs, tool } from 'ai6';
import { MockLanguageModelV3 } from 'ai6/test';
import { z } from 'zod';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { kAnswer, kModel, kQuestion, kSession, kToolResult, kUser } from './scenario.mjs';

const provider = startTracing(undefined, await exporterFromEnvironment());

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
const model = new MockLanguageModelV3({ provider: 'mock', modelId: kModel,
                                        doGenerate: async () => replies.shift() });
const weather = tool({ description: 'The weather in a city', inputSchema: z.object({ city: z.string() }),
                       execute: async () => kToolResult });

let traceId;
await trace.getTracer('client').startActiveSpan('request', async (span) => {
  traceId = span.spanContext().traceId;
  await generateText({
    model, prompt: kQuestion, tools: { weather }, stopWhen: stepCountIs(5),
    experimental_telemetry: { isEnabled: true, functionId: 'assistant',
                              metadata: { sessionId: kSession, userId: kUser } },
  });
  span.end();
});
console.log(JSON.stringify({ traceId }));
await provider.shutdown();
