// Who called whom in a run, from parent and child spans, and where to draw it. The same trace gives
// the same picture.
import { isError, nameOf, opOf, text, tokensAt, type TraceModel } from './trace';

export type NodeKind = 'agent' | 'tool' | 'llm' | 'retrieval';
export interface GraphNode {
  id: string; kind: NodeKind; label: string; calls: number; errors: number; ms: number; tokens: number;
  rows: number[]; rank: number; x: number; y: number;
}
export interface GraphEdge { id: string; from: string; to: string; calls: number; errors: number; how: string; back: boolean }
export interface Graph { nodes: GraphNode[]; edges: GraphEdge[]; width: number; height: number }

export const kNodeWidth = 176;
export const kNodeHeight = 50;
const kColumnGap = 132;
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

class Builder {
  nodes = new Map<string, GraphNode>();
  edges = new Map<string, GraphEdge>();

  node(kind: NodeKind, label: string): GraphNode {
    const id = `${kind}:${label}`;
    let node = this.nodes.get(id);
    if (!node) {
      node = { id, kind, label, calls: 0, errors: 0, ms: 0, tokens: 0, rows: [], rank: 0, x: 0, y: 0 };
      this.nodes.set(id, node);
    }
    return node;
  }

  edge(from: GraphNode, to: GraphNode, how: string, failed: boolean) {
    const id = `${from.id}\n${to.id}`;
    const edge = this.edges.get(id) ?? { id, from: from.id, to: to.id, calls: 0, errors: 0, how, back: false };
    ++edge.calls;
    if (failed) ++edge.errors;
    this.edges.set(id, edge);
  }
}

function visit(model: TraceModel, row: number, owner: string[], builder: Builder, delegationOnly: boolean) {
  const up = model.parent[row]!;
  const agent = owner[row]!;
  const node = builder.node('agent', agent);
  const enters = up < 0 || owner[up] !== agent;
  if (enters) {
    ++node.calls;
    node.ms += model.durationMs[row]!;
    node.rows.push(row);
    if (up >= 0) builder.edge(builder.node('agent', owner[up]!), node, opOf(model, up) === 'delegate' || opOf(model, row) === 'delegate' ? 'delegate span' : 'parent span', isError(model, row));
  }
  if (isError(model, row)) ++node.errors;
  const tokens = tokensAt(model, row);
  const kind = kLeafKinds[opOf(model, row)];
  if (kind === 'llm') node.tokens += tokens;
  if (!kind || delegationOnly) return;
  const label = (kind === 'llm' ? text(model.columns.model, row) : text(model.columns.tool, row)) || nameOf(model, row);
  const leaf = builder.node(kind, label);
  ++leaf.calls;
  leaf.ms += model.durationMs[row]!;
  leaf.tokens += tokens;
  leaf.rows.push(row);
  if (isError(model, row)) ++leaf.errors;
  builder.edge(node, leaf, 'parent span', isError(model, row));
}

// Longest path from the roots; edges that close a loop are marked and do not count.
function rank(nodes: Map<string, GraphNode>, edges: GraphEdge[]) {
  const out = new Map<string, GraphEdge[]>();
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
function place(nodes: GraphNode[], edges: GraphEdge[]): { width: number; height: number } {
  const columns: GraphNode[][] = [];
  for (const node of nodes) (columns[node.rank] ??= []).push(node);
  const position = new Map<string, number>();
  const parents = (node: GraphNode) => edges.filter(({ to, back }) => to === node.id && !back).map(({ from }) => position.get(from) ?? 0);
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

export function buildGraph(model: TraceModel, delegationOnly: boolean): Graph {
  const builder = new Builder();
  const owner = owners(model);
  for (const row of model.order) visit(model, row, owner, builder, delegationOnly);
  const edges = [...builder.edges.values()].filter(({ from, to }) => from !== to);
  rank(builder.nodes, edges);
  const nodes = [...builder.nodes.values()];
  return { nodes, edges, ...place(nodes, edges) };
}
