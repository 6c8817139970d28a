// The frame of a graph: pan, zoom, fit, and the boxes and arrows in it. Where they stand lib/graph says.
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { kNodeHeight, kNodeWidth, type Placed } from '../lib/graph';
import { oneLine } from '../lib/visible';
import { Button } from './ui';
import css from './GraphCanvas.module.css';

interface Box { x: number; y: number; width: number; height: number }
const kLargestScale = 1.1;

function fit(graph: { width: number; height: number }, width: number, height: number): Box {
  const scale = Math.max(graph.width / width, graph.height / height, 1 / kLargestScale);
  return { x: (graph.width - width * scale) / 2, y: (graph.height - height * scale) / 2, width: width * scale, height: height * scale };
}

function edgePath(from: Placed, to: Placed, back: boolean): { path: string; x: number; y: number; tip: [number, number] } {
  if (back) {
    const low = Math.max(from.y, to.y) + kNodeHeight + 34;
    const [x1, x2] = [from.x + kNodeWidth / 2, to.x + kNodeWidth / 2];
    return { path: `M${x1},${from.y + kNodeHeight} C${x1},${low} ${x2},${low} ${x2},${to.y + kNodeHeight + 7}`, x: (x1 + x2) / 2, y: low - 6, tip: [x2, to.y + kNodeHeight] };
  }
  const [x1, y1, x2, y2] = [from.x + kNodeWidth, from.y + kNodeHeight / 2, to.x, to.y + kNodeHeight / 2];
  const bend = Math.max(30, (x2 - x1) / 2);
  return { path: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2 - 7},${y2}`, x: x1 * 0.42 + x2 * 0.58, y: y1 * 0.35 + y2 * 0.65 - 5, tip: [x2, y2] };
}

export function Arrow({ from, to, back, label, title, bad = false, phase, weight = 1.4 }: {
  from: Placed; to: Placed; back: boolean; label: string; title: string; bad?: boolean; phase?: string; weight?: number;
}) {
  const { path, x, y, tip: [tx, ty] } = edgePath(from, to, back);
  return (
    <g>
      <title>{title}</title>
      <path className={css.edge} d={path} data-bad={bad} data-back={back} data-phase={phase} style={{ strokeWidth: weight }} />
      <path className={css.arrow} data-bad={bad} d={back ? `M${tx},${ty} l-4,8 h8 z` : `M${tx},${ty} l-8,-4 v8 z`} />
      <text className={css.edgeLabel} x={x} y={y}>{label}</text>
    </g>
  );
}

export function NodeBox({ node, label, facts, color, bad = false, on = false, phase, onPick }: {
  node: Placed; label: string; facts: string; color: string; bad?: boolean; on?: boolean; phase?: string; onPick: () => void;
}) {
  return (
    <g className={css.node} transform={`translate(${node.x} ${node.y})`} data-on={on} data-phase={phase} role="button" tabIndex={0} onClick={onPick}
       onKeyDown={(event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); onPick(); } }}>
      <rect width={kNodeWidth} height={kNodeHeight} rx={8} />
      <path d={`M8,0 h1 v${kNodeHeight} h-1 a8,8 0 0 1 -8,-8 v-${kNodeHeight - 16} a8,8 0 0 1 8,-8z`} style={{ fill: `var(${color})` }} />
      <text x={18} y={21}>{oneLine(label, 26)}</text>
      <text className={css.sub} x={18} y={38} style={bad ? { fill: 'var(--bad)' } : undefined}>{facts.slice(0, 40)}</text>
    </g>
  );
}

export function GraphCanvas({ label, graph, tools, note, children }: {
  label: string; graph: { width: number; height: number }; tools: ReactNode; note: ReactNode; children: ReactNode;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<Box | null>(null);
  const drag = useRef<{ x: number; y: number; box: Box } | null>(null);
  const reset = () => setBox(fit(graph, host.current!.clientWidth || 1, host.current!.clientHeight || 1));
  useEffect(() => {
    const element = host.current!;
    const observer = new ResizeObserver(() => setBox(fit(graph, element.clientWidth || 1, element.clientHeight || 1)));
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
  const begin = (event: React.PointerEvent<HTMLDivElement>) => {
    if (!box || (event.target as Element).closest(`.${css.node}`)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, box };
  };
  const move = (event: React.PointerEvent) => {
    if (!drag.current) return;
    const { x, y, box: old } = drag.current;
    const scale = old.width / host.current!.clientWidth;
    setBox({ ...old, x: old.x - (event.clientX - x) * scale, y: old.y - (event.clientY - y) * scale });
  };
  return (
    <>
      <div className={css.tools}>
        {tools}<span className={css.grow} />
        <Button onClick={() => zoom(1 / 1.3)} label="Zoom in">+</Button><Button onClick={() => zoom(1.3)} label="Zoom out">−</Button><Button onClick={reset}>Fit</Button>
      </div>
      <div ref={host} className={css.graph} onPointerDown={begin} onPointerMove={move} onPointerUp={() => { drag.current = null; }}>
        <svg viewBox={box ? `${box.x} ${box.y} ${box.width} ${box.height}` : `0 0 ${graph.width} ${graph.height}`} role="group" aria-label={label}>{children}</svg>
        <p className={css.note}>{note}</p>
      </div>
    </>
  );
}
