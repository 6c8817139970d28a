import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import * as callbacks from '@langchain/core/callbacks/manager';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, ToolMessage } from '@langchain/core/messages';
import { RunnableLambda } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { trace } from '@opentelemetry/api';
import { z } from 'zod';
import { exporterFromEnvironment, startTracing } from '../support/otel.mjs';
import { kAnswer, kModel, kQuestion, kSession, kToolResult } from './scenario.mjs';

const provider = startTracing(undefined, await exporterFromEnvironment());
const instrumentation = new LangChainInstrumentation({ tracerProvider: provider });
instrumentation.manuallyInstrument(callbacks);

function usage(input, output) {
  return { input_tokens: input, output_tokens: output, total_tokens: input + output };
}

class ScriptedModel extends BaseChatModel {
  replies = [
    new AIMessage({ content: '', usage_metadata: usage(100, 20),
                    tool_calls: [{ id: 'call_1', name: 'weather', args: { city: 'Oslo' } }] }),
    new AIMessage({ content: kAnswer, usage_metadata: usage(150, 30) }),
  ];
  _llmType() { return 'scripted'; }
  _identifyingParams() { return { model_name: kModel }; }
  invocationParams() { return { model: kModel }; }
  async _generate() {
    const message = this.replies.shift();
    const { input_tokens: promptTokens, output_tokens: completionTokens, total_tokens: totalTokens } =
      message.usage_metadata;
    return { generations: [{ text: message.content, message }],
             llmOutput: { tokenUsage: { promptTokens, completionTokens, totalTokens } } };
  }
}

const model = new ScriptedModel({});
const weather = tool(async () => JSON.stringify(kToolResult),
                     { name: 'weather', description: 'The weather in a city',
                       schema: z.object({ city: z.string() }) });

const agent = RunnableLambda.from(async (question, config) => {
  const messages = [['human', question]];
  const first = await model.invoke(messages, config);
  const call = first.tool_calls[0];
  const result = await weather.invoke(call.args, config);
  messages.push(first, new ToolMessage({ tool_call_id: call.id, content: result }));
  return (await model.invoke(messages, config)).content;
}).withConfig({ runName: 'assistant', metadata: { session_id: kSession } });

await trace.getTracer('client').startActiveSpan('request', async (span) => {
  await agent.invoke(kQuestion);
  span.end();
  console.log(JSON.stringify({ traceId: span.spanContext().traceId }));
});
await provider.shutdown();
