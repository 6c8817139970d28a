import { describe, expect, it } from 'vitest';
import type { Attributes, Span } from '../api/types';
import { conversationOf, documentsOf, inherited, toolIoOf } from './messages';

const span = (attributes: Attributes, extra: Partial<Span> = {}) => ({ attributes, events: [], ...extra }) as unknown as Span;
const texts = (attributes: Attributes) => {
  const conversation = conversationOf(span(attributes))!;
  return [...conversation.input, ...conversation.output].map(({ role, parts }) => `${role}: ${parts.map((p) => p.text ?? p.name ?? p.type).join('|')}`);
};

describe('conversations', () => {
  it('prefers what the server normalised', () => {
    const messages = { input: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }], output: [] };
    expect(conversationOf(span({ 'input.value': 'no' }, { messages }))).toMatchObject({ origin: 'server', input: messages.input });
  });
  it('reads OpenTelemetry messages', () => {
    expect(texts({
      'gen_ai.system_instructions': '[{"type":"text","content":"be brief"}]',
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
      'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"tool_call","id":"1","name":"weather","arguments":{}}]}]' }))
      .toEqual(['system: be brief', 'user: hi', 'assistant: weather']);
  });
  it('reads flattened OpenInference messages', () => {
    expect(texts({
      'llm.input_messages.0.message.role': 'user', 'llm.input_messages.0.message.content': 'hi',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'search' })).toEqual(['user: hi', 'assistant: search']);
  });
  it('reads OpenAI bodies, the AI SDK and OpenLLMetry', () => {
    expect(texts({ 'input.value': '{"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"http://x/y.png"}}]}]}',
                   'output.value': '{"choices":[{"message":{"role":"assistant","content":"yes"}}]}' }))
      .toEqual(['system: s', 'user: hi|image', 'assistant: yes']);
    expect(texts({ 'ai.prompt': '{"system":"s","prompt":"hi"}', 'ai.response.text': 'yes' })).toEqual(['system: s', 'user: hi', 'assistant: yes']);
    expect(texts({ 'gen_ai.prompt.0.role': 'user', 'gen_ai.prompt.0.content': 'hi', 'gen_ai.completion.0.content': 'yes' }))
      .toEqual(['user: hi', 'assistant: yes']);
  });
  it('does not fall for hostile keys or broken JSON', () => {
    expect(texts({ 'llm.prompt': '[{"role":', 'llm.completion': '"x' })).toEqual(['user: [{"role":', 'assistant: "x']);
    conversationOf(span({ 'llm.input_messages.__proto__.polluted': 'yes', 'llm.input_messages.0.constructor.prototype': 'x' }));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  it('knows what is new since the last call', () => {
    const message = (text: string) => ({ role: 'user', parts: [{ type: 'text', text }] });
    expect(inherited({ input: [message('a')], output: [message('b')] }, [message('a'), message('b'), message('c')])).toBe(2);
    expect(inherited({ input: [message('a')], output: [] }, [message('x')])).toBe(0);
  });
});

it('reads tool calls and documents', () => {
  expect(toolIoOf(span({ 'tool.arguments': '{"a":1}', 'result.preview': 'plain' }))).toEqual({ arguments: { a: 1 }, result: 'plain' });
  expect(documentsOf(span({ 'retrieval.documents.0.document.id': 'd1', 'retrieval.documents.0.document.score': 0.9 }))).toEqual([{ id: 'd1', score: 0.9 }]);
});
