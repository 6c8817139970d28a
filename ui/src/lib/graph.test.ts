import { expect, it } from 'vitest';
import { buildGraph } from './graph';
import type { TraceModel } from './trace';

const words = (...values: string[]) => { const dictionary = [...new Set(values)]; return { dictionary, index: values.map((value) => dictionary.indexOf(value)) }; };
const model = {
  count: 4, order: Int32Array.of(0, 1, 2, 3), parent: Int32Array.of(-1, 0, 0, 2), startMs: Float64Array.of(0, 1, 2, 3), durationMs: Float64Array.of(9, 1, 5, 2),
  columns: { span_id: ['a', 'b', 'c', 'd'], name: words('boss', 'search', 'worker', 'chat'), agent: words('boss', '', 'worker', ''), op: words('agent', 'tool', 'agent', 'llm'),
             tool: words('', 'search', '', ''), model: words('', '', '', 'small'), status: words('ok', 'ok', 'ok', 'error'), cost_usd: [null, null, null, 0.5], total_tokens: [null, null, null, 7] },
} as unknown as TraceModel;

it('takes calls between agents from the server, with their evidence', () => {
  const { nodes, edges } = buildGraph(model, { delegationOnly: true, usage: [{ agent: 'worker', total_tokens: 11, cost_usd: 0.25 } as never],
    edges: [{ from: 'boss', to: 'worker', evidence: 'tool', handoff: true, calls: 2, errors: 1 }, { from: 'boss', to: 'worker', evidence: 'link', handoff: false, calls: 1, errors: 0 }] });
  expect(nodes.map(({ label }) => label)).toEqual(['boss', 'worker']);
  expect(edges).toMatchObject([{ calls: 3, errors: 1, how: 'tool, span link', handoff: true }]);
  expect(nodes[1]).toMatchObject({ tokens: 11, cost: 0.25 });
});
it('falls back to parents while the server has not answered', () => {
  const { edges } = buildGraph(model, { delegationOnly: false });
  expect(edges.map(({ from, to, how }) => `${from} ${to} ${how}`)).toEqual(['agent:boss tool:search parent span', 'agent:boss agent:worker parent span', 'agent:worker llm:small parent span']);
});
it('keeps callers of other traces, and draws loops as loops', () => {
  const { nodes, edges } = buildGraph(model, { delegationOnly: true, edges: [{ from: 'trace:00', to: 'boss', evidence: 'link', handoff: false, calls: 1, errors: 0 },
    { from: 'boss', to: 'worker', evidence: 'parent', handoff: false, calls: 1, errors: 0 }, { from: 'worker', to: 'boss', evidence: 'tool', handoff: false, calls: 4, errors: 0 }] });
  expect(nodes).toHaveLength(3);
  expect(edges.filter(({ back }) => back)).toHaveLength(1);
});
