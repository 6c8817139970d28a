import { useMemo, type ReactNode } from 'react';
import type { WholeRun } from '../../api/types';
import { Figures } from '../../components/Figures';
import { Arrow, GraphCanvas, NodeBox } from '../../components/GraphCanvas';
import { Badge, Segments } from '../../components/ui';
import { count, duration, exact, usdShort } from '../../lib/format';
import { buildGraph, kEvidenceSentences, type Graph, type GraphEdge, type GraphNode } from '../../lib/graph';
import { phaseOf, type Head, type Phase, type Playhead } from '../../lib/playhead';
import type { TraceModel } from '../../lib/trace';
import { oneLine } from '../../lib/visible';
import { useHead } from './PlayBar';
import css from './Run.module.css';

const kMaxNodes = 150;

export type GraphMode = 'full' | 'delegation' | 'table';

function nodePhase(model: TraceModel, { rows }: GraphNode, { on, at }: Head): Phase | undefined {
  if (!on || rows.length === 0) return undefined;
  let phase: Phase = 'later';
  for (const row of rows) {
    const each = phaseOf(model, row, at);
    if (each === 'now') return 'now';
    if (each === 'done') phase = 'done';
  }
  return phase;
}

const labelOf = ({ how, handoff, calls, errors }: GraphEdge) =>
  `${handoff ? `hand-off, ${how}` : how}${calls > 1 ? ` × ${exact(calls)}` : ''}${errors > 0 ? `, ${exact(errors)} failed` : ''}`;

const factsOf = (node: GraphNode) => [
  `${exact(node.calls)} ×`, duration(node.ms), node.tokens > 0 ? `${count(node.tokens)} tok` : '', node.cost > 0 ? usdShort(node.cost) : '', node.errors > 0 ? `${node.errors} failed` : '',
].filter(Boolean).join(' · ');

// The graph as a table, for those who cannot or do not want to see it.
function EdgeTable({ graph, nodes }: { graph: Graph; nodes: Map<string, GraphNode> }) {
  const name = (id: string) => oneLine(nodes.get(id)!.label, 80);
  return (
    <div className={css.scroll}>
      <Figures label="Calls" rows={graph.edges} keyOf={({ id }) => id} columns={[
        { title: 'Caller', cell: ({ from }) => <strong>{name(from)}</strong> },
        { title: 'Called', cell: ({ to }) => <>{name(to)} <Badge>{nodes.get(to)!.kind}</Badge></> },
        { title: 'Known from', cell: ({ how, handoff, back }) => <>{how}{handoff && <> <Badge tone="accent">hand-off</Badge></>}{back && <> <Badge>loop</Badge></>}</> },
        { title: 'Calls', right: true, cell: ({ calls }) => exact(calls) }, { title: 'Failed', right: true, cell: ({ errors }) => exact(errors) }]} />
      <br />
      <Figures label="Agents, tools and models" rows={graph.nodes} keyOf={({ id }) => id} columns={[
        { title: 'Name', cell: ({ label, kind }) => <><strong>{oneLine(label, 80)}</strong> <Badge>{kind}</Badge></> },
        { title: 'Calls', right: true, cell: ({ calls }) => exact(calls) }, { title: 'Failed spans', right: true, cell: ({ errors }) => exact(errors) },
        { title: 'Time', right: true, cell: ({ ms }) => duration(ms) }, { title: 'Tokens', right: true, cell: ({ tokens }) => (tokens > 0 ? count(tokens) : '–') },
        { title: 'Cost', right: true, cell: ({ cost }) => (cost > 0 ? usdShort(cost) : '–') }]} />
    </div>
  );
}

interface Props {
  model: TraceModel; whole?: WholeRun; selected: number; onSelect: (row: number) => void; playhead: Playhead;
  mode: GraphMode; onMode: (mode: GraphMode) => void;
}

// Who called whom, with how it is known on every edge. A click goes through a node's spans.
export function GraphView(props: Props) {
  const { model, whole, mode, onMode } = props;
  const graph = useMemo(() => buildGraph(model, { delegationOnly: mode === 'delegation', edges: whole?.edges, usage: whole?.usage }), [model, mode, whole]);
  const nodes = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node])), [graph]);
  const modes = <Segments label="What is shown" value={mode} options={[['full', 'Agents, tools and models'], ['delegation', 'Delegation only'], ['table', 'Table']]} onChange={onMode} />;
  if (mode === 'table') return <><div className={css.tools}>{modes}</div><EdgeTable graph={graph} nodes={nodes} /></>;
  return <Picture {...props} graph={graph} nodes={nodes} modes={modes} />;
}

function Picture({ model, selected, onSelect, playhead, graph, nodes, modes }: Props & { graph: Graph; nodes: Map<string, GraphNode>; modes: ReactNode }) {
  const head = useHead(playhead);
  const pick = ({ rows }: GraphNode) => { const row = rows[(rows.indexOf(selected) + 1) % rows.length]; if (row != null) onSelect(row); };
  const busiest = graph.nodes.length > kMaxNodes ? graph.nodes.slice().sort((a, b) => b.calls - a.calls).slice(0, kMaxNodes) : graph.nodes;
  const shown = new Set(busiest.map(({ id }) => id));
  const used = Object.keys(kEvidenceSentences).filter((name) => graph.edges.some(({ how }) => how.split(', ').includes(name)));
  const evidence = used.length === 0 ? 'One agent, which called upon nothing.' : `${used.map((name) => `${name}: ${kEvidenceSentences[name]}`).join('; ')}.`;
  const note = <>{busiest.length < graph.nodes.length && `${kMaxNodes} of ${exact(graph.nodes.length)} nodes, the busiest. `}{evidence} Timing is never used.{graph.edges.some(({ back }) => back) && ' A dashed edge closes a loop.'}</>;
  return (
    <GraphCanvas label="Agent graph" graph={graph} tools={modes} note={note}>
      {graph.edges.filter(({ from, to }) => shown.has(from) && shown.has(to)).map((edge) => (
        <Arrow key={edge.id} from={nodes.get(edge.from)!} to={nodes.get(edge.to)!} back={edge.back} label={labelOf(edge)} bad={edge.errors > 0}
               title={`${edge.calls} calls, ${edge.errors} failed; known from: ${edge.how}`} phase={nodePhase(model, nodes.get(edge.to)!, head)} />))}
      {busiest.map((node) => <NodeBox key={node.id} node={node} label={node.label} facts={factsOf(node)} color={`--op-${node.kind}`} bad={node.errors > 0}
                                      on={node.rows.includes(selected)} phase={nodePhase(model, node, head)} onPick={() => pick(node)} />)}
    </GraphCanvas>
  );
}
