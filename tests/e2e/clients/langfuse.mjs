import { LangfuseSpanProcessor } from '@langfuse/otel';
import { propagateAttributes, setLangfuseTracerProvider, startActiveObservation } from '@langfuse/tracing';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { kAnswer, kModel, kQuestion, kSession, kToolResult, kUser } from './scenario.mjs';

const provider = startTracing((exporter) => new LangfuseSpanProcessor({
  exporter, publicKey: 'pk-test', secretKey: 'sk-test', environment: 'test',
}), await exporterFromEnvironment());
setLangfuseTracerProvider(provider);

function generation(parent, input, output, [promptTokens, completionTokens]) {
  parent.startObservation('call-model', {
    model: kModel, input, output,
    usageDetails: { input: promptTokens, output: completionTokens, total: promptTokens + completionTokens },
  }, { asType: 'generation' }).end();
}

const question = [{ role: 'user', content: kQuestion }];
await propagateAttributes({ sessionId: kSession, userId: kUser }, () =>
  startActiveObservation('assistant', async (agent) => {
    agent.update({ input: kQuestion });
    generation(agent, question, { role: 'assistant', tool_calls: [{ name: 'weather' }] }, [100, 20]);
    agent.startObservation('weather', { input: { city: 'Oslo' }, output: kToolResult },
                           { asType: 'tool' }).end();
    generation(agent, question, { role: 'assistant', content: kAnswer }, [150, 30]);
    agent.update({ output: kAnswer });
    console.log(JSON.stringify({ traceId: agent.traceId }));
  }, { asType: 'agent' }));
await provider.forceFlush();
await provider.shutdown();
