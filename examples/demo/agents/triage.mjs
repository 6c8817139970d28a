// Support triage: the AI SDK with its built-in telemetry. Session and user travel as metadata.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { generateText, stepCountIs, tool } from 'ai';
import { z } from 'zod';
import { runJobs } from '../jobs.mjs';
import { startTelemetry } from '../telemetry.mjs';

const telemetry = await startTelemetry();
const provider = createOpenAICompatible({ name: 'local', baseURL: process.env.OPENAI_BASE_URL });

const tools = {
  find_order: tool({
    description: 'Looks up an order by its number',
    inputSchema: z.object({ order: z.string() }),
    execute: async ({ order }) => {
      if (order === '1013') throw new Error('order service: 503 Service Unavailable');
      return { order, state: Number(order) % 2 ? 'shipped' : 'waiting', items: 2 };
    },
  }),
  refund: tool({
    description: 'Refunds an order',
    inputSchema: z.object({ order: z.string(), reason: z.string() }),
    execute: async ({ order }) => ({ order, refunded: true }),
  }),
};

async function triage({ input, session, user }) {
  const { text } = await generateText({
    model: provider('small-1'),
    system: 'You triage support tickets. Answer with one of: refund, ship, escalate.',
    prompt: input,
    tools,
    maxRetries: 0,
    stopWhen: stepCountIs(8),
    experimental_telemetry: { isEnabled: true, functionId: 'support-triage',
                              metadata: { sessionId: session, userId: user } },
  });
  telemetry.logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO',
                          eventName: 'ticket.triaged', body: text, attributes: { user } });
}

await runJobs('support-triage', 16, (i) => triage({
  input: i === 9 ? 'Ticket: the provider is overloaded'
    : `Ticket: order ${1000 + i} ${i % 3 === 1 ? 'arrived broken' : 'has not arrived'}`,
  session: `ticket-${i}`,
  user: `customer-${i % 6}`,
}));
await telemetry.stop();
