// A summariser that streams: the OpenAI client with the OpenLLMetry (Traceloop) instrumentation.
import { SpanStatusCode } from '@opentelemetry/api';
import { OpenAIInstrumentation } from '@traceloop/instrumentation-openai';
import OpenAI from 'openai';
import { runJobs } from '../jobs.mjs';
import { startTelemetry } from '../telemetry.mjs';

const telemetry = await startTelemetry();
const instrumentation = new OpenAIInstrumentation();
instrumentation.setTracerProvider(telemetry.provider);
instrumentation.manuallyInstrument(OpenAI);
const client = new OpenAI({ maxRetries: 0 });

async function summarise(text) {
  const stream = await client.chat.completions.create({
    model: 'small-1', stream: true, stream_options: { include_usage: true },
    messages: [{ role: 'system', content: 'Summarise the text in two sentences.' },
               { role: 'user', content: text }],
  });
  let summary = '';
  for await (const chunk of stream) summary += chunk.choices[0]?.delta.content ?? '';
  return summary;
}

function run({ text, session }) {
  const attributes = { 'traceloop.span.kind': 'workflow', 'traceloop.entity.name': 'summarise',
                       'traceloop.workflow.name': 'summarise',
                       'traceloop.association.properties.session_id': session,
                       'traceloop.entity.input': JSON.stringify({ args: [text] }) };
  return telemetry.tracer.startActiveSpan('summarise.workflow', { attributes }, async (span) => {
    try {
      const summary = await summarise(text);
      if (summary === '') throw new Error('the summary is empty');
      span.setAttribute('traceloop.entity.output', JSON.stringify(summary));
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

const kParagraph = 'The harbour office reports the water level every ten minutes, and the gates ' +
  'close when it passes the mark. Ships that wait outside are told by radio. ';
await runJobs('summariser', 8, (i) => run({
  text: i === 5 ? 'Report without words' : `Report ${i}. ${kParagraph.repeat(i + 1)}`,
  session: `digest-${i % 2}`,
}));
await telemetry.stop();
