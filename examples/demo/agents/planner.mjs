// A planner with two child agents, instrumented by hand with plain span names:
//   agent.run > agent.plan, agent.delegate.<role> > agent.execute > llm.call, tool.call.<name>,
//   agent.synthesize
// and the metrics and log lines that belong to them.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import OpenAI from 'openai';
import { runToolLoop } from '../openai-loop.mjs';
import { runJobs } from '../jobs.mjs';
import { startTelemetry } from '../telemetry.mjs';

const { tracer, logger, meters, stop } = await startTelemetry();
const client = new OpenAI({ maxRetries: 0 });
const kModel = 'large-1';

const kTools = {
  researcher: {
    lookup_price: { description: 'Price of a part', parameters: { part: { type: 'string' } },
                    run: ({ part }) => ({ part, eur: 10 + part.length }) },
  },
  writer: {
    check_stock: { description: 'Stock of a part', parameters: { part: { type: 'string' } },
                   run: ({ part }) => {
                     if (part === 'valve') throw new Error('stock service timed out');
                     return { part, available: 4 };
                   } },
  },
};

function traced(name, attributes, body, kind = SpanKind.INTERNAL) {
  return tracer.startActiveSpan(name, { attributes, kind }, async (span) => {
    try {
      const result = await body(span);
      span.setStatus({ code: SpanStatusCode.OK });
      return result;
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

function callModel(body) {
  return traced('llm.call', { 'llm.model': body.model }, async (span) => {
    const completion = await client.chat.completions.create(body);
    const { message } = completion.choices[0];
    span.setAttributes({ 'llm.tokens': completion.usage.total_tokens,
                         'llm.prompt': JSON.stringify(body.messages),
                         'llm.completion': message.content ?? JSON.stringify(message.tool_calls) });
    meters.tokens.add(completion.usage.total_tokens, { model: body.model });
    return completion;
  }, SpanKind.CLIENT);
}

function callTool({ name, text }, run) {
  meters.toolCalls.add(1, { tool: name });
  const attributes = { 'tool.name': name, 'tool.arguments': text };
  return traced(`tool.call.${name}`, attributes, async (span) => {
    const result = await run();
    span.setAttribute('result.preview', JSON.stringify(result).slice(0, 500));
    return result;
  });
}

async function ask(input) {
  const completion = await callModel({ model: kModel, messages: [{ role: 'user', content: input }] });
  return { output: completion.choices[0].message.content, steps: 1,
           tokens: completion.usage.total_tokens };
}

function delegate(role, task) {
  return traced(`agent.delegate.${role}`, { 'agent.child.name': role, 'agent.task.type': role },
    () => traced('agent.execute', { 'agent.role': role, 'agent.name': role, 'agent.task.id': task },
      () => runToolLoop({ client, model: kModel, system: `You are the ${role}.`,
                          input: `${role}: ${task}`, tools: kTools[role], callTool, callModel }),
      SpanKind.SERVER), SpanKind.CLIENT);
}

function run({ input, session, user }) {
  const began = performance.now();
  const attributes = { 'user.input': input, 'session.id': session, 'user.id': user,
                       'agent.name': 'planner', 'agent.query_type': 'offer' };
  return traced('agent.run', attributes, async (span) => {
    const parts = [await traced('agent.plan', {}, () => ask(`plan: ${input}`))];
    for (const role of Object.keys(kTools)) parts.push(await delegate(role, input));
    parts.push(await traced('agent.synthesize', {}, () => ask(`synthesize: ${input}`)));
    const steps = parts.reduce((sum, part) => sum + part.steps, 0);
    span.setAttributes({ 'agent.steps': steps, 'result.preview': parts.at(-1).output,
                         'agent.outcome': 'offered' });
    meters.steps.record(steps);
    meters.duration.record(performance.now() - began);
    logger.emit({ severityNumber: SeverityNumber.INFO, severityText: 'INFO', body: 'run finished',
                  attributes: { event_type: 'agent.run', 'agent.steps': steps } });
  }).catch((error) => {
    meters.errors.add(1, { 'error.type': error.name });
    logger.emit({ severityNumber: SeverityNumber.ERROR, severityText: 'ERROR', body: error.message });
    throw error;
  });
}

await runJobs('planner', 8, (i) => run({
  input: `offer for a ${['pump', 'valve', 'motor', 'unlisted part'][i % 4]}`,
  session: `offer-${i % 3}`,
  user: ['amira', 'jonas'][i % 2],
}));
await stop();
