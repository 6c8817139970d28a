// The same little conversation for every instrumentation: one tool call, then the answer. The
// figures are what a run of it must show.
export const kQuestion = 'weather in Oslo';
export const kModel = 'small-1';
export const kToolResult = { city: 'Oslo', sky: 'rain', celsius: 7 };
export const kAnswer = 'It rains in Oslo, at 7 degrees.';
export const kScenarios = [{ when: '^weather in (\\w+)', turns: [
  { tools: [{ name: 'weather', arguments: { city: '$1' } }], usage: [100, 20] },
  { say: kAnswer, usage: [150, 30] },
] }];
export const kExpected = { steps: 2, tool_calls: 1, models: [kModel], tools: ['weather'],
                           tokens: { input: 250, output: 50, total: 300 } };
export const kSession = 'session-1';
export const kUser = 'user-1';

export const kTool = {
  type: 'function',
  function: { name: 'weather', description: 'The weather in a city',
              parameters: { type: 'object', properties: { city: { type: 'string' } },
                            required: ['city'] } },
};

// The loop of the clients that use the OpenAI package. `callTool(call)` returns the result.
export async function converse(client, callTool) {
  const messages = [{ role: 'user', content: kQuestion }];
  while (true) {
    const { choices } = await client.chat.completions.create({ model: kModel, messages, tools: [kTool] });
    const { message } = choices[0];
    if (!message.tool_calls) return message.content;
    messages.push(message);
    for (const call of message.tool_calls) {
      messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(await callTool(call)) });
    }
  }
}
