// A research assistant: the OpenAI client with the OpenInference instrumentation, tools with
// OpenInference's own attributes, sessions and users through its context functions.
import { context, SpanStatusCode } from '@opentelemetry/api';
import { setSession, setUser } from '@arizeai/openinference-core';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import OpenAI from 'openai';
import { runToolLoop } from '../openai-loop.mjs';
import { runJobs } from '../jobs.mjs';
import { startTelemetry } from '../telemetry.mjs';

const telemetry = await startTelemetry();
new OpenAIInstrumentation({ tracerProvider: telemetry.provider }).manuallyInstrument(OpenAI);
const client = new OpenAI({ maxRetries: 0 });

const kLibrary = {
  tides: 'Spring tides follow full and new moon by about two days.',
  glaciers: 'Alpine glaciers lost about a tenth of their volume in two years.',
  bees: 'A honey bee visits up to two thousand flowers a day.',
};
const kTools = {
  search: {
    description: 'Finds documents about a topic',
    parameters: { query: { type: 'string' } },
    kind: 'RETRIEVER',
    run: ({ query }) => Object.entries(kLibrary).filter(([id]) => query.includes(id))
      .map(([id, content]) => ({ id, content, score: 0.9 })),
  },
  fetch_page: {
    description: 'Reads a page of the archive',
    parameters: { page: { type: 'string' } },
    kind: 'TOOL',
    run: ({ page }) => {
      if (page.startsWith('archive/')) throw new Error(`archive is offline: cannot read ${page}`);
      return { page, text: kLibrary[page] ?? 'nothing there' };
    },
  },
};

function retrieved(documents) {
  const attributes = {};
  for (const [i, document] of documents.entries()) {
    for (const [key, value] of Object.entries(document)) {
      attributes[`retrieval.documents.${i}.document.${key}`] = value;
    }
  }
  return attributes;
}

function inSpan(name, attributes, body) {
  return telemetry.tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await body(span);
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

function callTool({ name, text }, run) {
  const attributes = { 'openinference.span.kind': kTools[name].kind, 'tool.name': name,
                       'input.value': text, 'input.mime_type': 'application/json' };
  return inSpan(name, attributes, async (span) => {
    const result = await run();
    span.setAttributes({ 'output.value': JSON.stringify(result),
                         'output.mime_type': 'application/json' });
    if (Array.isArray(result)) span.setAttributes(retrieved(result));
    return result;
  });
}

function answer({ input, session, user }) {
  const scope = setUser(setSession(context.active(), { sessionId: session }), { userId: user });
  const attributes = { 'openinference.span.kind': 'AGENT', 'agent.name': 'research-assistant',
                       'input.value': input, 'session.id': session, 'user.id': user };
  return context.with(scope, () => inSpan('research', attributes, async (span) => {
    const { output } = await runToolLoop({
      client, model: 'large-1', input, tools: kTools, callTool,
      system: 'You are a research assistant. Use the tools, cite the documents.',
    });
    span.setAttribute('output.value', output);
  }));
}

function question(i) {
  if (i === 7) return 'Report on an overloaded provider';
  if (i % 5 === 4) return `Find the original report about bees in box ${i}`;
  if (i % 4 === 3) return 'Compare tides and glaciers';
  return `What do we know about ${Object.keys(kLibrary)[i % 3]}?`;
}

await runJobs('research-assistant', 14, (i) => answer({
  input: question(i), session: `research-${i % 4}`, user: ['amira', 'jonas', 'mei'][i % 3],
}));
await telemetry.stop();
