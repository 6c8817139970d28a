import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { WholeRun } from '../../api/types';
import { Figures } from '../../components/Figures';
import { Badge, Button, Segments } from '../../components/ui';
import { count, duration, exact, usdShort } from '../../lib/format';
import { buildGraph, kEvidenceSentences, kNodeHeight, kNodeWidth, type Graph, type GraphEdge, type GraphNode } from '../../lib/graph';
import { phaseOf, type Head, type Phase, type Playhead } from '../../lib/playhead';
import type { TraceModel } from '../../lib/trace';
import { oneLine } from '../../lib/visible';
import { useHead } from './PlayBar';
import css from './Run.module.css';

const kColors: Record<string, string> = { agent: 'agent', tool: 'tool', llm: 'llm', retrieval: 'retrieval' };
const kMaxNodes = 150;

export type GraphMode = 'full' | 'delegation' | 'table';

interface Box { x: number; y: number; width: number; height: number }

function edgePath(from: GraphNode, to: GraphNode, back: boolean): { path: string; x: number; y: number; tip: [number, number] } {
  const x1 = from.x + kNodeWidth;
  const y1 = from.y + kNodeHeight / 2;
  const x2 = to.x;
  const y2 = to.y + kNodeHeight / 2;
  if (back) {
    const low = Math.max(from.y, to.y) + kNodeHeight + 34;
    return { path: `M${from.x + kNodeWidth / 2},${from.y + kNodeHeight} C${from.x + kNodeWidth / 2},${low} ${to.x + kNodeWidth / 2},${low} ${to.x + kNodeWidth / 2},${to.y + kNodeHeight + 7}`,
             x: (from.x + to.x + kNodeWidth) / 2, y: low - 6, tip: [to.x + kNodeWidth / 2, to.y + kNodeHeight] };
  }
  const bend = Math.max(30, (x2 - x1) / 2);
  return { path: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2 - 7},${y2}`, x: x1 * 0.42 + x2 * 0.58, y: y1 * 0.35 + y2 * 0.65 - 5, tip: [x2, y2] };
}

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

function EdgeView({ edge, nodes, phase }: { edge: GraphEdge; nodes: Map<string, GraphNode>; phase?: Phase }) {
  const { path, x, y, tip: [tx, ty] } = edgePath(nodes.get(edge.from)!, nodes.get(edge.to)!, edge.back);
  const arrow = edge.back ? `M${tx},${ty} l-4,8 h8 z` : `M${tx},${ty} l-8,-4 v8 z`;
  return (
    <g>
      <title>{`${edge.calls} calls, ${edge.errors} failed; known from: ${edge.how}`}</title>
      <path className={css.edge} d={path} data-bad={edge.errors > 0} data-back={edge.back} data-phase={phase} />
      <path className={css.arrow} d={arrow} />
      <text className={css.edgeLabel} x={x} y={y}>{labelOf(edge)}</text>
    </g>
  );
}

function NodeView({ node, on, phase, onPick }: { node: GraphNode; on: boolean; phase?: Phase; onPick: () => void }) {
  const facts = [`${exact(node.calls)} ×`, duration(node.ms), node.tokens > 0 ? `${count(node.tokens)} tok` : '', node.cost > 0 ? usdShort(node.cost) : '', node.errors > 0 ? `${node.errors} failed` : ''].filter(Boolean).join(' · ');
  return (
    <g className={css.node} transform={`translate(${node.x} ${node.y})`} data-on={on} data-phase={phase} role="button" tabIndex={0} onClick={onPick}
       onKeyDown={(event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); onPick(); } }}>
      <rect width={kNodeWidth} height={kNodeHeight} rx={8} />
      <path d={`M8,0 h1 v${kNodeHeight} h-1 a8,8 0 0 1 -8,-8 v-${kNodeHeight - 16} a8,8 0 0 1 8,-8z`} style={{ fill: `var(--op-${kColors[node.kind]})` }} />
      <text x={18} y={21}>{oneLine(node.label, 26)}</text>
      <text className={css.sub} x={18} y={38} style={node.errors > 0 ? { fill: 'var(--bad)' } : undefined}>{facts.slice(0, 40)}</text>
    </g>
  );
}

function fit(graph: Graph, width: number, height: number): Box {
  const scale = Math.max(graph.width / width, graph.height / height, 1 / 1.3);
  return { x: (graph.width - width * scale) / 2, y: (graph.height - height * scale) / 2, width: width * scale, height: height * scale };
}

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
  const host = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<Box | null>(null);
  const drag = useRef<{ x: number; y: number; box: Box } | null>(null);
  const reset = () => setBox(fit(graph, host.current!.clientWidth || 1, host.current!.clientHeight || 1));
  useEffect(() => {
    const element = host.current!;
    const refit = () => setBox(fit(graph, element.clientWidth || 1, element.clientHeight || 1));
    const observer = new ResizeObserver(refit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [graph]);
  const zoom = (factor: number, cx = 0.5, cy = 0.5) => setBox((old) => old && ({
    x: old.x + old.width * cx * (1 - factor), y: old.y + old.height * cy * (1 - factor), width: old.width * factor, height: old.height * factor }));
  useEffect(() => {
    const element = host.current!;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const rect = element.getBoundingClientRect();
      zoom(event.deltaY > 0 ? 1.12 : 1 / 1.12, (event.clientX - rect.left) / rect.width, (event.clientY - rect.top) / rect.height);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const pick = (node: GraphNode) => { const at = node.rows.indexOf(selected); const row = node.rows[(at + 1) % node.rows.length]; if (row != null) onSelect(row); };
  const used = Object.keys(kEvidenceSentences).filter((name) => graph.edges.some(({ how }) => how.split(', ').includes(name)));
  const evidence = used.length === 0 ? 'One agent, which called upon no other.' : `${used.map((name) => `${name}: ${kEvidenceSentences[name]}`).join('; ')}.`;
  const tooMany = graph.nodes.length > kMaxNodes;
  const shown = tooMany ? new Set(graph.nodes.slice().sort((a, b) => b.calls - a.calls).slice(0, kMaxNodes).map(({ id }) => id)) : null;
  return (
    <>
      <div className={css.tools}>
        {modes}
        <span style={{ flex: 1 }} />
        <Button onClick={() => zoom(1 / 1.3)} label="Zoom in">+</Button><Button onClick={() => zoom(1.3)} label="Zoom out">−</Button><Button onClick={reset}>Fit</Button>
      </div>
      <div ref={host} className={css.graph}
           onPointerDown={(event) => { if (box && !(event.target as Element).closest(`.${css.node}`)) { event.currentTarget.setPointerCapture(event.pointerId); drag.current = { x: event.clientX, y: event.clientY, box }; } }}
           onPointerMove={(event) => { if (drag.current) { const { x, y, box: old } = drag.current; const scale = old.width / host.current!.clientWidth; setBox({ ...old, x: old.x - (event.clientX - x) * scale, y: old.y - (event.clientY - y) * scale }); } }}
           onPointerUp={() => { drag.current = null; }}>
        <svg viewBox={box ? `${box.x} ${box.y} ${box.width} ${box.height}` : `0 0 ${graph.width} ${graph.height}`} role="group" aria-label="Agent graph">
          {graph.edges.filter(({ from, to }) => !shown || (shown.has(from) && shown.has(to))).map((edge) => <EdgeView key={edge.id} edge={edge} nodes={nodes} phase={nodePhase(model, nodes.get(edge.to)!, head)} />)}
          {graph.nodes.filter(({ id }) => !shown || shown.has(id)).map((node) => <NodeView key={node.id} node={node} on={node.rows.includes(selected)} phase={nodePhase(model, node, head)} onPick={() => pick(node)} />)}
        </svg>
        <p className={css.graphNote}>{tooMany ? `${kMaxNodes} of ${exact(graph.nodes.length)} nodes, the busiest. ` : ''}{evidence} Timing is never used.{graph.edges.some(({ back }) => back) && ' A dashed edge closes a loop.'}</p>
      </div>
    </>
  );
}
