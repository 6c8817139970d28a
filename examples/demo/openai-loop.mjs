// The tool loop of agents that talk to the OpenAI client directly.
export const kMaxSteps = 15;

function declare(tools) {
  return Object.entries(tools).map(([name, { description, parameters }]) => ({
    type: 'function',
    function: { name, description,
                parameters: { type: 'object', properties: parameters,
                              required: Object.keys(parameters) } },
  }));
}

// Calls the model until it answers. `callTool(call, run)` wraps the execution of one tool, so that
// an agent can put its own span around it. A failing tool is reported to the model, not thrown.
export async function runToolLoop({ client, model, system, input, tools, callTool, callModel }) {
  const messages = [{ role: 'system', content: system }, { role: 'user', content: input }];
  const ask = callModel ?? ((body) => client.chat.completions.create(body));
  let tokens = 0;
  for (let step = 1; step <= kMaxSteps; ++step) {
    const completion = await ask({ model, messages, tools: declare(tools) });
    const { message } = completion.choices[0];
    tokens += completion.usage.total_tokens;
    if (!message.tool_calls) return { output: message.content, steps: step, tokens };
    messages.push(message);
    for (const call of message.tool_calls) {
      const { name, arguments: text } = call.function;
      let content;
      try {
        content = JSON.stringify(await callTool({ id: call.id, name, text },
                                                () => tools[name].run(JSON.parse(text))));
      } catch (error) {
        content = JSON.stringify({ error: error.message });
      }
      messages.push({ role: 'tool', tool_call_id: call.id, content });
    }
  }
  throw new Error(`no answer after ${kMaxSteps} steps`);
}
