import { useEffect, useMemo, useRef, useState } from 'react';
import { Button, Segments } from '../../components/ui';
import { count, duration, exact } from '../../lib/format';
import { buildGraph, kNodeHeight, kNodeWidth, type Graph, type GraphEdge, type GraphNode } from '../../lib/graph';
import type { TraceModel } from '../../lib/trace';
import { oneLine } from '../../lib/visible';
import css from './Run.module.css';

const kColors: Record<string, string> = { agent: 'agent', tool: 'tool', llm: 'llm', retrieval: 'retrieval' };
const kMaxNodes = 150;

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

function EdgeView({ edge, nodes }: { edge: GraphEdge; nodes: Map<string, GraphNode> }) {
  const { path, x, y, tip: [tx, ty] } = edgePath(nodes.get(edge.from)!, nodes.get(edge.to)!, edge.back);
  const arrow = edge.back ? `M${tx},${ty} l-4,8 h8 z` : `M${tx},${ty} l-8,-4 v8 z`;
  return (
    <g>
      <title>{`${edge.calls} calls, ${edge.errors} failed; known from the ${edge.how}`}</title>
      <path className={css.edge} d={path} data-bad={edge.errors > 0} data-back={edge.back} />
      <path className={css.arrow} d={arrow} />
      <text className={css.edgeLabel} x={x} y={y}>{edge.calls > 1 ? `${edge.how} × ${exact(edge.calls)}` : edge.how}{edge.errors > 0 ? `, ${edge.errors} failed` : ''}</text>
    </g>
  );
}

function NodeView({ node, on, onPick }: { node: GraphNode; on: boolean; onPick: () => void }) {
  const facts = [`${exact(node.calls)} ×`, duration(node.ms), node.tokens > 0 ? `${count(node.tokens)} tok` : '', node.errors > 0 ? `${node.errors} failed` : ''].filter(Boolean).join(' · ');
  return (
    <g className={css.node} transform={`translate(${node.x} ${node.y})`} data-on={on} role="button" tabIndex={0} onClick={onPick}
       onKeyDown={(event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); onPick(); } }}>
      <rect width={kNodeWidth} height={kNodeHeight} rx={8} />
      <path d={`M8,0 h1 v${kNodeHeight} h-1 a8,8 0 0 1 -8,-8 v-${kNodeHeight - 16} a8,8 0 0 1 8,-8z`} style={{ fill: `var(--op-${kColors[node.kind]})` }} />
      <text x={18} y={21}>{oneLine(node.label, 22)}</text>
      <text className={css.sub} x={18} y={38} style={node.errors > 0 ? { fill: 'var(--bad)' } : undefined}>{facts.slice(0, 30)}</text>
    </g>
  );
}

function fit(graph: Graph, width: number, height: number): Box {
  const scale = Math.max(graph.width / width, graph.height / height, 1 / 1.3);
  return { x: (graph.width - width * scale) / 2, y: (graph.height - height * scale) / 2, width: width * scale, height: height * scale };
}

// Who called whom, with how it is known on every edge. A click goes through a node's spans.
export function GraphView({ model, selected, onSelect }: { model: TraceModel; selected: number; onSelect: (row: number) => void }) {
  const [mode, setMode] = useState<'full' | 'delegation'>('full');
  const graph = useMemo(() => buildGraph(model, mode === 'delegation'), [model, mode]);
  const nodes = useMemo(() => new Map(graph.nodes.map((node) => [node.id, node])), [graph]);
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
  const tooMany = graph.nodes.length > kMaxNodes;
  const shown = tooMany ? new Set(graph.nodes.slice().sort((a, b) => b.calls - a.calls).slice(0, kMaxNodes).map(({ id }) => id)) : null;
  return (
    <>
      <div className={css.tools}>
        <Segments label="What is shown" value={mode} options={[['full', 'Agents, tools and models'], ['delegation', 'Delegation only']]} onChange={setMode} />
        <span style={{ flex: 1 }} />
        <Button onClick={() => zoom(1 / 1.3)} label="Zoom in">+</Button><Button onClick={() => zoom(1.3)} label="Zoom out">−</Button><Button onClick={reset}>Fit</Button>
      </div>
      <div ref={host} className={css.graph}
           onPointerDown={(event) => { if (box && !(event.target as Element).closest(`.${css.node}`)) { event.currentTarget.setPointerCapture(event.pointerId); drag.current = { x: event.clientX, y: event.clientY, box }; } }}
           onPointerMove={(event) => { if (drag.current) { const { x, y, box: old } = drag.current; const scale = old.width / host.current!.clientWidth; setBox({ ...old, x: old.x - (event.clientX - x) * scale, y: old.y - (event.clientY - y) * scale }); } }}
           onPointerUp={() => { drag.current = null; }}>
        <svg viewBox={box ? `${box.x} ${box.y} ${box.width} ${box.height}` : `0 0 ${graph.width} ${graph.height}`} role="group" aria-label="Agent graph">
          {graph.edges.filter(({ from, to }) => !shown || (shown.has(from) && shown.has(to))).map((edge) => <EdgeView key={edge.id} edge={edge} nodes={nodes} />)}
          {graph.nodes.filter(({ id }) => !shown || shown.has(id)).map((node) => <NodeView key={node.id} node={node} on={node.rows.includes(selected)} onPick={() => pick(node)} />)}
        </svg>
        <p className={css.graphNote}>{tooMany ? `${kMaxNodes} of ${exact(graph.nodes.length)} nodes, the busiest. ` : ''}Edges come from parent and child spans, never from timing. A dashed edge closes a loop.</p>
      </div>
    </>
  );
}
