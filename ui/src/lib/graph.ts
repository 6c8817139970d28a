// Who called whom in a run, and where to draw it. Which agent called which the server says, with its
// evidence; tools and models hang on the agent around their span. The same trace gives the same picture.
import type { AgentEdge, Usage } from '../api/types';
import { isError, nameOf, numberAt, opOf, text, tokensAt, type TraceModel } from './trace';

export type NodeKind = 'agent' | 'tool' | 'llm' | 'retrieval';
export interface Placed { id: string; rank: number; x: number; y: number }
export interface Joined { from: string; to: string; back: boolean }
export interface GraphNode extends Placed {
  kind: NodeKind; label: string; calls: number; errors: number; ms: number; tokens: number; cost: number; rows: number[];
}
export interface GraphEdge extends Joined { id: string; calls: number; errors: number; how: string; handoff: boolean }
export interface Graph { nodes: GraphNode[]; edges: GraphEdge[]; width: number; height: number }

export const kNodeWidth = 212;
export const kNodeHeight = 50;
const kColumnGap = 168;
const kRowGap = 22;
const kMargin = 24;

const kLeafKinds: Record<string, NodeKind> = { tool: 'tool', llm: 'llm', retrieval: 'retrieval' };

// The agent that each row works for: its own, or the one of the nearest ancestor.
export function owners(model: TraceModel): string[] {
  const owner: string[] = new Array<string>(model.count).fill('');
  const root = model.order[0];
  for (const row of model.order) {
    const up = model.parent[row]!;
    const own = text(model.columns.agent, row);
    owner[row] = own || (up >= 0 ? owner[up]! : root != null ? nameOf(model, root) : '');
  }
  return owner;
}

// How the server knows of a call, in words for a label and for a sentence.
export const kEvidence: Record<string, string> = {
  parent: 'parent span', message: 'message', attribute: 'delegate span', tool: 'tool', link: 'span link',
};
export const kEvidenceSentences: Record<string, string> = {
  'parent span': 'the called span lies below the caller', message: 'a consumer of a message is linked to its producer',
  'delegate span': 'a delegation span or its attributes name the agent', tool: 'a hand-off or delegation tool was called',
  'span link': 'another span link',
};

export interface GraphOptions { delegationOnly: boolean; edges?: readonly AgentEdge[]; usage?: readonly Usage[] }

class Builder {
  nodes = new Map<string, GraphNode>();
  edges = new Map<string, GraphEdge>();

  node(kind: NodeKind, label: string): GraphNode {
    const id = `${kind}:${label}`;
    let node = this.nodes.get(id);
    if (!node) {
      node = { id, kind, label, calls: 0, errors: 0, ms: 0, tokens: 0, cost: 0, rows: [], rank: 0, x: 0, y: 0 };
      this.nodes.set(id, node);
    }
    return node;
  }

  edge(from: GraphNode, to: GraphNode, how: string, calls: number, errors: number, handoff = false) {
    const id = `${from.id}\n${to.id}`;
    const edge = this.edges.get(id) ?? { id, from: from.id, to: to.id, calls: 0, errors: 0, how, handoff, back: false };
    edge.calls += calls;
    edge.errors += errors;
    edge.handoff ||= handoff;
    if (!edge.how.split(', ').includes(how)) edge.how += `, ${how}`;
    this.edges.set(id, edge);
  }
}

function visit(model: TraceModel, row: number, owner: string[], builder: Builder, { delegationOnly, edges }: GraphOptions) {
  const up = model.parent[row]!;
  const agent = owner[row]!;
  const node = builder.node('agent', agent);
  const enters = up < 0 || owner[up] !== agent;
  if (enters) {
    ++node.calls;
    node.ms += model.durationMs[row]!;
    node.rows.push(row);
    if (up >= 0 && !edges) builder.edge(builder.node('agent', owner[up]!), node, kEvidence.parent!, 1, isError(model, row) ? 1 : 0);
  }
  if (isError(model, row)) ++node.errors;
  const tokens = tokensAt(model, row);
  const kind = kLeafKinds[opOf(model, row)];
  const cost = numberAt(model.columns.cost_usd, row) ?? 0;
  if (kind === 'llm') {
    node.tokens += tokens;
    node.cost += cost;
  }
  if (!kind || delegationOnly) return;
  const label = (kind === 'llm' ? text(model.columns.model, row) : text(model.columns.tool, row)) || nameOf(model, row);
  const leaf = builder.node(kind, label);
  ++leaf.calls;
  leaf.ms += model.durationMs[row]!;
  leaf.tokens += tokens;
  leaf.cost += cost;
  leaf.rows.push(row);
  if (isError(model, row)) ++leaf.errors;
  builder.edge(node, leaf, kEvidence.parent!, 1, isError(model, row) ? 1 : 0);
}

// Longest path from the roots; edges that close a loop are marked and do not count.
function rank(nodes: Map<string, Placed>, edges: Joined[]) {
  const out = new Map<string, Joined[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const state = new Map<string, number>();
  const order: string[] = [];
  const walk = (start: string) => {
    const stack: { id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, 1);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const edge = (out.get(top.id) ?? [])[top.next++];
      if (!edge) {
        state.set(top.id, 2);
        order.unshift(top.id);
        stack.pop();
      } else if (state.get(edge.to) === 1) {
        edge.back = true;
      } else if (!state.has(edge.to)) {
        state.set(edge.to, 1);
        stack.push({ id: edge.to, next: 0 });
      }
    }
  };
  for (const id of nodes.keys()) if (!state.has(id)) walk(id);
  for (const id of order) {
    for (const edge of out.get(id) ?? []) {
      if (!edge.back) nodes.get(edge.to)!.rank = Math.max(nodes.get(edge.to)!.rank, nodes.get(id)!.rank + 1);
    }
  }
}

// Tools and models stand one column right of their agents, in the order of the agents' rows.
function place(nodes: Placed[], edges: Joined[]): { width: number; height: number } {
  const columns: Placed[][] = [];
  for (const node of nodes) (columns[node.rank] ??= []).push(node);
  const position = new Map<string, number>();
  const parents = (node: Placed) => edges.filter(({ to, back }) => to === node.id && !back).map(({ from }) => position.get(from) ?? 0);
  const mean = (values: number[]) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : 0);
  const tallest = Math.max(0, ...columns.map((column) => column?.length ?? 0));
  const height = tallest * (kNodeHeight + kRowGap) - kRowGap + 2 * kMargin;
  columns.forEach((column, rankIndex) => {
    const sorted = column.map((node, i) => ({ node, i, at: mean(parents(node)) })).sort((a, b) => a.at - b.at || a.i - b.i);
    const used = sorted.length * (kNodeHeight + kRowGap) - kRowGap;
    sorted.forEach(({ node }, i) => {
      node.x = kMargin + rankIndex * (kNodeWidth + kColumnGap);
      node.y = (height - used) / 2 + i * (kNodeHeight + kRowGap);
      position.set(node.id, node.y);
    });
  });
  return { width: columns.length * (kNodeWidth + kColumnGap) - kColumnGap + 2 * kMargin, height };
}

// What the server counted, where it did: a call that two libraries recorded counts once.
function countUsage(builder: Builder, usage: readonly Usage[]) {
  const sums = new Map<string, { tokens: number; cost: number }>();
  for (const { agent, total_tokens: tokens, cost_usd: cost } of usage) {
    const sum = sums.get(agent) ?? { tokens: 0, cost: 0 };
    sums.set(agent, { tokens: sum.tokens + tokens, cost: sum.cost + cost });
  }
  for (const node of builder.nodes.values()) if (node.kind === 'agent') Object.assign(node, sums.get(node.label));
}

// Gives nodes their places and marks edges that close a loop.
export function layout(nodes: Map<string, Placed>, edges: Joined[]): { width: number; height: number } {
  rank(nodes, edges);
  return place([...nodes.values()], edges);
}

export function buildGraph(model: TraceModel, options: GraphOptions): Graph {
  const builder = new Builder();
  const owner = owners(model);
  for (const row of model.order) visit(model, row, owner, builder, options);
  const root = owner[model.order[0] ?? 0] ?? '';
  for (const { from, to, evidence, calls, errors, handoff } of options.edges ?? []) {
    builder.edge(builder.node('agent', from || root), builder.node('agent', to || root), kEvidence[evidence] ?? evidence, calls, errors, handoff);
  }
  if (options.usage) countUsage(builder, options.usage);
  const edges = [...builder.edges.values()].filter(({ from, to }) => from !== to);
  const size = layout(builder.nodes, edges);
  return { nodes: [...builder.nodes.values()], edges, ...size };
}
